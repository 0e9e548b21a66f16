"""Invoices as they are asked for and answered."""

from typing import Any

from rest_framework import serializers

from apps.billing.models import InvoiceKind
from apps.common import money
from apps.common.money import DECIMAL_PLACES, MAX_DIGITS

_AMOUNT = "Decimal in the currency's own places."


class InvoiceShown(serializers.Serializer):
    """An invoice, an advance payment's receipt or a credit note, as it was issued. It never changes."""

    id = serializers.UUIDField()
    number = serializers.CharField(help_text="Without gaps in its issuer's series of the kind and the year.")
    kind = serializers.ChoiceField(choices=InvoiceKind.choices)
    year = serializers.IntegerField()
    issuer = serializers.CharField(help_text="The legal name of whoever issued it, as it is today.")
    issued_at = serializers.DateTimeField()
    issued_on = serializers.DateField(help_text="The day in the issuer's zone.")
    due_on = serializers.DateField(allow_null=True)
    language = serializers.CharField()
    currency = serializers.CharField(help_text="ISO 4217 code.")
    net = serializers.CharField(help_text=_AMOUNT)
    tax = serializers.CharField(help_text=_AMOUNT)
    total = serializers.CharField(help_text=f"{_AMOUNT} Positive for a credit note too.")
    bill_id = serializers.UUIDField(allow_null=True)
    bill_number = serializers.CharField(allow_null=True)
    payment_id = serializers.UUIDField(allow_null=True, help_text="Of a receipt: what was received.")
    payment_number = serializers.CharField(allow_null=True)
    corrects_id = serializers.UUIDField(allow_null=True, help_text="Of a credit note: what it corrects.")
    corrects_number = serializers.CharField(allow_null=True)


class InvoiceLineShown(serializers.Serializer):
    description = serializers.CharField()
    quantity = serializers.CharField()
    unit_price = serializers.CharField(help_text=_AMOUNT)
    discount = serializers.CharField(help_text=_AMOUNT)
    tax_mode = serializers.CharField(help_text="exempt, exclusive or inclusive.")
    tax_name = serializers.CharField(allow_blank=True)
    tax_percent = serializers.CharField()
    net = serializers.CharField(help_text=_AMOUNT)
    tax = serializers.CharField(help_text=_AMOUNT)
    total = serializers.CharField(help_text=_AMOUNT)


class InvoiceTaxShown(serializers.Serializer):
    """What is taxed at one rate."""

    name = serializers.CharField(allow_blank=True, help_text="Empty where it is exempt.")
    percent = serializers.CharField()
    net = serializers.CharField(help_text=_AMOUNT)
    tax = serializers.CharField(help_text=_AMOUNT)


class InvoiceRecipientShown(serializers.Serializer):
    name = serializers.CharField()
    lines = serializers.ListField(child=serializers.CharField())
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 code.")


class InvoiceDetail(InvoiceShown):
    """With all that is printed."""

    recipient = InvoiceRecipientShown()
    lines = InvoiceLineShown(many=True, help_text="As billed; none on receipts and credit notes.")
    taxes = InvoiceTaxShown(many=True)
    paid = serializers.CharField(allow_null=True, help_text="Of an invoice: what was paid when it was issued.")
    due = serializers.CharField(allow_null=True, help_text="Of an invoice: what was left to pay then.")
    reason = serializers.CharField(allow_blank=True, help_text="Of a credit note that staff issued.")


class IssueInvoice(serializers.Serializer):
    """What is to be issued: a bill's invoice, the receipt of a payment, or a credit note."""

    kind = serializers.ChoiceField(choices=InvoiceKind.choices, required=False, default=InvoiceKind.INVOICE)
    bill_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    payment_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    amount = serializers.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, required=False, allow_null=True, default=None,
        help_text="Of a credit note: with tax, in the invoice's currency; all that is left where it is not given.",
    )  # fmt: skip
    reason = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="",
        help_text="Of a credit note, and needed there. It is printed: nothing medical.",
    )  # fmt: skip


class PdfLanguage(serializers.Serializer):
    """The language of a document."""

    lang = serializers.ChoiceField(
        choices=["en", "ar", "hi", "es", "fr"], required=False, default="", help_text="The invoice's own if not given."
    )


class SentShown(serializers.Serializer):
    """That it is on its way."""

    invoice_id = serializers.UUIDField()
    sent_at = serializers.DateTimeField()


def invoice(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of InvoiceShown, from a row with the columns of `selectors.invoice_rows`."""
    currency = row["currency"]
    same = ("id", "number", "kind", "year", "issued_at", "issued_on", "due_on", "language", "currency")
    return {
        **{name: row[name] for name in same},
        "issuer": row["issuer__legal_name"],
        **{name: str(money.quantize(row[name], currency)) for name in ("net", "tax", "total")},
        **{f"{name}_id": row[name] for name in ("bill", "payment", "corrects")},
        **{f"{name}_number": row[f"{name}__number"] for name in ("bill", "payment", "corrects")},
    }


def invoice_detail(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of InvoiceDetail, from `selectors.invoice_row`."""
    says = row["document"]
    return invoice(row) | {
        "issuer": says["issuer"]["legal_name"],
        "recipient": says["recipient"],
        "lines": says.get("lines", []),
        "taxes": says["taxes"],
        "paid": says.get("paid"),
        "due": says.get("due"),
        "reason": row["reason"],
    }
