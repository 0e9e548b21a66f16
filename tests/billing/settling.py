"""Hospitals with money in the ledger, for tests of settlements."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from apps.billing import rules, services
from apps.billing.models import LedgerKind
from apps.billing.services import ledger
from apps.common.money import Money
from tests.factories.billing import PaymentFactory
from tests.factories.clinical import PatientFactory

#: Noon in India, where the tests' hospitals are, of a day long over.
NOON = datetime(2026, 10, 10, 6, 30, tzinfo=UTC)
UNTIL = date(2026, 10, 31)


def rate(hospital, percent="10", from_on=date(2020, 1, 1)):
    return services.set_commission_rate(hospital, percent=Decimal(percent), from_on=from_on, by=None)


def billed(hospital, amount="100.00", currency="USD", **more):
    """A bill of the hospital."""
    from_bill = {
        "payer": PatientFactory().user, "currency": currency, "hospital": hospital, "by": None,
        "subject_type": "appointment", "subject_label": "AP-7K3Q9F2M",
        "subject_id": uuid4(), "lines": [rules.NewLine("Consultation", Decimal(amount))],
    }  # fmt: skip
    return services.open_bill(**from_bill | more)


def paid(bill, amount=None, at=NOON):
    """A payment of the bill, captured at that time."""
    amount = bill.figure("total") if amount is None else Money(Decimal(amount), bill.currency)
    payment = PaymentFactory(
        payer=bill.payer, bill=bill, hospital=bill.hospital, amount=amount.amount, currency=bill.currency, captured=0,
        stage="captured", status="pending",
    )  # fmt: skip
    enter(payment, LedgerKind.CAPTURED, amount, at=at)
    return payment


def enter(payment, kind, amount, at=NOON, key=""):
    """A fact of a payment, and what follows from it."""
    if not isinstance(amount, Money):
        amount = Money(Decimal(amount), payment.currency)
    key = key or f"{payment.pk}:{kind}:{payment.entries.count()}"
    ledger.enter(kind, amount, key=key, payment=payment, now=at)
    ledger.settle_payment(payment, code=str(kind), source="staff", now=at)
    return payment


def captured(hospital, amount="100.00", currency="USD", at=NOON):
    return paid(billed(hospital, amount, currency), at=at)


def days(count):
    return timedelta(days=count)
