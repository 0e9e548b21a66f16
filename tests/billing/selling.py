"""Bills as whoever sells opens them."""

from decimal import Decimal
from uuid import uuid4

from django.utils import timezone

from apps.billing import services
from apps.billing.models import LedgerKind, Payment
from apps.billing.rules import NewLine
from apps.billing.services import ledger
from apps.billing.workflow import PaymentStage, Source
from apps.common.money import Money


def line(price="100.00", **given):
    return NewLine(**{"description": "Consultation", "unit_price": Decimal(price), **given})


def sell(payer, *lines, currency="USD", **given):
    """A bill for something that billing does not know."""
    asked = {
        "subject_type": "appointment", "subject_id": uuid4(), "subject_label": "AP-7K3Q9F2M", "by": None,
        "lines": lines or (line(),),
    }  # fmt: skip
    return services.open_bill(payer=payer, currency=currency, **{**asked, **given})


def pay(bill, amount, *, by, now=None):
    """Money for the bill, as staff saw it arrive."""
    now = now or timezone.now()
    value = Money(Decimal(amount), bill.currency)
    payment = Payment.objects.create(
        payer=bill.payer, bill=bill, amount=value.amount, currency=bill.currency, method="cash", received_on=now.date(),
        recorded_by=by, stage=PaymentStage.CAPTURED,
    )  # fmt: skip
    ledger.enter(LedgerKind.CAPTURED, value, key=f"payment:{payment.pk}:captured", payment=payment, by=by, now=now)
    return ledger.settle_payment(payment, code="recorded", source=Source.STAFF, by=by, now=now)
