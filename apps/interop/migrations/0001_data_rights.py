import apps.common.encryption
import apps.common.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('clinical', '0002_record'),
        ('media', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DataExport',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('language', models.CharField(choices=[('en', 'English'), ('ar', 'العربية'), ('hi', 'हिन्दी'), ('es', 'Español'), ('fr', 'Français')], default='en', max_length=5, verbose_name='language')),
                ('status', models.CharField(choices=[('pending', 'Being made'), ('ready', 'Ready'), ('failed', 'Could not be made'), ('expired', 'No longer there')], default='pending', max_length=10, verbose_name='status')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='parts done')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='parts in all')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('claimed_until', models.DateTimeField(blank=True, null=True, verbose_name="a worker's own until")),
                ('ready_at', models.DateTimeField(blank=True, null=True, verbose_name='ready at')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.storedfile', verbose_name='file')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='data_exports', to='clinical.patient', verbose_name='patient')),
            ],
            options={
                'verbose_name': 'data export',
                'verbose_name_plural': 'data exports',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['patient', '-created_at'], name='data_export_by_patient'), models.Index(condition=models.Q(('status', 'pending')), fields=['created_at'], name='data_export_to_make'), models.Index(condition=models.Q(('status', 'ready')), fields=['expires_at'], name='data_export_to_expire'), models.Index(fields=['-created_at', '-id'], name='data_export_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'ready', 'failed', 'expired'])), name='data_export_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('expires_at__isnull', False), ('file__isnull', False), ('status', 'ready')), models.Q(models.Q(('status', 'ready'), _negated=True), ('file', None)), _connector='OR'), name='data_export_is_there_while_ready'), models.UniqueConstraint(condition=models.Q(('status', 'pending')), fields=('patient',), name='data_export_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted at')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='clinical.patient', verbose_name='patient')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='placed by')),
            ],
            options={
                'verbose_name': 'erasure hold',
                'verbose_name_plural': 'erasure holds',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['-created_at', '-id'], name='legal_hold_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='legal_hold_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='legal_hold_lifting_says_who'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('patient',), name='legal_hold_one_of_a_patient')],
            },
        ),
        migrations.CreateModel(
            name='SealedIdentity',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('identity', apps.common.encryption.EncryptedTextField(max_length=1000, verbose_name='identity')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sealed_identity', to='clinical.patient', verbose_name='patient')),
            ],
            options={
                'verbose_name': 'sealed identity',
                'verbose_name_plural': 'sealed identities',
            },
        ),
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('status', models.CharField(choices=[('waiting', 'Closed, can be reopened'), ('reopened', 'Reopened'), ('erasing', 'Being erased'), ('retained', 'Erased, but for what must be kept'), ('erased', 'Erased')], default='waiting', max_length=10, verbose_name='status')),
                ('erase_at', models.DateTimeField(verbose_name='to be erased from')),
                ('reopened_at', models.DateTimeField(blank=True, null=True, verbose_name='reopened at')),
                ('reopening_note', models.CharField(blank=True, max_length=500, verbose_name='why it was reopened')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='erased at')),
                ('keep_until', models.DateField(blank=True, null=True, verbose_name='the rest is kept until')),
                ('done', models.PositiveSmallIntegerField(default=0, verbose_name='parts done')),
                ('total', models.PositiveSmallIntegerField(default=0, verbose_name='parts in all')),
                ('claimed_until', models.DateTimeField(blank=True, null=True, verbose_name="a worker's own until")),
                ('report', models.JSONField(blank=True, default=dict, verbose_name='report')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='clinical.patient', verbose_name='patient')),
                ('reopened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reopened by')),
            ],
            options={
                'verbose_name': 'account closure',
                'verbose_name_plural': 'account closures',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('status', 'waiting')), fields=['erase_at'], name='closure_to_erase'), models.Index(condition=models.Q(('status', 'retained')), fields=['keep_until'], name='closure_to_finish'), models.Index(fields=['patient', '-created_at'], name='closure_by_patient'), models.Index(fields=['-created_at', '-id'], name='closure_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'reopened', 'erasing', 'retained', 'erased'])), name='closure_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('reopened_at__isnull', False), ('status', 'reopened')), models.Q(models.Q(('status', 'reopened'), _negated=True), ('reopened_at', None)), _connector='OR'), name='closure_reopened_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'retained'), _negated=True), ('keep_until__isnull', False), _connector='OR'), name='closure_retained_says_until_when'), models.UniqueConstraint(condition=models.Q(('status', 'reopened'), _negated=True), fields=('patient',), name='closure_one_of_a_patient')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='closure',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at', 'claimed_until', 'done', 'total']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at', 'claimed_until', 'done', 'total']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['reopening_note']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='8a20b3db4143223eb27fa713491adc92f5a7e1bc', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_b2b95', table='interop_closure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dataexport',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at', 'claimed_until', 'done', 'total', 'attempts']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at', 'claimed_until', 'done', 'total', 'attempts']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='9b4c89b244245678616f5bda85b7e8f150cf46c8', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_749d3', table='interop_dataexport', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['reason']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='34b5e1030e817eef6c78d291ac071a25fa50ec15', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_71358', table='interop_legalhold', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sealedidentity',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['identity']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='c29c8d36c862fd158e9b451d233aeecfc94e3a00', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_2a45e', table='interop_sealedidentity', when='AFTER')),
        ),
    ]
