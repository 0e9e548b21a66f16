import apps.billing.models.settlements
import apps.common.ids
import apps.common.money
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
        ('billing', '0007_payment_return_url'),
        ('hospitals', '0007_limits_of_subscriptions'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommissionRate',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('percent', models.DecimalField(decimal_places=2, max_digits=5, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)], verbose_name='commission in percent')),
                ('from_on', models.DateField(help_text='The first day of payments that it holds for.', verbose_name='from')),
                ('entered_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
                ('hospital', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commission_rates', to='hospitals.hospital', verbose_name='hospital')),
            ],
            options={
                'verbose_name': 'rate of commission',
                'verbose_name_plural': 'rates of commission',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['hospital', '-from_on', '-created_at'], name='commission_of_hospital'), models.Index(fields=['-created_at', '-id'], name='commission_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('percent__range', (0, 100))), name='commission_is_a_percentage')],
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('number', models.CharField(default=apps.billing.models.settlements.new_settlement_number, editable=False, max_length=20, unique=True, verbose_name='number')),
                ('currency', models.CharField(max_length=3, validators=[apps.common.money.validate_currency], verbose_name='currency')),
                ('until_on', models.DateField(verbose_name='until the end of')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('paid', 'Paid out'), ('discarded', 'Discarded')], default='draft', max_length=10, verbose_name='status')),
                ('collected', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='collected')),
                ('returned', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='returned to payers')),
                ('commission', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='commission')),
                ('total', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='owed to the hospital')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('reference', models.CharField(blank=True, max_length=140, verbose_name='reference at the bank')),
                ('paid_on', models.DateField(blank=True, null=True, verbose_name='paid out on')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approved by')),
                ('hospital', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='settlements', to='hospitals.hospital', verbose_name='hospital')),
                ('prepared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prepared by')),
            ],
            options={
                'verbose_name': 'settlement',
                'verbose_name_plural': 'settlements',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['-created_at', '-id'], name='settlement_latest'), models.Index(fields=['hospital', '-created_at', '-id'], name='settlement_by_hospital'), models.Index(fields=['status', '-created_at', '-id'], name='settlement_by_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'approved', 'paid', 'discarded'])), name='settlement_status_is_known'), models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='settlement_is_positive'), models.CheckConstraint(condition=models.Q(('collected__gte', 0), ('returned__gte', 0)), name='settlement_sums_are_not_negative'), models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('collected'), '-', models.F('returned')), '-', models.F('commission')))), name='settlement_adds_up'), models.CheckConstraint(condition=models.Q(models.Q(('paid_on__isnull', False), ('status', 'paid'), models.Q(('reference', ''), _negated=True)), models.Q(models.Q(('status', 'paid'), _negated=True), ('paid_on', None), ('reference', '')), _connector='OR'), name='settlement_paid_says_how'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('status__in', ['approved', 'paid'])), models.Q(('approved_at', None), ('approved_by', None), ('status__in', ['draft', 'discarded'])), _connector='OR'), name='settlement_approval_has_a_time'), models.CheckConstraint(condition=models.Q(('collected', models.Func(models.F('collected'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_collected_fits_its_currency'), models.CheckConstraint(condition=models.Q(('returned', models.Func(models.F('returned'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_returned_fits_its_currency'), models.CheckConstraint(condition=models.Q(('commission', models.Func(models.F('commission'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_commission_fits_its_currency'), models.CheckConstraint(condition=models.Q(('total', models.Func(models.F('total'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_total_fits_its_currency')],
            },
        ),
        migrations.CreateModel(
            name='SettlementLine',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('position', models.PositiveIntegerField(verbose_name='position')),
                ('currency', models.CharField(max_length=3, validators=[apps.common.money.validate_currency], verbose_name='currency')),
                ('percent', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='commission in percent')),
                ('collected', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='collected')),
                ('returned', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='returned to payers')),
                ('commission', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='commission')),
                ('total', models.DecimalField(decimal_places=3, max_digits=14, verbose_name='owed to the hospital')),
                ('bill', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.bill', verbose_name='bill')),
                ('settlement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='billing.settlement', verbose_name='settlement')),
            ],
            options={
                'verbose_name': 'line of a settlement',
                'verbose_name_plural': 'lines of settlements',
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('settlement', 'position'), name='settlement_line_position_once'), models.CheckConstraint(condition=models.Q(('collected__gte', 0), ('returned__gte', 0)), name='settlement_line_sums_are_not_negative'), models.CheckConstraint(condition=models.Q(('total', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('collected'), '-', models.F('returned')), '-', models.F('commission')))), name='settlement_line_adds_up'), models.CheckConstraint(condition=models.Q(('collected', models.Func(models.F('collected'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_line_collected_fits_its_currency'), models.CheckConstraint(condition=models.Q(('returned', models.Func(models.F('returned'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_line_returned_fits_its_currency'), models.CheckConstraint(condition=models.Q(('commission', models.Func(models.F('commission'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_line_commission_fits_its_currency'), models.CheckConstraint(condition=models.Q(('total', models.Func(models.F('total'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_line_total_fits_its_currency')],
            },
        ),
        migrations.CreateModel(
            name='SettledEntry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='billing.ledgerentry', verbose_name='ledger entry')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='settled', to='billing.settlementline', verbose_name='line')),
            ],
            options={
                'verbose_name': 'settled entry',
                'verbose_name_plural': 'settled entries',
            },
        ),
        migrations.CreateModel(
            name='SettlementEvent',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('from_status', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('paid', 'Paid out'), ('discarded', 'Discarded')], max_length=10, verbose_name='from')),
                ('to_status', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('paid', 'Paid out'), ('discarded', 'Discarded')], max_length=10, verbose_name='to')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('settlement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='billing.settlement', verbose_name='settlement')),
            ],
            options={
                'verbose_name': 'move of a settlement',
                'verbose_name_plural': 'moves of settlements',
                'ordering': ['at', 'id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SettlementRun',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('until_on', models.DateField(help_text="The last day, of each hospital's calendar.", verbose_name='until the end of')),
                ('total', models.PositiveIntegerField(default=0, editable=False, verbose_name='to settle')),
                ('done', models.PositiveIntegerField(default=0, editable=False, verbose_name='done')),
                ('failed', models.PositiveIntegerField(default=0, editable=False, verbose_name='failed')),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='finished at')),
                ('started_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'verbose_name': 'settlement run',
                'verbose_name_plural': 'settlement runs',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['-created_at', '-id'], name='settlement_run_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('total__gte', django.db.models.expressions.CombinedExpression(models.F('done'), '+', models.F('failed')))), name='settlement_run_counts')],
            },
        ),
        migrations.CreateModel(
            name='SettlementRunItem',
            fields=[
                ('id', models.UUIDField(default=apps.common.ids.uuid7, editable=False, primary_key=True, serialize=False, verbose_name='id')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('currency', models.CharField(max_length=3, validators=[apps.common.money.validate_currency], verbose_name='currency')),
                ('outcome', models.CharField(choices=[('pending', 'Waits'), ('prepared', 'Settlement prepared'), ('carried', 'Carried over: nothing is owed'), ('failed', 'Failed')], default='pending', max_length=10, verbose_name='outcome')),
                ('amount', models.DecimalField(blank=True, decimal_places=3, max_digits=14, null=True, verbose_name='amount')),
                ('code', models.CharField(blank=True, max_length=60, verbose_name='why it failed')),
                ('hospital', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.hospital', verbose_name='hospital')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='billing.settlementrun', verbose_name='run')),
                ('settlement', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.settlement', verbose_name='settlement')),
            ],
            options={
                'verbose_name': 'part of a settlement run',
                'verbose_name_plural': 'parts of settlement runs',
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('outcome', 'pending')), fields=['id'], name='settlement_run_to_do')],
                'constraints': [models.UniqueConstraint(fields=('run', 'hospital', 'currency'), name='settlement_run_item_once'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'prepared'), ('settlement__isnull', False)), models.Q(('outcome__in', ['pending', 'carried', 'failed']), ('settlement', None)), _connector='OR'), name='settlement_run_item_says_what_came_of_it'), models.CheckConstraint(condition=models.Q(('amount', models.Func(models.F('amount'), models.Case(models.When(currency__in=('ADP', 'AFN', 'ALL', 'BIF', 'BYR', 'CLP', 'DJF', 'ESP', 'GNF', 'IQD', 'IRR', 'ISK', 'ITL', 'JPY', 'KMF', 'KPW', 'KRW', 'LAK', 'LBP', 'LUF', 'MGA', 'MGF', 'MMK', 'MRO', 'PYG', 'RSD', 'RWF', 'SLL', 'SOS', 'STD', 'SYP', 'TMM', 'TRL', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'YER', 'ZMK', 'ZWD'), then=0), models.When(currency__in=('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), then=3), default=2, output_field=models.IntegerField()), function='round', output_field=models.DecimalField()))), name='settlement_run_item_amount_fits_its_currency')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='ledgerentry',
            name='ledger_kind_is_known',
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('billed', 'Billed'), ('credited', 'Credited'), ('captured', 'Paid in'), ('reversed', 'Entry reversed'), ('refunded', 'Refunded'), ('refund_returned', 'Refund came back'), ('disputed', 'Withheld by a dispute'), ('dispute_won', 'Dispute won'), ('dispute_lost', 'Dispute lost'), ('commission', 'Commission'), ('commission_back', 'Commission given back'), ('settled', 'Due to the hospital'), ('paid_out', 'Paid to the hospital')], max_length=16, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['billed', 'credited', 'captured', 'reversed', 'refunded', 'refund_returned', 'disputed', 'dispute_won', 'dispute_lost', 'commission', 'commission_back', 'settled', 'paid_out'])), name='ledger_kind_is_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionrate',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='211328090e071fc6e54494777dfb63268484083e', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_91259', table='billing_commissionrate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionrate',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8fd8f5337d04bcb630e6d05562407eff6943a059', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a08ff', table='billing_commissionrate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY['reference']::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='09f83894d1e47a2672934234a3f65b4c8612baf3', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_dc098', table='billing_settlement', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='figures_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF (to_jsonb(NEW) - ARRAY['status', 'approved_at', 'approved_by_id', 'reference', 'paid_on', 'updated_at'])\n       <> (to_jsonb(OLD) - ARRAY['status', 'approved_at', 'approved_by_id', 'reference', 'paid_on', 'updated_at']) THEN\n        RAISE EXCEPTION 'the figures of a settlement never change: discard it and prepare another';\n    END IF;\n    RETURN NEW;\n", hash='698a5ab3a403e74b85a330cabc42a10d02000ae2', operation='UPDATE', pgid='pgtrigger_figures_stay_4adc6', table='billing_settlement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='56668580e000d36fee66b94a2e14f6a2411c952e', operation='DELETE', pgid='pgtrigger_kept_1e5d7', table='billing_settlement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='98b275a0de87af74e5e0ceae701233c081ecb195', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_77015', table='billing_settlementevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementline',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ae62269bc318d8141f9eb8db61cbc15f95cffe5e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1c473', table='billing_settlementline', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settledentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='8be153818b7ef5963a709d3cd351afec4b23d4c7', operation='UPDATE', pgid='pgtrigger_append_only_8cbec', table='billing_settledentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settledentry',
            trigger=pgtrigger.compiler.Trigger(name='freed_from_drafts', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF NOT EXISTS (SELECT 1 FROM billing_settlementline l JOIN billing_settlement s ON s.id = l.settlement_id\n                    WHERE l.id = OLD.line_id AND s.status = 'draft') THEN\n        RAISE EXCEPTION 'what was settled stays settled';\n    END IF;\n    RETURN OLD;\n", hash='779b72ae288486710e114301e6a97cd8254520f6', operation='DELETE', pgid='pgtrigger_freed_from_drafts_e587d', table='billing_settledentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlementrun',
            trigger=pgtrigger.compiler.Trigger(name='audit', sql=pgtrigger.compiler.UpsertTriggerSql(declare="DECLARE context jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb; before jsonb := CASE TG_OP WHEN 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - ARRAY['updated_at', 'done', 'failed']::text[] END; after jsonb := CASE TG_OP WHEN 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - ARRAY['updated_at', 'done', 'failed']::text[] END; difference jsonb;", func="\n    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[]::text[]) THEN to_jsonb('•••'::text)\n                                      ELSE jsonb_build_array(before -> key, after -> key) END)\n      INTO difference\n      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys\n     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);\n    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;\n    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)\n    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,\n            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,\n            regexp_replace(TG_TABLE_NAME, '_', '.'),\n            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,\n            COALESCE(difference, '{}'::jsonb), COALESCE(context ->> 'address', ''),\n            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));\n    RETURN NULL;\n", hash='1c420be3a0ae9961d09507824f5b1ad4a1f96606', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_audit_3795f', table='billing_settlementrun', when='AFTER')),
        ),
    ]
