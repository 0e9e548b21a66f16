import apps.common.ids
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('billing', '0003_ledger'),
        ('hospitals', '0006_bank_account'),
    ]

    operations = [
        migrations.CreateModel(
            name='CancellationPolicy',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('name', models.CharField(max_length=50, verbose_name='name')),
                ('subject_type', models.CharField(choices=[('appointment', 'Appointments'), ('booking', 'Treatment trips')], max_length=30, verbose_name='for')),
                ('hospital', models.ForeignKey(blank=True, help_text='Empty: for all hospitals that have no policy of their own.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.hospital', verbose_name='hospital')),
            ],
            options={
                'verbose_name': 'cancellation policy',
                'verbose_name_plural': 'cancellation policies',
                'ordering': ['subject_type', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('subject_type__in', ['appointment', 'booking'])), name='cancellation_policy_for_a_kind'), models.UniqueConstraint(fields=('subject_type', 'hospital'), name='cancellation_policy_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='CancellationPolicyVersion',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('number', models.PositiveSmallIntegerField(verbose_name='version')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published at')),
                ('policy', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='billing.cancellationpolicy', verbose_name='policy')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
            ],
            options={
                'verbose_name': 'version of a cancellation policy',
                'verbose_name_plural': 'versions of cancellation policies',
                'ordering': ['policy_id', '-number'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'number'), name='cancellation_policy_version_once'), models.UniqueConstraint(condition=models.Q(('published_at', None)), fields=('policy',), name='cancellation_policy_one_draft')],
            },
        ),
        migrations.CreateModel(
            name='CancellationTier',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('actor', models.CharField(choices=[('patient', 'Patient'), ('hospital', 'Hospital'), ('platform', 'Medivoy'), ('visa_refused', 'Visa refused'), ('medically_unfit', 'Medically unfit to travel')], max_length=16, verbose_name='cancelled by')),
                ('hours_before', models.PositiveIntegerField(help_text='168 hours are a week.', validators=[django.core.validators.MaxValueValidator(8784)], verbose_name='hours before, at least')),
                ('percent', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(100)], verbose_name='percent given back')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tiers', to='billing.cancellationpolicyversion', verbose_name='version')),
            ],
            options={
                'verbose_name': 'step of a cancellation policy',
                'verbose_name_plural': 'steps of cancellation policies',
                'ordering': ['version_id', 'actor', '-hours_before'],
                'constraints': [models.CheckConstraint(condition=models.Q(('actor__in', ['patient', 'hospital', 'platform', 'visa_refused', 'medically_unfit'])), name='cancellation_actor_is_known'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='cancellation_percent_is_at_most_all'), models.UniqueConstraint(fields=('version', 'actor', 'hours_before'), name='cancellation_tier_once')],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='refund',
            name='audit',
        ),
        migrations.AddField(
            model_name='bill',
            name='cancelled_as',
            field=models.CharField(blank=True, choices=[('patient', 'Patient'), ('hospital', 'Hospital'), ('platform', 'Medivoy'), ('visa_refused', 'Visa refused'), ('medically_unfit', 'Medically unfit to travel')], max_length=16, verbose_name='cancelled by'),
        ),
        migrations.AddField(
            model_name='bill',
            name='cancelled_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='cancelled at'),
        ),
        migrations.AddField(
            model_name='refund',
            name='paid_out_on',
            field=models.DateField(blank=True, null=True, verbose_name='paid out on'),
        ),
        migrations.AddField(
            model_name='refund',
            name='reference',
            field=models.CharField(blank=True, help_text='As on the bank statement.', max_length=140, verbose_name='reference'),
        ),
        migrations.AddIndex(
            model_name='moneytask',
            index=models.Index(fields=['kind', '-opened_at', '-id'], name='money_task_by_kind'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('gateway', 'offline'), ('status', 'succeeded'), _negated=True), ('paid_out_on__isnull', False), _connector='OR'), name='refund_paid_out_says_when'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='refund',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at', 'attempts', 'next_attempt_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at', 'attempts', 'next_attempt_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['reference']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='563c2078a8eb78202b3be751fdfd61186c7e08bd', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_4cf35', table='billing_refund', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cancellationpolicy',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='8111f9588d2881e122b9eb53de2ba9e11fdc4370', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_2653f', table='billing_cancellationpolicy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cancellationpolicyversion',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='a7926d006ca3b2d478faf57d6ac4ee50d93c5f03', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_85a9a', table='billing_cancellationpolicyversion', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cancellationpolicyversion',
            trigger=pgtrigger.compiler.Trigger(name='published_is_unchangeable', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."published_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e97ea99f8f6ef03499fe485133b7bdb8d572c649', operation='UPDATE OR DELETE', pgid='pgtrigger_published_is_unchangeable_9c179', table='billing_cancellationpolicyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cancellationtier',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='688134d8bab2081dff9ce8fbdc0e04482857b786', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_994af', table='billing_cancellationtier', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cancellationtier',
            trigger=pgtrigger.compiler.Trigger(name='published_is_unchangeable', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (SELECT FROM billing_cancellationpolicyversion\n                                WHERE published_at IS NOT NULL\n                                  AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.version_id END,\n                                             CASE WHEN TG_OP <> 'DELETE' THEN NEW.version_id END)) THEN\n                        RAISE EXCEPTION 'published cancellation terms never change';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                ", hash='eaddc6c7891610d8b7fcb039af82b7dbb2c1ccb9', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_published_is_unchangeable_0f508', table='billing_cancellationtier', when='BEFORE')),
        ),
    ]
