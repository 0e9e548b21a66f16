"""What is invoiced on each side: a bill of the patient at the hospital, which issues under its own name; and one
that was not invoiced yet. What the lines say is for the payer, the hospital and the desk."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from apps.billing import services
from apps.billing.models import Bill, BillEvent, Invoice, InvoiceIssuer, InvoicingNews
from apps.billing.rules import NewLine

BODIES: dict[tuple[str, str], Callable[[Any, str], Any]] = {
    ("POST", "/api/v1/invoices"): lambda world, actor: {"bill_id": world.rows["uninvoiced_bill_a"].pk},
}


def build_side(world: Any, side: str, *, desk: frozenset[str], everyone: str, now: datetime) -> None:
    hospital = world.rows[f"hospital_{side}"]
    InvoiceIssuer.objects.create(
        hospital=hospital, legal_name=world.canary(everyone), address=world.canary(everyone),
        tax_number=world.canary(everyone), footer=world.canary(everyone), series_prefix=f"H{side.upper()}",
    )  # fmt: skip
    invoiced, other = (open_bill(world, side, desk) for _ in range(2))
    invoice = services.issue_invoice(invoiced.pk, by=None, now=now)
    BillEvent.objects.create(bill=other, from_status="open", to_status="open", at=now, note=world.canary(desk))
    InvoicingNews.objects.create(bill=other, look_at=now, failure=world.canary(desk))
    world.rows |= {f"invoice_{side}": invoice, f"uninvoiced_bill_{side}": other}


def open_bill(world: Any, side: str, desk: frozenset[str]) -> Bill:
    parties = desk | {f"patient_{side}", f"hospital_admin_{side}"}
    return services.open_bill(
        payer=world.rows[f"patient_{side}"].user, hospital=world.rows[f"hospital_{side}"], currency="INR",
        lines=[NewLine(description=world.canary(parties), unit_price=Decimal(100))], subject_type="appointment",
        subject_id=uuid4(), subject_label=world.canary(parties), by=None,
    )  # fmt: skip


def multiply(world: Any, count: int, *, desk: frozenset[str]) -> None:
    """More invoices of side A, the first of them credited."""
    for _number in range(count):
        invoice = services.issue_invoice(open_bill(world, "a", desk).pk, by=None)
        services.issue_credit_note(invoice.pk, invoice.figure("total"), by=None, reason="")
    assert Invoice.objects.count() > count
