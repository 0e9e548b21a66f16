"""Reads about invoices: what stands behind one that is to be issued, lists of them, and whether numbers have gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When

from apps.accounts.models import User
from apps.billing import exceptions, rules
from apps.billing.models import (
    Bill,
    Invoice,
    InvoiceIssuer,
    InvoiceKind,
    InvoiceSeries,
    LedgerEntry,
    LedgerKind,
    Payment,
)
from apps.billing.rules import TaxGroup
from apps.common.exceptions import NotFound
from apps.common.money import Money


def issuer_of(bill: Bill | None, hospital_id: UUID | None) -> InvoiceIssuer:
    """The hospital where it stands among the issuers, else Medivoy; always Medivoy for what it sells itself.

    Raises NoIssuer."""
    candidates = Q(hospital=None)
    if hospital_id and not (bill and rules.is_medivoys(bill.subject_type)):
        candidates |= Q(hospital=hospital_id)
    found = InvoiceIssuer.objects.filter(candidates).order_by(F("hospital").asc(nulls_last=True)).first()
    if found is None:
        raise exceptions.NoIssuer()
    return found


def received_for(bill: Bill, zone: str) -> list[tuple[Payment, date, Money]]:
    """The bill's payments of which money is here, in the order in which they came: the day, and how much."""
    payments = {payment.pk: payment for payment in Payment.objects.filter(bill=bill, captured__gt=0)}
    came = LedgerEntry.objects.filter(payment__in=payments, kind=LedgerKind.CAPTURED).order_by("at", "id")
    shown = []
    for payment_id, at in came.values_list("payment", "at"):
        payment = payments[payment_id]
        here = kept_of(payment)
        if here:
            shown.append((payment, payment.received_on or at.astimezone(ZoneInfo(zone)).date(), here))
    return shown


def received_on(payment: Payment, zone: str) -> date | None:
    """The day on which its money came: as staff entered it, or as it was in that zone when the gateway said so."""
    if payment.received_on:
        return payment.received_on
    at = payment.entries.filter(kind=LedgerKind.CAPTURED).values_list("at", flat=True).first()
    return at.astimezone(ZoneInfo(zone)).date() if at else None


def kept_of(payment: Payment) -> Money:
    """What is here of a payment: captured, and neither given back nor lost."""
    return payment.figure("captured") - payment.figure("refunded") - payment.figure("lost")


def credited_of(invoice: Invoice) -> tuple[Money, list[TaxGroup]]:
    """What was credited of an invoice so far, and its taxes. One query."""
    nothing = Money.zero(invoice.currency)
    total, groups = nothing, dict[tuple[str, Decimal], TaxGroup]()
    for amount, document in Invoice.objects.filter(corrects=invoice).values_list("total", "document"):
        total += Money(amount, invoice.currency)
        for group in groups_in(document, invoice.currency):
            key = (group.name, group.percent)
            before = groups.get(key) or TaxGroup(*key, nothing, nothing)
            groups[key] = TaxGroup(*key, before.net + group.net, before.tax + group.tax)
    return total, list(groups.values())


def groups_in(document: dict[str, Any], currency: str) -> list[TaxGroup]:
    """The taxes that a document says."""
    return [
        TaxGroup(
            row["name"], Decimal(row["percent"]), Money(Decimal(row["net"]), currency),
            Money(Decimal(row["tax"]), currency),
        )
        for row in document["taxes"]
    ]  # fmt: skip


def refunded_since(invoice: Invoice) -> Money:
    """What was given back of its bill's payments after it was issued.

    After: by the ids, which are made under the bill's lock. The times of either are taken before it is waited for."""
    entries = LedgerEntry.objects.filter(
        bill=invoice.bill_id, pk__gt=invoice.pk, kind__in=[LedgerKind.REFUNDED, LedgerKind.REFUND_RETURNED]
    )
    signed = Case(When(kind=LedgerKind.REFUNDED, then=F("amount")), default=-F("amount"), output_field=DecimalField())
    return Money(entries.aggregate(sum=Sum(signed, default=Value(0)))["sum"], invoice.currency)


#: The columns of an invoice as it is answered.
ROW = (
    "id", "number", "kind", "year", "issued_at", "issued_on", "due_on", "language", "currency", "net", "discount",
    "tax", "total", "bill", "bill__number", "payment", "payment__number", "corrects", "corrects__number",
    "issuer__legal_name", "hospital",
)  # fmt: skip


def invoice_rows(reader: User) -> QuerySet:
    """What lists of invoices show: one query."""
    return Invoice.objects.visible_to(reader).values(*ROW)


def invoice_row(invoice_id: UUID, *, reader: User) -> dict[str, Any]:
    """One invoice with all that it says. Raises NotFound."""
    row = Invoice.objects.visible_to(reader).filter(pk=invoice_id).values(*ROW, "document", "reason").first()
    if row is None:
        raise NotFound()
    return row


def invoice_to_read(invoice_id: UUID, *, reader: User) -> Invoice:
    """Raises NotFound."""
    found = Invoice.objects.visible_to(reader).select_related("recipient").filter(pk=invoice_id).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class SeriesCheck:
    """What was found of one series: how many of its numbers are there, and which are missing or beyond the counter."""

    series: InvoiceSeries
    issued: int
    missing: tuple[int, ...]
    misnumbered: int

    @property
    def is_whole(self) -> bool:
        return not self.missing and not self.misnumbered and self.issued == self.series.last_number


_SHOWN_GAPS = 20
_CHECK = """
    SELECT count(*),
           count(*) FILTER (
               WHERE i.sequence < 1 OR i.sequence > s.last_number OR i.kind <> s.kind OR i.year <> s.year
                  OR i.number <> s.prefix || '-' || s.year || '-' || lpad(i.sequence::text, 6, '0')
                  OR extract(year FROM i.issued_on) <> s.year
           )
      FROM billing_invoiceseries s LEFT JOIN billing_invoice i ON i.series_id = s.id
     WHERE s.id = %s AND i.id IS NOT NULL
"""
_GAPS = """
    SELECT number FROM generate_series(1, %s) AS number
    EXCEPT SELECT sequence FROM billing_invoice WHERE series_id = %s
    ORDER BY 1 LIMIT %s
"""


def check_series(series: InvoiceSeries) -> SeriesCheck:
    """Each number from one to the counter is borne by one invoice of that series, kind and year, and none beyond."""
    with connection.cursor() as cursor:
        cursor.execute(_CHECK, [series.pk])
        issued, misnumbered = cursor.fetchone()
        missing: Sequence[int] = ()
        if issued != series.last_number or misnumbered:
            cursor.execute(_GAPS, [series.last_number, series.pk, _SHOWN_GAPS])
            missing = [row[0] for row in cursor.fetchall()]
    return SeriesCheck(series, issued, tuple(missing), misnumbered)


def is_invoiced(bill: Bill) -> bool:
    return Invoice.objects.filter(bill=bill, kind=InvoiceKind.INVOICE).exists()
