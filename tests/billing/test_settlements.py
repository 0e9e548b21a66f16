"""What hospitals are owed: which money counts, at which rate, how it is rounded, and that nothing is lost or settled
twice."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.billing import exceptions, rules, selectors, services
from apps.billing.documents import settlements as documents
from apps.billing.models import LedgerEntry, LedgerKind, SettledEntry, Settlement, SettlementRunItem
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed
from apps.common.money import Money
from apps.notifications.models import Message
from tests.factories.hospitals import HospitalFactory

from .settling import NOON, UNTIL, billed, captured, days, enter, paid, rate

pytestmark = pytest.mark.django_db


def prepare(hospital, currency="USD", until=UNTIL):
    return services.prepare_settlement(hospital, currency, until, by=None)


def figures(settlement):
    return tuple(str(settlement.figure(name).amount) for name in ("collected", "returned", "commission", "total"))


# --- rules ---


def a_rate(percent, day):
    return rules.Rate(Decimal(percent), date(2026, 10, day))


@pytest.mark.parametrize(
    ("rates", "day", "percent"),
    [
        ([], 9, None),
        ([a_rate(10, 10)], 9, None),
        ([a_rate(10, 10)], 10, 10),
        ([a_rate(10, 1), a_rate(20, 10)], 9, 10),
        ([a_rate(10, 1), a_rate(20, 10)], 10, 20),
        ([a_rate(20, 10), a_rate(10, 1)], 10, 20),
        ([a_rate(20, 10), a_rate(30, 10)], 10, 30),
    ],
)
def test_the_rate_of_the_latest_day_that_has_begun_holds_and_of_one_day_the_last_entered(rates, day, percent):
    assert rules.rate_on(rates, date(2026, 10, day)) == percent


@pytest.mark.parametrize(
    ("amount", "currency", "percent", "commission"),
    [
        ("100.05", "USD", "10", "10.01"),
        ("100.04", "USD", "10", "10.00"),
        ("1005", "JPY", "10", "101"),
        ("1004", "JPY", "10", "100"),
        ("10.005", "KWD", "10", "1.001"),
        ("10.004", "KWD", "10", "1.000"),
        ("99.99", "USD", "0", "0.00"),
        ("99.99", "USD", "100", "99.99"),
    ],
)
def test_commission_is_rounded_once_a_line_to_the_currencys_places(amount, currency, percent, commission):
    whole = Money(Decimal(amount), currency)
    for kind, sign in ((LedgerKind.CAPTURED, 1), (LedgerKind.REFUNDED, -1)):
        entry = rules.Counted(uuid4(), uuid4(), kind, whole, date(2026, 10, 1))
        [line] = rules.settlement_lines([entry], [rules.Rate(Decimal(percent), date(2020, 1, 1))])
        assert line.commission == Money(Decimal(commission), currency) * sign
        assert line.total + line.commission == whole * sign


# --- preparing ---


def test_a_settlement_names_each_bill_and_takes_commission_of_what_stayed(hospital):
    rate(hospital, "12.5")
    first = captured(hospital, "200.00")
    enter(first, LedgerKind.REFUNDED, "50.00")
    captured(hospital, "80.00")

    settlement = prepare(hospital)
    assert figures(settlement) == ("280.00", "50.00", "28.75", "201.25")
    line = settlement.lines.get(position=1)
    assert (line.bill, line.commission, line.total) == (
        first.bill, Decimal("18.75"), Decimal("131.25"),
    )  # fmt: skip
    assert SettledEntry.objects.count() == 3


@pytest.mark.parametrize(
    ("kinds", "owed"),
    [
        ([("refunded", "100.00"), ("refund_returned", "100.00")], "100.00"),
        ([("disputed", "40.00"), ("dispute_won", "40.00")], "100.00"),
        ([("disputed", "40.00"), ("dispute_lost", "40.00")], "60.00"),
        ([("refunded", "99.99")], "0.01"),
    ],
)
def test_what_went_back_is_taken_off_and_what_came_again_is_not(hospital, kinds, owed):
    rate(hospital, "0")
    payment = captured(hospital)
    for kind, amount in kinds:
        enter(payment, kind, amount)
    assert str(prepare(hospital).total) in {owed, f"{owed}0"}


def test_what_a_dispute_withholds_waits_until_it_is_decided(hospital):
    rate(hospital, "0")
    payment = captured(hospital)
    captured(hospital, "30.00")
    enter(payment, LedgerKind.DISPUTED, "40.00")
    assert prepare(hospital).figure("total") == Money(Decimal(30), "USD")
    enter(payment, LedgerKind.DISPUTE_LOST, "40.00")
    assert prepare(hospital).figure("total") == Money(Decimal(60), "USD")


def test_a_rate_that_changes_within_the_period_holds_from_its_day_at_the_hospital_on(hospital):
    rate(hospital, "10")
    rate(hospital, "20", date(2026, 10, 11))
    # Midnight in India is 18:30 UTC of the day before.
    captured(hospital, at=datetime(2026, 10, 10, 18, 29, 59, tzinfo=UTC))
    captured(hospital, at=datetime(2026, 10, 10, 18, 30, tzinfo=UTC))
    assert [line.percent for line in prepare(hospital).lines.all()] == [10, 20]


def test_a_refund_gives_its_commission_back_at_the_rate_at_which_it_was_taken(hospital):
    rate(hospital, "20")
    payment = captured(hospital)
    prepare(hospital)
    rate(hospital, "10", date(2026, 10, 20))
    enter(payment, LedgerKind.REFUNDED, "100.00", at=NOON + days(15))
    captured(hospital, "300.00", at=NOON + days(15))
    assert figures(prepare(hospital)) == ("300.00", "100.00", "10.00", "190.00")


def test_the_last_day_is_the_hospitals_own(hospital):
    rate(hospital)
    captured(hospital, at=datetime(2026, 10, 31, 18, 30, tzinfo=UTC))
    with pytest.raises(exceptions.NothingToSettle):
        prepare(hospital)
    captured(hospital, "50.00", at=datetime(2026, 10, 31, 18, 29, 59, tzinfo=UTC))
    assert prepare(hospital).collected == 50


def test_a_refund_after_the_settlement_is_netted_in_the_next(hospital):
    rate(hospital)
    payment = captured(hospital)
    assert figures(prepare(hospital)) == ("100.00", "0.00", "10.00", "90.00")
    enter(payment, LedgerKind.REFUNDED, "100.00")
    with pytest.raises(exceptions.NothingToSettle) as refusal:
        prepare(hospital)
    assert refusal.value.data == {"amount": "-90.00", "currency": "USD"}

    captured(hospital, "150.00")
    assert figures(prepare(hospital)) == ("150.00", "100.00", "5.00", "45.00")


def test_currencies_and_hospitals_are_settled_apart(hospital, other_hospital):
    for each in (hospital, other_hospital):
        rate(each)
    captured(hospital)
    captured(hospital, "5000", "JPY")
    captured(other_hospital, "70.00")
    assert figures(prepare(hospital, "JPY")) == ("5000", "0", "500", "4500")
    assert figures(prepare(other_hospital)) == ("70.00", "0.00", "7.00", "63.00")


def test_what_medivoy_sells_to_a_hospital_is_not_settled_with_it(hospital):
    rate(hospital)
    paid(billed(hospital, subject_type="settlement"))
    with pytest.raises(exceptions.NothingToSettle):
        prepare(hospital)


def test_without_a_rate_nothing_is_settled(hospital):
    captured(hospital)
    rate(hospital, "10", date(2026, 10, 11))
    with pytest.raises(exceptions.NoCommissionRate):
        prepare(hospital)
    assert not Settlement.objects.exists()


def test_a_day_is_settled_when_it_is_over(hospital):
    with pytest.raises(exceptions.DayNotOver):
        prepare(hospital, until=timezone.localdate() + days(1))


def test_an_entry_stands_in_one_settlement_at_most_also_by_the_table(hospital):
    rate(hospital)
    captured(hospital)
    line = prepare(hospital).lines.get()
    with pytest.raises(exceptions.NothingToSettle):
        prepare(hospital)
    with pytest.raises(IntegrityError), transaction.atomic():
        SettledEntry.objects.create(line=line, entry=SettledEntry.objects.get().entry)


# --- approving and paying ---


@pytest.fixture
def settlement(hospital):
    rate(hospital)
    captured(hospital)
    return prepare(hospital)


def books(account):
    """What Medivoy owes by, or has earned on, an account."""
    rows = LedgerEntry.objects.all()
    given = sum(row.amount for row in rows if row.debit == account)
    return sum(row.amount for row in rows if row.credit == account) - given


def approve(settlement, by, confirmed="90.00"):
    return services.approve_settlement(settlement, confirmed=Decimal(confirmed), by=by)


def pay(settlement, by, **changes):
    transfer = {"reference": "TRF-77", "paid_on": timezone.now().date(), "confirmed": Decimal("90.00")}
    return services.pay_settlement(settlement, by=by, **transfer | changes)


def test_an_approval_enters_debt_and_commission_and_the_transfer_pays_the_debt(settlement, platform_admin):
    assert (books("hospital"), books("commission")) == (0, 0)
    approve(settlement, platform_admin)
    assert (books("hospital"), books("commission")) == (90, 10)
    pay(settlement, platform_admin)
    assert (books("hospital"), books("commission"), -books("gateway")) == (0, 10, 10)


def test_a_line_that_gives_commission_back_is_entered_the_other_way(hospital, platform_admin):
    rate(hospital, "50")
    payment = captured(hospital)
    approve(prepare(hospital), platform_admin, "50.00")
    rate(hospital, "0", date(2026, 10, 20))
    enter(payment, LedgerKind.REFUNDED, "100.00")
    captured(hospital, "300.00", at=NOON + days(15))
    settlement = prepare(hospital)
    assert figures(settlement) == ("300.00", "100.00", "-50.00", "250.00")
    approve(settlement, platform_admin, "250.00")
    assert (books("commission"), books("hospital")) == (0, 300)


@pytest.mark.parametrize("confirmed", [Decimal("90.01"), Decimal(0), None])
def test_whoever_approves_or_pays_says_the_total_again(settlement, platform_admin, confirmed):
    with pytest.raises(Invalid):
        services.approve_settlement(settlement, confirmed=confirmed, by=platform_admin)
    approve(settlement, platform_admin)
    with pytest.raises(Invalid):
        pay(settlement, platform_admin, confirmed=confirmed)
    settlement.refresh_from_db()
    assert settlement.status == "approved"


@pytest.mark.parametrize("wrong", [{"reference": " "}, {"paid_on": None}, {"paid_on": date(2020, 1, 1)}])
def test_a_transfer_has_a_reference_and_a_day(settlement, platform_admin, wrong):
    approve(settlement, platform_admin)
    with pytest.raises(Invalid):
        pay(settlement, platform_admin, **wrong)
    assert books("hospital") == 90


def test_only_admins_settle(settlement, coordinator, hospital_admin):
    for person in (coordinator, hospital_admin):
        with pytest.raises(Forbidden):
            approve(settlement, person)
        with pytest.raises(Forbidden):
            services.prepare_settlement(settlement.hospital, "USD", UNTIL, by=person)
        with pytest.raises(Forbidden):
            services.set_commission_rate(settlement.hospital, percent=Decimal(1), from_on=UNTIL, by=person)


def test_a_discarded_draft_gives_free_what_stood_in_it(settlement, hospital, platform_admin):
    services.discard_settlement(settlement, note="Wrong rate", by=platform_admin)
    assert figures(prepare(hospital)) == ("100.00", "0.00", "10.00", "90.00")


def test_what_is_approved_is_not_discarded_and_no_move_is_made_twice(settlement, platform_admin):
    approve(settlement, platform_admin)
    for again in (approve, lambda row, by: services.discard_settlement(row, by=by)):
        with pytest.raises(MoveNotAllowed):
            again(settlement, platform_admin)
    pay(settlement, platform_admin)
    with pytest.raises(MoveNotAllowed):
        pay(settlement, platform_admin)
    with pytest.raises(ProgrammingError), transaction.atomic():
        SettledEntry.objects.all().delete()


def test_figures_never_change(settlement):
    with pytest.raises(ProgrammingError), transaction.atomic():
        Settlement.objects.filter(pk=settlement.pk).update(collected=200, total=190)


def test_the_hospitals_staff_and_nobody_elses_get_the_statement(
    settlement, platform_admin, hospital_admin, other_hospital_admin
):
    approve(settlement, platform_admin)
    pay(settlement, platform_admin)
    told = Message.objects.filter(kind="billing.settlement_paid")
    assert {message.recipient for message in told} == {hospital_admin}


# --- nothing is lost ---

HISTORY = st.lists(
    st.tuples(
        st.sampled_from(["capture", "refund", "return", "dispute", "win", "lose", "rate", "settle", "discard"]),
        st.integers(0, 5),
        st.integers(1, 9_999),
    ),
    max_size=24,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY, currency=st.sampled_from(["JPY", "USD", "KWD"]))
def test_settled_commission_and_unsettled_add_up_to_what_came_in_and_stayed(history, currency):
    """For any history: what was settled, its commission and what is not settled yet are what was captured less what
    was refunded or lost, to the smallest unit."""
    with transaction.atomic():
        hospital = HospitalFactory()
        rate(hospital, "12.5")
        payments = []
        for act, which, units in history:
            amount = Money.from_minor(units, currency)
            payment = payments[which % len(payments)] if payments else None
            if act == "capture":
                payments.append(captured(hospital, amount.amount, currency))
            elif act == "rate":
                rate(hospital, f"{which}.25", NOON.date() + days(which))
            elif act == "settle":
                try:
                    prepare(hospital, currency)
                except exceptions.NothingToSettle:
                    continue
            elif act == "discard" and (draft := Settlement.objects.filter(hospital=hospital, status="draft").first()):
                SettledEntry.objects.filter(line__settlement=draft).delete()
                draft.move_to("discarded", by=None, at=NOON)
            elif payment is not None:
                _happen(act, payment, amount)
        _check(hospital, currency)
        transaction.set_rollback(True)


def _happen(act, payment, amount):
    left = payment.figure("captured") - payment.figure("refunded") - payment.figure("lost") - payment.figure("withheld")
    nothing = Money.zero(payment.currency)
    if act == "refund" and left > nothing:
        enter(payment, LedgerKind.REFUNDED, min(amount, left))
    elif act == "return" and payment.figure("refunded") > nothing:
        enter(payment, LedgerKind.REFUND_RETURNED, min(amount, payment.figure("refunded")))
    elif act == "dispute" and left > nothing and not payment.figure("withheld"):
        enter(payment, LedgerKind.DISPUTED, min(amount, left))
    elif act in {"win", "lose"} and payment.figure("withheld"):
        kind = LedgerKind.DISPUTE_WON if act == "win" else LedgerKind.DISPUTE_LOST
        enter(payment, kind, payment.figure("withheld"))


def _check(hospital, currency):
    def of(*kinds):
        rows = LedgerEntry.objects.filter(hospital=hospital, kind__in=kinds)
        return Money.total((row.value for row in rows), currency)

    standing = Settlement.objects.filter(hospital=hospital).exclude(status="discarded")
    settled = Money.total((row.figure("total") + row.figure("commission") for row in standing), currency)
    waiting = LedgerEntry.objects.filter(hospital=hospital, settled=None, payment__withheld__gt=0)
    withheld = Money.total(
        (row.value if row.kind in rules.COLLECTS else -row.value for row in waiting
         if row.kind in rules.COLLECTS | rules.RETURNS), currency,
    )  # fmt: skip
    unsettled = selectors.unsettled_sum(hospital, currency, datetime(2027, 1, 1, tzinfo=UTC))
    assert settled + unsettled + withheld == (
        of("captured", "refund_returned") - of("refunded", "reversed") - of("dispute_lost")
    )
    for settlement in standing:
        rows = list(settlement.lines.all())
        for name in ("collected", "returned", "commission", "total"):
            total = Money.total((Money(getattr(row, name), currency) for row in rows), currency)
            assert settlement.figure(name) == total


# --- runs ---


def run(by=None):
    started = services.start_settlement_run(UNTIL, by=by)
    services.work_off_settlement_runs()
    started.refresh_from_db()
    return started


def test_a_run_settles_every_hospital_and_says_what_came_of_each(hospital, other_hospital, platform_admin):
    rate(hospital)
    rate(other_hospital, "0")
    captured(hospital)
    captured(hospital, "900", "JPY")
    enter(captured(other_hospital, "50.00"), LedgerKind.REFUNDED, "50.00")
    captured(HospitalFactory(), "10.00")

    started = run(platform_admin)
    assert (started.total, started.done, started.failed) == (4, 3, 1)
    assert started.finished_at is not None
    outcomes = {(item.hospital_id, item.currency): item for item in started.items.all()}
    assert outcomes[hospital.pk, "USD"].settlement.total == 90
    assert outcomes[hospital.pk, "JPY"].amount == 810
    assert (outcomes[other_hospital.pk, "USD"].outcome, outcomes[other_hospital.pk, "USD"].amount) == ("carried", 0)
    assert [item.code for item in started.items.all() if item.outcome == "failed"] == ["settlement.no_rate"]


def test_a_run_whose_worker_dies_is_worked_off_by_the_next(hospital, other_hospital, monkeypatch):
    for each in (hospital, other_hospital):
        rate(each)
        captured(each)
    started = services.start_settlement_run(UNTIL, by=None)
    real = services.settlements.prepare_settlement

    def dies(*args, **kwargs):
        real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(services.settlements, "prepare_settlement", dies)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        services.work_off_settlement_runs()
    assert (Settlement.objects.count(), SettlementRunItem.objects.filter(outcome="pending").count()) == (0, 2)

    monkeypatch.undo()
    services.work_off_settlement_runs()
    started.refresh_from_db()
    assert (started.done, Settlement.objects.count()) == (2, 2)
    assert services.work_off_settlement_runs() == 0


def test_a_run_with_nothing_to_do_is_finished_at_once(hospital):
    assert run().finished_at is not None


# --- the statement ---


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_statement_is_printed_in_five_languages(settlement, language, monkeypatch):
    given = {}
    monkeypatch.setattr(documents.documents, "render", lambda template, data, *rest, **more: given.update(data) or b"")
    documents.settlement_pdf(settlement, language)
    assert given["number"] == settlement.number
    assert [line[0] for line in given["lines"]] == [settlement.lines.get().bill.number]
    assert given["sums"][-1][1] == Money(Decimal(90), "USD").format(language)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ar", "hi"])
def test_the_statement_is_a_pdf(settlement, language):
    settlement = Settlement.objects.select_related("hospital").get(pk=settlement.pk)
    pdf = documents.settlement_pdf(settlement, language)
    assert pdf.startswith(b"%PDF")
    assert documents.settlement_pdf(settlement, language) == pdf
