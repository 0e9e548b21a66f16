"""Bills that are invoiced, and the money for them, in the tests of invoices."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from apps.billing import services
from apps.billing.models import Bill, InvoiceIssuer, LedgerKind
from apps.billing.rules import NewLine
from apps.billing.services import ledger
from apps.billing.workflow import Source
from apps.common import ids
from apps.common.money import Money
from tests.factories.billing import PaymentFactory


def issuer(hospital=None, **changes):
    facts = {
        "legal_name": "Medivoy Ltd",
        "address": "12 Harbour Street\nSingapore 018989",
        "tax_number": "M90371234K",
        "email": "accounts@medivoy.example",
        "series_prefix": "MV",
        "footer": "Bank: Example Bank, IBAN XX00 0000 0000 0000 00. Please give the number of the invoice.",
    }
    return InvoiceIssuer.objects.create(hospital=hospital, **facts | changes)


def line(price="100", description="Consultation by video", **changes):
    return NewLine(description=description, unit_price=Decimal(price), **changes)


def billed(payer, *lines, currency="USD", **changes):
    facts = {
        "payer": payer, "currency": currency, "lines": lines or [line()], "subject_type": "appointment",
        "subject_id": ids.uuid7(), "subject_label": "AP-7K3Q9F2M", "by": None,
    }  # fmt: skip
    return services.open_bill(**facts | changes)


@transaction.atomic
def paid(bill, amount=None, *, now=None, **changes):
    """Staff saw so much arrive for the bill: what is owed, if no amount is given."""
    bill = Bill.objects.select_for_update().get(pk=bill.pk)
    amount = Decimal(amount) if amount is not None else bill.balance.amount
    payment = PaymentFactory(
        payer=bill.payer, bill=bill, hospital=bill.hospital, amount=amount, currency=bill.currency,
        received_on=date(2026, 11, 20), **changes,
    )  # fmt: skip
    ledger.settle_payment(payment, code="recorded", source=Source.STAFF, now=now or timezone.now())
    return payment


@transaction.atomic
def given_back(payment, amount, *, now=None):
    """So much of the payment went back."""
    now = now or timezone.now()
    bill = Bill.objects.select_for_update().get(pk=payment.bill_id) if payment.bill_id else None
    payment.refresh_from_db()
    payment.bill = bill
    value = Money(Decimal(amount), payment.currency)
    ledger.enter(LedgerKind.REFUNDED, value, key=f"test:{ids.uuid7()}", payment=payment, now=now)
    return ledger.settle_payment(payment, code="refunded", source=Source.STAFF, now=now)
