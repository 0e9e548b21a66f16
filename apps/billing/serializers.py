"""Payments as they are answered."""

from typing import Any

from rest_framework import serializers

from apps.common import money

from .models import Payment


class PaymentShown(serializers.Serializer):
    """Money that was received, or (where it `reverses` another payment) taken back."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    amount = serializers.CharField(help_text="Decimal in the currency's own places; always positive.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    method = serializers.ChoiceField(choices=Payment.Method.choices)
    received_on = serializers.DateField()
    subject = serializers.CharField(allow_blank=True, help_text="What it was paid for.")
    is_reversed = serializers.BooleanField()
    reverses = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()


#: The columns of `payment`.
ROW = (
    "id", "number", "amount", "currency", "method", "received_on", "subject_label", "reversed_by", "reverses_id",
    "created_at",
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
        "is_reversed": row["reversed_by"] is not None,
        "reverses": row["reverses_id"],
        "created_at": row["created_at"],
    }
