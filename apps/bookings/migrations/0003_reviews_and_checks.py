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
        ('bookings', '0002_initial'),
        ('clinical', '0001_initial'),
        ('hospitals', '0004_derived_columns'),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarCheck',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField(db_index=True, verbose_name='due at')),
                ('doctor', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='hospitals.doctor', verbose_name='doctor')),
            ],
            options={
                'verbose_name': 'calendar check',
                'verbose_name_plural': 'calendar checks',
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('rating', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='rating')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('language', models.CharField(choices=[('en', 'English'), ('ar', 'العربية'), ('hi', 'हिन्दी'), ('es', 'Español'), ('fr', 'Français')], max_length=5, verbose_name='language')),
                ('status', models.CharField(choices=[('pending', 'Waits to be verified'), ('published', 'Published'), ('rejected', 'Rejected')], default='pending', max_length=10, verbose_name='status')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published at')),
                ('rejection_reason', models.TextField(blank=True, verbose_name='reason for rejection')),
                ('reply', models.TextField(blank=True, verbose_name='reply')),
                ('replied_at', models.DateTimeField(blank=True, null=True, verbose_name='replied at')),
                ('appointment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='bookings.appointment', verbose_name='appointment')),
                ('doctor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='hospitals.doctor', verbose_name='doctor')),
                ('hospital', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='hospitals.hospital', verbose_name='hospital')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='clinical.patient', verbose_name='patient')),
                ('replied_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='replied by')),
            ],
            options={
                'verbose_name': 'review',
                'verbose_name_plural': 'reviews',
                'ordering': ['-created_at', 'id'],
                'indexes': [models.Index(condition=models.Q(('status', 'published')), fields=['doctor', '-published_at', '-id'], include=('rating',), name='review_of_doctor_newest'), models.Index(condition=models.Q(('status', 'published')), fields=['hospital', '-published_at', '-id'], include=('rating',), name='review_of_hospital_newest'), models.Index(fields=['status', '-created_at'], name='review_by_status'), models.Index(fields=['doctor'], name='review_by_doctor'), models.Index(fields=['hospital'], name='review_by_hospital'), models.Index(fields=['patient', '-created_at'], name='review_by_patient')],
                'constraints': [models.CheckConstraint(condition=models.Q(('rating__gte', 1), ('rating__lte', 5)), name='review_rating_is_1_to_5'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'published', 'rejected'])), name='review_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', False), ('status', 'published')), models.Q(models.Q(('status', 'published'), _negated=True), ('published_at', None)), _connector='OR'), name='review_published_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'rejected'), _negated=True), models.Q(('rejection_reason', ''), _negated=True), _connector='OR'), name='review_rejection_has_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('replied_at', None), ('replied_by', None), ('reply', '')), models.Q(models.Q(('reply', ''), _negated=True), ('replied_at__isnull', False), ('replied_by__isnull', False)), _connector='OR'), name='review_reply_says_who_and_when')],
            },
        ),
        migrations.CreateModel(
            name='AffiliationBooked',
            fields=[
            ],
            options={
                'verbose_name': 'place of booking',
                'verbose_name_plural': 'places of booking',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('hospitals.affiliation',),
        ),
        migrations.CreateModel(
            name='DoctorBooked',
            fields=[
            ],
            options={
                'verbose_name': "doctor's standing",
                'verbose_name_plural': "doctors' standing",
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('hospitals.doctor',),
        ),
        migrations.CreateModel(
            name='HospitalBooked',
            fields=[
            ],
            options={
                'verbose_name': "hospital's standing",
                'verbose_name_plural': "hospitals' standing",
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('hospitals.hospital',),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) VALUES (COALESCE(NEW.doctor_id, OLD.doctor_id), now()); RETURN NULL;', hash='f6b7c4205e81516d3408fcc1d7ea12c68f29dcc8', operation='INSERT OR UPDATE OF "doctor_id", "starts_at", "ends_at", "status" OR DELETE', pgid='pgtrigger_want_check_11c90', table='bookings_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='doctorschedule',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) VALUES (COALESCE(NEW.doctor_id, OLD.doctor_id), now()); RETURN NULL;', hash='1ea55d0bd713a7ffb788470b735ba7d36782ab24', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_want_check_422a0', table='bookings_doctorschedule', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='timeoff',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) VALUES (COALESCE(NEW.doctor_id, OLD.doctor_id), now()); RETURN NULL;', hash='f72302a68f822b90dfd53eaccd2345ae1d37a5eb', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_want_check_50bc7', table='bookings_timeoff', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='weeklyhours',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) SELECT doctor_id, now() FROM bookings_doctorschedule WHERE id = COALESCE(NEW.schedule_id, OLD.schedule_id); RETURN NULL;', hash='2e77ac184fa2cd360ebcb6235ce89915e9a954be', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_want_check_5f574', table='bookings_weeklyhours', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliationbooked',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) VALUES (COALESCE(NEW.doctor_id, OLD.doctor_id), now()); RETURN NULL;', hash='da0fce4785e5e4b63716fffb3e43548705f8a1fa', operation='INSERT OR UPDATE OF "doctor_id", "hospital_id", "status", "starts_on", "ends_on" OR DELETE', pgid='pgtrigger_want_check_00918', table='hospitals_affiliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='doctorbooked',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.verification, OLD.is_active, OLD.is_account_active, OLD.licensed_until) IS DISTINCT FROM (NEW.verification, NEW.is_active, NEW.is_account_active, NEW.licensed_until))', func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) VALUES (NEW.id, now()); RETURN NULL;', hash='01537c787902e9c92bca605e49812057006e96a9', operation='UPDATE', pgid='pgtrigger_want_check_91468', table='hospitals_doctor', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hospitalbooked',
            trigger=pgtrigger.compiler.Trigger(name='want_check', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.verification, OLD.is_active, OLD.time_zone) IS DISTINCT FROM (NEW.verification, NEW.is_active, NEW.time_zone))', func='INSERT INTO bookings_calendarcheck (doctor_id, due_at) SELECT doctor_id, now() FROM bookings_doctorschedule WHERE hospital_id = NEW.id; RETURN NULL;', hash='c9d0f7e4eee1873d38a65d5d7c3b98ac4f7a5cc5', operation='UPDATE', pgid='pgtrigger_want_check_b5b90', table='hospitals_hospital', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='review',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['patient_id', 'appointment_id', 'text', 'rejection_reason']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='da86943516194137cbbcb010984a9a86e3e59a28', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_159ec', table='bookings_review', when='AFTER')),
        ),
    ]
