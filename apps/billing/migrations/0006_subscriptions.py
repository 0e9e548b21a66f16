import apps.billing.models.subscriptions
import apps.common.ids
import apps.common.models
import apps.common.money
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('billing', '0005_invoices'),
        ('hospitals', '0007_limits_of_subscriptions'),
    ]

    operations = [
        migrations.CreateModel(
            name='SubscriptionPlan',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('text_status', apps.common.models.TextStatusField(default=dict, editable=False, verbose_name='status of the texts')),
                ('code', models.SlugField(max_length=60, unique=True, verbose_name='code')),
                ('audience', models.CharField(choices=[('hospital', 'For hospitals'), ('doctor', 'For doctors')], max_length=8, verbose_name='for whom')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('name_en', models.CharField(max_length=120, null=True, verbose_name='name')),
                ('name_ar', models.CharField(max_length=120, null=True, verbose_name='name')),
                ('name_hi', models.CharField(max_length=120, null=True, verbose_name='name')),
                ('name_es', models.CharField(max_length=120, null=True, verbose_name='name')),
                ('name_fr', models.CharField(max_length=120, null=True, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('description_en', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_ar', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_hi', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_es', models.TextField(blank=True, null=True, verbose_name='description')),
                ('description_fr', models.TextField(blank=True, null=True, verbose_name='description')),
                ('interval', models.CharField(choices=[('month', 'A month'), ('year', 'A year')], default='month', max_length=5, verbose_name='paid for')),
                ('price', models.DecimalField(decimal_places=3, max_digits=14, validators=[django.core.validators.MinValueValidator(0)], verbose_name='price')),
                ('currency', models.CharField(max_length=3, validators=[apps.common.money.validate_currency], verbose_name='currency')),
                ('trial_days', models.PositiveSmallIntegerField(default=0, help_text='0 for no trial. Nobody has a second one.', validators=[django.core.validators.MaxValueValidator(90)], verbose_name='days of trial')),
                ('max_doctors', models.PositiveIntegerField(blank=True, null=True, verbose_name='doctors at most')),
                ('max_appointments_per_month', models.PositiveIntegerField(blank=True, null=True, verbose_name='appointments a month at most')),
                ('is_active', models.BooleanField(default=True, help_text='Who has it keeps it.', verbose_name='offered')),
                ('position', models.PositiveSmallIntegerField(default=0, help_text='The lowest comes first.', verbose_name='position')),
            ],
            options={
                'verbose_name': 'plan',
                'verbose_name_plural': 'plans',
                'ordering': ['position', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='plan_price_is_not_negative'), models.CheckConstraint(condition=models.Q(('audience__in', ['hospital', 'doctor'])), name='plan_is_for_whom'), models.CheckConstraint(condition=models.Q(('interval__in', ['month', 'year'])), name='plan_interval_is_known'), models.CheckConstraint(condition=models.Q(('trial_days__lte', 90)), name='plan_trial_is_a_quarter_at_most'), models.CheckConstraint(condition=models.Q(('audience', 'hospital'), ('max_doctors', None), _connector='OR'), name='plan_limits_doctors_of_hospitals_only'), models.CheckConstraint(condition=models.Q(('price', models.Func(models.F('price'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='plan_price_fits_its_currency')],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('number', models.CharField(default=apps.billing.models.subscriptions.new_subscription_number, editable=False, max_length=20, unique=True, verbose_name='number')),
                ('status', models.CharField(choices=[('pending', 'Waits for its first payment'), ('trialing', 'Trial'), ('active', 'Active'), ('past_due', 'Payment overdue'), ('ended', 'Ended')], default='pending', max_length=8, verbose_name='status')),
                ('starts_on', models.DateField(blank=True, null=True, verbose_name='period from')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='period through')),
                ('anchor_day', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(31)], verbose_name='begins on day')),
                ('auto_renew', models.BooleanField(default=True, verbose_name='renewed by itself')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('past_due_at', models.DateTimeField(blank=True, null=True, verbose_name='overdue since')),
                ('grace_until', models.DateField(blank=True, null=True, verbose_name='grace through')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='times charged or asked')),
                ('next_charge_at', models.DateTimeField(blank=True, null=True, verbose_name='charged or asked next at')),
                ('warned_of', models.DateField(blank=True, null=True, verbose_name='warned of')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('doctor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='hospitals.doctor', verbose_name='doctor')),
                ('hospital', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='hospitals.hospital', verbose_name='hospital')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.mandate', verbose_name='charged by leave')),
                ('payer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to=settings.AUTH_USER_MODEL, verbose_name='paid by')),
                ('next_plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.subscriptionplan', verbose_name='plan from the next period')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='billing.subscriptionplan', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'subscription',
                'verbose_name_plural': 'subscriptions',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['-created_at', '-id'], name='subscription_latest'), models.Index(fields=['status', '-created_at', '-id'], name='subscription_by_status'), models.Index(fields=['plan', '-created_at', '-id'], name='subscription_by_plan'), models.Index(condition=models.Q(('status__in', ['trialing', 'active'])), fields=['ends_on', 'id'], name='subscription_to_renew'), models.Index(condition=models.Q(('status', 'past_due')), fields=['grace_until', 'id'], name='subscription_past_due'), models.Index(condition=models.Q(('next_charge_at__isnull', False)), fields=['next_charge_at'], name='subscription_to_charge')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('doctor', None), ('hospital__isnull', False)), models.Q(('doctor__isnull', False), ('hospital', None)), _connector='OR'), name='subscription_is_a_hospitals_or_a_doctors'), models.UniqueConstraint(condition=models.Q(('hospital__isnull', False), ('status__in', ('pending', 'trialing', 'active', 'past_due'))), fields=('hospital',), name='subscription_one_of_a_hospital'), models.UniqueConstraint(condition=models.Q(('doctor__isnull', False), ('status__in', ('pending', 'trialing', 'active', 'past_due'))), fields=('doctor',), name='subscription_one_of_a_doctor'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'trialing', 'active', 'past_due', 'ended'])), name='subscription_status_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('ends_on', None), ('starts_on', None), ('status__in', ['pending', 'ended'])), models.Q(('ends_on__gte', models.F('starts_on')), ('starts_on__isnull', False)), _connector='OR'), name='subscription_in_force_has_a_period'), models.CheckConstraint(condition=models.Q(('anchor_day__gte', 1), ('anchor_day__lte', 31)), name='subscription_begins_on_a_day'), models.CheckConstraint(condition=models.Q(('cancelled_at', None), ('auto_renew', False), _connector='OR'), name='subscription_cancelled_is_not_renewed'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('status', 'past_due'), _negated=True), ('grace_until', None), ('past_due_at', None)), models.Q(('grace_until__isnull', False), ('past_due_at__isnull', False), ('status', 'past_due')), _connector='OR'), name='subscription_overdue_says_until_when'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('next_charge_at', None), ('status', 'ended')), models.Q(models.Q(('status', 'ended'), _negated=True), ('ended_at', None)), _connector='OR'), name='subscription_ended_says_when')],
            },
        ),
        migrations.CreateModel(
            name='SubscriptionEvent',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('from_status', models.CharField(blank=True, choices=[('pending', 'Waits for its first payment'), ('trialing', 'Trial'), ('active', 'Active'), ('past_due', 'Payment overdue'), ('ended', 'Ended')], max_length=8, verbose_name='from')),
                ('to_status', models.CharField(choices=[('pending', 'Waits for its first payment'), ('trialing', 'Trial'), ('active', 'Active'), ('past_due', 'Payment overdue'), ('ended', 'Ended')], max_length=8, verbose_name='to')),
                ('code', models.CharField(blank=True, max_length=20, verbose_name='what')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='billing.subscription', verbose_name='subscription')),
            ],
            options={
                'verbose_name': 'event of a subscription',
                'verbose_name_plural': 'events of subscriptions',
                'ordering': ['at', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SubscriptionPeriod',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(verbose_name='through')),
                ('currency', models.CharField(max_length=3, validators=[apps.common.money.validate_currency], verbose_name='currency')),
                ('price', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='price')),
                ('credit', models.DecimalField(decimal_places=3, default=0, max_digits=14, verbose_name='credit')),
                ('taken_up_at', models.DateTimeField(blank=True, null=True, verbose_name='in force since')),
                ('voided_at', models.DateTimeField(blank=True, null=True, verbose_name='void since')),
                ('replaced_on', models.DateField(blank=True, null=True, verbose_name='replaced on')),
                ('bill', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.bill', verbose_name='bill')),
                ('subscription', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='periods', to='billing.subscription', verbose_name='subscription')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.subscriptionplan', verbose_name='plan')),
            ],
            options={
                'verbose_name': 'period of a subscription',
                'verbose_name_plural': 'periods of subscriptions',
                'ordering': ['-number'],
                'indexes': [models.Index(condition=models.Q(('taken_up_at', None), ('voided_at', None)), fields=['created_at'], name='subscription_period_waiting')],
                'constraints': [models.UniqueConstraint(fields=('subscription', 'number'), name='subscription_period_once'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='subscription_period_ends_after_its_start'), models.CheckConstraint(condition=models.Q(('taken_up_at', None), ('voided_at', None), _connector='OR'), name='subscription_period_void_or_not'), models.CheckConstraint(condition=models.Q(('credit__lte', models.F('price'))), name='subscription_period_credit_is_at_most_its_price'), models.CheckConstraint(condition=models.Q(('credit__gte', 0), ('price__gte', 0)), name='subscription_period_sums_are_not_negative'), models.CheckConstraint(condition=models.Q(('price', models.Func(models.F('price'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='subscription_period_price_fits_its_currency'), models.CheckConstraint(condition=models.Q(('credit', models.Func(models.F('credit'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='subscription_period_credit_fits_its_currency')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscriptionplan',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at', 'text_status']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at', 'text_status']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='2bf5fbfbdefdc260883ba47ca5e0d2657d58c765', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_5b13c', table='billing_subscriptionplan', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscriptionplan',
            trigger=pgtrigger.compiler.Trigger(name='keep_text_status', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF TG_OP = 'UPDATE' AND ROW(OLD.name_en, OLD.name_ar, OLD.name_hi, OLD.name_es, OLD.name_fr, OLD.description_en, OLD.description_ar, OLD.description_hi, OLD.description_es, OLD.description_fr, OLD.text_status) IS NOT DISTINCT FROM ROW(NEW.name_en, NEW.name_ar, NEW.name_hi, NEW.name_es, NEW.name_fr, NEW.description_en, NEW.description_ar, NEW.description_hi, NEW.description_es, NEW.description_fr, NEW.text_status) THEN\n                RETURN NEW;\n            END IF;\n            NEW.text_status := medivoy_text_status(\n                'en', jsonb_build_object('name', jsonb_build_object('en', OLD.name_en, 'ar', OLD.name_ar, 'hi', OLD.name_hi, 'es', OLD.name_es, 'fr', OLD.name_fr), 'description', jsonb_build_object('en', OLD.description_en, 'ar', OLD.description_ar, 'hi', OLD.description_hi, 'es', OLD.description_es, 'fr', OLD.description_fr)), jsonb_build_object('name', jsonb_build_object('en', NEW.name_en, 'ar', NEW.name_ar, 'hi', NEW.name_hi, 'es', NEW.name_es, 'fr', NEW.name_fr), 'description', jsonb_build_object('en', NEW.description_en, 'ar', NEW.description_ar, 'hi', NEW.description_hi, 'es', NEW.description_es, 'fr', NEW.description_fr)), OLD.text_status, NEW.text_status\n            );\n            RETURN NEW;\n        ", hash='0e66254828aa8e6c3cc081f09155bcc249898840', operation='INSERT OR UPDATE OF "name_en", "name_ar", "name_hi", "name_es", "name_fr", "description_en", "description_ar", "description_hi", "description_es", "description_fr", "text_status"', pgid='pgtrigger_keep_text_status_7f18d', table='billing_subscriptionplan', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscriptionevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b439b6c2e560b74a06f25e89d502c23279fb200c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d89a3', table='billing_subscriptionevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscriptionperiod',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='e8b759e582053d6393eb31fafd3ad242f8bff89c', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_c14b7', table='billing_subscriptionperiod', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscription',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at', 'attempts', 'next_charge_at', 'warned_of']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at', 'attempts', 'next_charge_at', 'warned_of']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='1986d8b38d37d58503aade68ce86ba1c4a488890', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_984a4', table='billing_subscription', when='AFTER')),
        ),
    ]
