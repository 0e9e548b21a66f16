"""Payments as they are answered."""

from typing import Any

from rest_framework import serializers

from apps.billing.models import GatewayCode
from apps.billing.workflow import PaymentStatus
from apps.common import money


class PaymentShown(serializers.Serializer):
    """Money that was paid or is to be paid, and how that stands."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    amount = serializers.CharField(help_text="Decimal in the currency's own places; always positive.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    method = serializers.CharField(
        allow_blank=True, help_text="bank_transfer, cash, card_terminal, or the gateway's own word."
    )
    received_on = serializers.DateField(allow_null=True)
    subject = serializers.CharField(allow_blank=True, help_text="What it was paid for.")
    status = serializers.ChoiceField(choices=PaymentStatus.choices)
    gateway = serializers.ChoiceField(choices=GatewayCode.choices)
    captured = serializers.CharField(help_text="What came in, as `amount`.")
    refunded = serializers.CharField(help_text="What was given back of it, as `amount`.")
    created_at = serializers.DateTimeField()


#: The columns of `payment`.
ROW = (
    "id", "number", "amount", "currency", "method", "received_on", "subject_label", "status", "gateway", "captured",
    "refunded", "created_at",
)  # fmt: skip


def payment(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of PaymentShown, from a row with the columns of ROW."""
    return {
        "id": row["id"],
        "number": row["number"],
        "amount": str(money.quantize(row["amount"], row["currency"])),
        "currency": row["currency"],
        "method": row["method"],
        "received_on": row["received_on"],
        "subject": row["subject_label"],
        "status": row["status"],
        "gateway": row["gateway"],
        "captured": str(money.quantize(row["captured"], row["currency"])),
        "refunded": str(money.quantize(row["refunded"], row["currency"])),
        "created_at": row["created_at"],
    }
