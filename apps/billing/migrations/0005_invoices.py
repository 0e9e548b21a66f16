import apps.common.ids
import apps.common.money
import apps.common.wall_time
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('billing', '0004_cancellation_policies'),
        ('hospitals', '0006_bank_account'),
    ]

    operations = [
        migrations.CreateModel(
            name='InvoiceIssuer',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('legal_name', models.CharField(max_length=200, verbose_name='legal name')),
                ('address', models.TextField(max_length=500, verbose_name='address')),
                ('tax_number', models.CharField(blank=True, max_length=60, verbose_name='tax number')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('series_prefix', models.CharField(help_text='As in MV-2026-000123. A change holds from the next year on.', max_length=8, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9]{1,7}$', 'Give 2 to 8 capital letters and digits.')], verbose_name='prefix of its numbers')),
                ('time_zone', models.CharField(default='UTC', help_text='Whose calendar says the day and the year of an invoice.', max_length=64, validators=[apps.common.wall_time.validate_zone], verbose_name='time zone')),
                ('footer', models.TextField(blank=True, help_text='Bank account and whatever the law wants at the end.', max_length=600, verbose_name='footer')),
                ('hospital', models.ForeignKey(blank=True, db_index=False, help_text='None for Medivoy itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.hospital', verbose_name='hospital')),
            ],
            options={
                'verbose_name': 'issuer of invoices',
                'verbose_name_plural': 'issuers of invoices',
                'ordering': ['legal_name'],
                'constraints': [models.UniqueConstraint(fields=('hospital',), name='invoice_issuer_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('legal_name', ''), _negated=True), models.Q(('address', ''), _negated=True)), name='invoice_issuer_says_who_and_where')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceSeries',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('invoice', 'Invoice'), ('advance_receipt', 'Advance payment receipt'), ('credit_note', 'Credit note')], max_length=16, verbose_name='kind')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('prefix', models.CharField(max_length=20, verbose_name='prefix')),
                ('last_number', models.PositiveIntegerField(verbose_name='last number')),
                ('issuer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='series', to='billing.invoiceissuer', verbose_name='issuer')),
            ],
            options={
                'verbose_name': 'series of invoices',
                'verbose_name_plural': 'series of invoices',
                'ordering': ['-year', 'prefix'],
                'constraints': [models.UniqueConstraint(fields=('issuer', 'kind', 'year'), name='invoice_series_once_a_year'), models.UniqueConstraint(fields=('prefix', 'year'), name='invoice_series_prefix_once_a_year'), models.CheckConstraint(condition=models.Q(('kind__in', ['invoice', 'advance_receipt', 'credit_note'])), name='invoice_series_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('kind', models.CharField(choices=[('invoice', 'Invoice'), ('advance_receipt', 'Advance payment receipt'), ('credit_note', 'Credit note')], max_length=16, verbose_name='kind')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='number')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('sequence', models.PositiveIntegerField(verbose_name='number within the series')),
                ('issued_at', models.DateTimeField(verbose_name='issued at')),
                ('issued_on', models.DateField(verbose_name='issued on')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due on')),
                ('language', models.CharField(max_length=5, verbose_name='language')),
                ('currency', models.CharField(max_length=3, validators=[apps.common.money.validate_currency], verbose_name='currency')),
                ('net', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='net')),
                ('discount', models.DecimalField(decimal_places=3, default=0, max_digits=14, verbose_name='discount')),
                ('tax', models.DecimalField(decimal_places=3, default=0, max_digits=14, verbose_name='tax')),
                ('total', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='total')),
                ('document', models.JSONField(verbose_name='document')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('bill', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='billing.bill', verbose_name='bill')),
                ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='billing.invoice', verbose_name='corrects')),
                ('hospital', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.hospital', verbose_name='hospital')),
                ('issued_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='issued by')),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='billing.payment', verbose_name='payment')),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to=settings.AUTH_USER_MODEL, verbose_name='to')),
                ('issuer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.invoiceissuer', verbose_name='issuer')),
                ('series', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='billing.invoiceseries', verbose_name='series')),
            ],
            options={
                'verbose_name': 'invoice',
                'verbose_name_plural': 'invoices',
                'ordering': ['-issued_at', '-id'],
                'indexes': [models.Index(fields=['-issued_at', '-id'], name='invoice_latest'), models.Index(fields=['recipient', '-issued_at', '-id'], name='invoice_by_recipient'), models.Index(fields=['hospital', '-issued_at', '-id'], name='invoice_by_hospital'), models.Index(fields=['issuer', '-issued_at', '-id'], name='invoice_by_issuer'), models.Index(fields=['kind', '-issued_at', '-id'], name='invoice_by_kind'), models.Index(fields=['issued_on'], name='invoice_by_day')],
                'constraints': [models.UniqueConstraint(fields=('series', 'sequence'), name='invoice_number_once'), models.UniqueConstraint(condition=models.Q(('kind', 'invoice')), fields=('bill',), name='invoice_once_for_a_bill'), models.UniqueConstraint(condition=models.Q(('kind', 'advance_receipt')), fields=('payment',), name='receipt_once_for_a_payment'), models.CheckConstraint(condition=models.Q(models.Q(('bill__isnull', False), ('corrects', None), ('kind', 'invoice'), ('payment', None)), models.Q(('corrects', None), ('kind', 'advance_receipt'), ('payment__isnull', False)), models.Q(('corrects__isnull', False), ('kind', 'credit_note')), _connector='OR'), name='invoice_kind_says_what_for'), models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('net__gte', 0), ('tax__gte', 0), ('total__gte', 0)), name='invoice_sums_are_not_negative'), models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('tax')))), name='invoice_total_is_net_and_tax'), models.CheckConstraint(condition=models.Q(('net', models.Func(models.F('net'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='invoice_net_fits_its_currency'), models.CheckConstraint(condition=models.Q(('discount', models.Func(models.F('discount'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='invoice_discount_fits_its_currency'), models.CheckConstraint(condition=models.Q(('tax', models.Func(models.F('tax'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='invoice_tax_fits_its_currency'), models.CheckConstraint(condition=models.Q(('total', models.Func(models.F('total'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='invoice_total_fits_its_currency')],
            },
        ),
        migrations.CreateModel(
            name='InvoiceSending',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('invoice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sendings', to='billing.invoice', verbose_name='invoice')),
                ('to', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='to')),
            ],
            options={
                'verbose_name': 'sending of an invoice',
                'verbose_name_plural': 'sendings of invoices',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='InvoicingNews',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('look_at', models.DateTimeField(verbose_name='to be looked at')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('failure', models.CharField(blank=True, max_length=60, verbose_name='why it failed')),
                ('bill', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.bill', verbose_name='bill')),
                ('payment', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.payment', verbose_name='payment')),
            ],
            options={
                'verbose_name': 'news for invoicing',
                'verbose_name_plural': 'news for invoicing',
                'ordering': ['look_at', 'id'],
                'indexes': [models.Index(fields=['look_at', 'id'], name='invoicing_news_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('bill__isnull', False), ('payment__isnull', False), _connector='OR'), name='invoicing_news_is_of_something')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceissuer',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='f8fa188fe93c7829694693f04e4857869e41e560', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_f2517', table='billing_invoiceissuer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceissuer',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7697774472fb25e7e572da25074fad363b6b1549', operation='DELETE', pgid='pgtrigger_never_deleted_fa602', table='billing_invoiceissuer', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoicesending',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9fee9e3a88aa2259b369b5cee35a6605147b5db7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_eccca', table='billing_invoicesending', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceseries',
            trigger=pgtrigger.compiler.Trigger(name='one_at_a_time', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NEW.last_number <> OLD.last_number + 1 OR NEW.issuer_id <> OLD.issuer_id OR NEW.kind <> OLD.kind\n       OR NEW.year <> OLD.year OR NEW.prefix <> OLD.prefix THEN\n        RAISE EXCEPTION 'a series of invoices is counted up by one, and nothing else of it changes';\n    END IF;\n    RETURN NEW;\n", hash='f0b8a94136467565ee52adaf4a8ad690649fc36c', operation='UPDATE', pgid='pgtrigger_one_at_a_time_3a6b7', table='billing_invoiceseries', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceseries',
            trigger=pgtrigger.compiler.Trigger(name='begins_with_one', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NEW.last_number <> 1 THEN\n        RAISE EXCEPTION 'a series of invoices begins with one';\n    END IF;\n    RETURN NEW;\n", hash='bc31dba16eb9bdc31aad2415cc1b49e6b368978c', operation='INSERT', pgid='pgtrigger_begins_with_one_8d565', table='billing_invoiceseries', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceseries',
            trigger=pgtrigger.compiler.Trigger(name='each_number_is_used', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n    IF NOT EXISTS (SELECT 1 FROM billing_invoice WHERE series_id = NEW.id AND sequence = NEW.last_number) THEN\n        RAISE EXCEPTION 'number % of series % was taken and no invoice bears it', NEW.last_number, NEW.prefix;\n    END IF;\n    RETURN NULL;\n", hash='08d9fefd1fc00a96b894d7d5b31b61cff98376e7', operation='INSERT OR UPDATE', pgid='pgtrigger_each_number_is_used_9dc4e', table='billing_invoiceseries', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceseries',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='276ff806c11cc98ba5ec2b38ef98a4fc0617655c', operation='DELETE', pgid='pgtrigger_never_deleted_f0c1f', table='billing_invoiceseries', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoiceseries',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'series of invoices are never removed';", hash='8ca02ef428aae200ebaba479ec6fec26c6335396', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_75cc9', table='billing_invoiceseries', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['document']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='ac01344f8d9a0cb75f9bb10b226ac80b753a3308', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_352f9', table='billing_invoice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='unchangeable', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d41c5183438efe6fcd2464180387897413c37863', operation='UPDATE OR DELETE', pgid='pgtrigger_unchangeable_b697a', table='billing_invoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='counted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (\n        SELECT 1 FROM billing_invoiceseries s\n        WHERE s.id = NEW.series_id AND s.last_number = NEW.sequence AND s.issuer_id = NEW.issuer_id\n          AND s.kind = NEW.kind AND s.year = NEW.year\n    ) THEN\n        RAISE EXCEPTION 'an invoice bears the number that its series has just counted';\n    END IF;\n    RETURN NEW;\n", hash='85c3cb5ffabe0c2dd8b73442a7a36f29014f4d5d', operation='INSERT', pgid='pgtrigger_counted_4a6c9', table='billing_invoice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invoice',
            trigger=pgtrigger.compiler.Trigger(name='no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'invoices are never removed';", hash='912be8574be04cfbd66124c4fcb05e47c7d4f4e3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_no_truncate_beee2', table='billing_invoice', when='BEFORE')),
        ),
    ]
