import apps.bookings.models.bookings
import apps.common.ids
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('bookings', '0003_reviews_and_checks'),
        ('clinical', '0004_lab_escalation'),
        ('hospitals', '0006_bank_account'),
    ]

    operations = [
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('number', models.CharField(default=apps.bookings.models.bookings.new_number, editable=False, max_length=20, unique=True, verbose_name='number')),
                ('type', models.CharField(choices=[('treatment', 'Treatment'), ('package', 'Package')], max_length=10, verbose_name='type')),
                ('preferred_from', models.DateField(blank=True, null=True, verbose_name='would like to come from')),
                ('preferred_until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('companions', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(9)], verbose_name='companions')),
                ('message', models.TextField(blank=True, max_length=5000, verbose_name='what the patient writes')),
                ('status', models.CharField(choices=[('requested', 'Requested'), ('cancelled', 'Cancelled')], default='requested', max_length=30, verbose_name='status')),
                ('booked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='booked by')),
                ('hospital', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='hospitals.hospital', verbose_name='hospital')),
                ('package', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.package', verbose_name='package')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='clinical.patient', verbose_name='patient')),
                ('treatment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.treatment', verbose_name='treatment')),
            ],
            options={
                'verbose_name': 'treatment booking',
                'verbose_name_plural': 'treatment bookings',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['patient', '-created_at', '-id'], name='booking_by_patient'), models.Index(fields=['hospital', '-created_at', '-id'], name='booking_by_hospital'), models.Index(fields=['status', '-created_at', '-id'], name='booking_by_status'), models.Index(fields=['-created_at', '-id'], name='booking_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'cancelled'])), name='booking_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('package', None), ('treatment__isnull', False), ('type', 'treatment')), models.Q(('package__isnull', False), ('treatment', None), ('type', 'package')), _connector='OR'), name='booking_is_for_one_thing'), models.CheckConstraint(condition=models.Q(('preferred_from', None), ('preferred_until', None), ('preferred_until__gte', models.F('preferred_from')), _connector='OR'), name='booking_dates_are_ordered'), models.UniqueConstraint(condition=models.Q(('status', 'requested')), fields=('patient', 'hospital', 'treatment'), name='booking_one_open_for_a_treatment'), models.UniqueConstraint(condition=models.Q(('status', 'requested')), fields=('patient', 'hospital', 'package'), name='booking_one_open_for_a_package')],
            },
        ),
        migrations.CreateModel(
            name='BookingEvent',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('from_status', models.CharField(blank=True, choices=[('requested', 'Requested'), ('cancelled', 'Cancelled')], max_length=30, verbose_name='from')),
                ('to_status', models.CharField(choices=[('requested', 'Requested'), ('cancelled', 'Cancelled')], max_length=30, verbose_name='to')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('booking', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='bookings.booking', verbose_name='treatment booking')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'move of a treatment booking',
                'verbose_name_plural': 'moves of treatment bookings',
                'ordering': ['at', 'id'],
                'indexes': [models.Index(fields=['booking', 'at'], name='booking_event_by_time')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='booking',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['treatment_id', 'package_id', 'message']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='0c0b867573d37fdad1583cc00f6c23b386345c9d', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_7f5c5', table='bookings_booking', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bookingevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='785d8e730e8f6f05ed7f07abd1a71c8038f0c87b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_72b0a', table='bookings_bookingevent', when='BEFORE')),
        ),
    ]
