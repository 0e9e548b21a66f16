"""An invoice on paper: what was frozen, with words around it in the language that is asked for."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.billing.models import BillLine, GatewayCode, Invoice, InvoiceKind, Payment
from apps.common import documents, wall_time
from apps.common.money import Money

TEMPLATE = "billing/documents/invoice.typ"
#: What is printed for a character that no font of ours has. The name itself stays as it is in the row.
_UNKNOWN = "?"


def invoice_pdf(invoice: Invoice, language: str = "") -> bytes:
    """The PDF of an invoice, a receipt or a credit note in one of the five languages, its own if none is given. The
    same invoice gives the same bytes. One that is not saved yet says that it is a preview. Not to be called in a
    transaction.

    Raises DocumentError.
    """
    language = language or invoice.language
    with translation.override(language):
        data = _printable(_Paper(invoice, language).data())
    return documents.render(TEMPLATE, data, language, at=invoice.issued_at)


def invoice_pictures(invoice: Invoice, language: str = "") -> list[bytes]:
    """The same as pictures (PNG), one a page."""
    language = language or invoice.language
    with translation.override(language):
        data = _printable(_Paper(invoice, language).data())
    return documents.pictures(TEMPLATE, data, language)


class _Paper:
    """One invoice in one language."""

    def __init__(self, invoice: Invoice, language: str) -> None:
        self.invoice, self.language, self.says = invoice, language, invoice.document

    def data(self) -> dict[str, Any]:
        issuer, invoice = self.says["issuer"], self.invoice
        tax_number = _("Tax number %(number)s") % {"number": issuer["tax_number"]} if issuer["tax_number"] else ""
        lines = [*issuer["address"].splitlines(), tax_number, issuer["email"], issuer["phone"]]
        return {
            "labels": self.labels(),
            "number": invoice.number or _("Without a number"),
            "head": {"name": issuer["legal_name"], "lines": [line for line in lines if line]},
            "foot": [invoice.number or _("Preview"), self.says["recipient"]["name"], issuer["legal_name"]],
            "banner": "" if invoice.number else _("Preview. This has not been issued."),
            "recipient": self.recipient(),
            "facts": self.facts(),
            "lines": [self.line(line) for line in self.says.get("lines", [])],
            "has_discount": any(Decimal(line["discount"]) for line in self.says.get("lines", [])),
            "reason": self.reason(),
            "taxes": self.taxes(),
            "totals": self.totals(),
            "payments": [self.payment(one) for one in self.says.get("payments", [])],
            "receipts": [self.receipt(one) for one in self.says.get("receipts", [])],
            "note": issuer["footer"],
        }

    def labels(self) -> dict[str, str]:
        titles = {
            InvoiceKind.INVOICE: pgettext("invoice", "Invoice"),
            InvoiceKind.ADVANCE_RECEIPT: pgettext("invoice", "Advance payment receipt"),
            InvoiceKind.CREDIT_NOTE: pgettext("invoice", "Credit note"),
        }
        return {
            "title": titles[InvoiceKind(self.invoice.kind)],
            "to": pgettext("invoice", "To"),
            "description": pgettext("invoice", "Description"),
            "quantity": pgettext("invoice", "Quantity"),
            "unit_price": pgettext("invoice", "Price of one"),
            "discount": pgettext("invoice", "Discount"),
            "tax": pgettext("invoice", "Tax"),
            "amount": pgettext("invoice", "Net amount"),
            "tax_rate": pgettext("invoice", "Rate"),
            "taxed": pgettext("invoice", "Net"),
            "payments": _("Payments received"),
            "receipts": _("Receipts of advance payments issued before"),
            "number": pgettext("invoice", "Number"),
            "on": pgettext("invoice", "Date"),
            "method": pgettext("invoice", "Paid by"),
            "tax_in_it": _("Tax in it"),
            "paid_amount": pgettext("invoice", "Amount"),
        }

    def recipient(self) -> dict[str, Any]:
        given = self.says["recipient"]
        country = Locale.parse(self.language).territories.get(given["country"], given["country"])
        return {"name": given["name"], "lines": [line for line in (*given["lines"], country) if line]}

    def facts(self) -> list[list[str]]:
        invoice = self.invoice
        facts = [[_("Issued on"), self.day(invoice.issued_on)]]
        if corrected := self.says.get("corrects"):
            facts.append([_("Corrects"), f"{corrected['number']}\n{self.day(date.fromisoformat(corrected['on']))}"])
        if invoice.due_on and Decimal(self.says.get("due", "0")):
            facts.append([_("To be paid until"), self.day(invoice.due_on)])
        subject = self.says["subject"]
        return [*facts, [pgettext("invoice", "For"), subject["label"]], [_("Bill"), subject["number"]]]

    def line(self, line: dict[str, Any]) -> dict[str, str]:
        is_inclusive = line["tax_mode"] == BillLine.TaxMode.INCLUSIVE and Decimal(line["tax_percent"])
        return {
            "description": line["description"],
            "note": _("Price with tax") if is_inclusive else "",
            "quantity": documents.number(Decimal(line["quantity"]), self.language),
            "unit_price": self.money(line["unit_price"]),
            "discount": self.money(line["discount"]) if Decimal(line["discount"]) else "",
            "tax": self.percent(line["tax_percent"]) if line["tax_mode"] != BillLine.TaxMode.EXEMPT else "",
            "amount": self.money(line["net"]),
        }

    def taxes(self) -> list[dict[str, str]]:
        return [
            {
                "name": row["name"]
                or (_("Exempt from tax") if not Decimal(row["percent"]) else pgettext("invoice", "Tax")),
                "rate": self.percent(row["percent"]),
                "net": self.money(row["net"]),
                "tax": self.money(row["tax"]),
            }
            for row in self.says["taxes"]
        ]

    def totals(self) -> list[dict[str, Any]]:
        """What stands at the foot of the sums: the weightiest in bold."""
        invoice, says = self.invoice, self.says
        rows: list[tuple[str, str, bool]] = []
        if Decimal(says.get("credited", "0")):
            in_all = sum(Decimal(line["total"]) for line in says["lines"])
            rows.append((_("Lines in all, with tax"), self.money(in_all), False))
            rows.append((_("Credited before"), self.money(says["credited"]), False))
        rows.append((pgettext("invoice", "Net"), self.money(invoice.net), False))
        rows.append((pgettext("invoice", "Tax"), self.money(invoice.tax), False))
        if invoice.kind == InvoiceKind.CREDIT_NOTE:
            rows.append((_("Credited"), self.money(invoice.total), True))
            left = _("Left of %(number)s") % {"number": says["corrects"]["number"]}
            rows.append((left, self.money(says["left"]), False))
        elif invoice.kind == InvoiceKind.ADVANCE_RECEIPT:
            rows.append((_("Received"), self.money(invoice.total), True))
            if says["bill_total"]:
                rows.append((_("Billed in all"), self.money(says["bill_total"]), False))
        else:
            rows.append((pgettext("invoice", "Total"), self.money(invoice.total), True))
            rows.append((pgettext("invoice", "Paid"), self.money(says["paid"]), False))
            rows.append((_("Left to pay"), self.money(says["due"]), True))
        return [{"label": label, "amount": amount, "is_strong": strong} for label, amount, strong in rows]

    def reason(self) -> str:
        if self.invoice.kind != InvoiceKind.CREDIT_NOTE:
            return ""
        return self.invoice.reason or _("For what was credited or given back.")

    def payment(self, one: dict[str, str]) -> list[str]:
        methods: dict[Any, Any] = dict(Payment.Method.choices)
        gateways: dict[Any, Any] = dict(GatewayCode.choices)
        by = methods.get(one["method"]) or gateways.get(one["gateway"], one["gateway"])
        return [one["number"], self.day(date.fromisoformat(one["on"])), str(by), self.money(one["amount"])]

    def receipt(self, one: dict[str, str]) -> list[str]:
        on = self.day(date.fromisoformat(one["on"]))
        return [one["number"], on, self.money(one["tax"]), self.money(one["total"])]

    def money(self, amount: Any) -> str:
        return Money(Decimal(amount), self.invoice.currency).format(self.language)

    def percent(self, rate: str) -> str:
        return _("%(rate)s%%") % {"rate": documents.number(Decimal(rate), self.language)}

    def day(self, day: date) -> str:
        return wall_time.day(day, self.language)


def _printable(value: Any) -> Any:
    """The same, without characters that our fonts cannot show: a name in another script must not keep somebody from
    having an invoice."""
    if isinstance(value, str):
        for character in documents.unsupported(value):
            value = value.replace(character, _UNKNOWN)
        return value
    if isinstance(value, dict):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_printable(inner) for inner in value]
    return value
