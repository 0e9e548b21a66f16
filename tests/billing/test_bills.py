"""Bills: opened once for what was sold, with lines, instalments and the ledger's word for every figure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.billing import exceptions, selectors, services
from apps.billing.models import Bill, Instalment, LedgerEntry
from apps.billing.rules import NewInstalment
from apps.common.exceptions import Invalid
from apps.common.money import Money

from .selling import line, pay, sell

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


def usd(amount):
    return Money(Decimal(amount), "USD")


def test_a_bill_is_the_sum_of_its_lines_and_stands_in_the_ledger(patient):
    bill = sell(
        patient.user, line("80.00"), line("10.05", quantity=3, tax_mode="exclusive", tax_name="GST", tax_percent=18),
        now=NOW,
    )  # fmt: skip

    assert (bill.net, bill.tax, bill.total) == (Decimal("110.15"), Decimal("5.43"), Decimal("115.58"))
    assert (bill.status, bill.due_on) == ("open", TODAY)
    entry = LedgerEntry.objects.get(bill=bill)
    assert (entry.kind, entry.value, entry.debit, entry.credit) == ("billed", usd("115.58"), "receivable", "sales")
    assert list(bill.instalments.values_list("kind", "amount", "owed")) == [("whole", bill.total, bill.total)]


def test_the_same_call_gives_the_same_bill(patient):
    subject = uuid4()
    first = sell(patient.user, subject_id=subject, now=NOW)

    assert sell(patient.user, subject_id=subject, now=NOW + timedelta(days=1)) == first
    assert (Bill.objects.count(), LedgerEntry.objects.count()) == (1, 1)
    assert selectors.open_bill_of("appointment", subject) == first


def test_a_deposit_is_due_first_and_the_balance_takes_the_rest(patient, coordinator):
    parts = [
        NewInstalment("deposit", Decimal(30), TODAY),
        NewInstalment("balance", None, TODAY + timedelta(days=20)),
    ]
    bill = sell(patient.user, instalments=parts, now=NOW)

    pay(bill, "30.00", by=coordinator, now=NOW)

    bill.refresh_from_db()
    assert (bill.status, bill.due_on, bill.balance) == ("partly_paid", TODAY + timedelta(days=20), usd("70"))
    assert list(bill.instalments.values_list("kind", "owed")) == [("deposit", 0), ("balance", 70)]


def test_a_credit_that_is_confirmed_twice_at_once_is_made_once(patient, coordinator):
    bill = sell(patient.user, now=NOW)
    said = {"by": coordinator, "reason": "Shorter than planned", "credited": usd("0"), "now": NOW}
    services.credit_bill(bill.pk, usd("40"), **said)
    with pytest.raises(exceptions.PreviewStale):
        services.credit_bill(bill.pk, usd("40"), **said)
    bill.refresh_from_db()
    assert bill.credited == Decimal(40)


def test_what_is_credited_is_not_owed_and_never_more_than_the_bill(patient, coordinator):
    bill = sell(patient.user, now=NOW)

    services.credit_bill(bill.pk, usd("40"), by=coordinator, reason="Shorter than planned", now=NOW)
    with pytest.raises(Invalid):
        services.credit_bill(bill.pk, usd("60.01"), by=coordinator, reason="Too much", now=NOW)

    bill.refresh_from_db()
    assert (bill.credited, bill.balance) == (Decimal(40), usd("60"))
    assert bill.events.get().note == "Shorter than planned"
    assert Instalment.objects.get(bill=bill).owed == 60


def test_a_cancelled_bill_owes_nothing_and_another_may_follow(patient):
    subject = uuid4()
    bill = sell(patient.user, subject_id=subject, now=NOW)

    services.cancel_bill(bill.pk, by=None, reason="Cancelled by the hospital", now=NOW)

    bill.refresh_from_db()
    assert (bill.status, bill.due_on, bill.balance) == ("cancelled", None, usd("0"))
    assert sell(patient.user, line("120.00"), subject_id=subject, now=NOW) != bill
    with pytest.raises(exceptions.BillCancelled):
        services.cancel_bill(bill.pk, by=None, reason="Again", now=NOW)
