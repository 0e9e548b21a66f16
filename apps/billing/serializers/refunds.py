"""Refunds and cancellations as they are asked for and answered."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from apps.billing.models import Refund
from apps.billing.selectors import CancellationPreview
from apps.billing.workflow import Canceller, RefundStatus
from apps.common import money
from apps.common.money import DECIMAL_PLACES, MAX_DIGITS

#: The columns of `refund`.
REFUND_ROW = ("id", "number", "payment_id", "amount", "currency", "status", "cause", "paid_out_on", "created_at")


class AskRefund(serializers.Serializer):
    """Money that is to be given back."""

    amount = serializers.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, required=False, allow_null=True, default=None,
        help_text="In the payment's currency; all that is left where it is not given.",
    )  # fmt: skip
    reason = serializers.CharField(max_length=300, help_text="Read by staff only.")


@extend_schema_serializer(component_name="PaymentRefund")
class RefundShown(serializers.Serializer):
    """A part of a payment, or all of it, that is given back."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    payment_id = serializers.UUIDField()
    amount = serializers.CharField(help_text="Decimal in the currency's own places; always positive.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    status = serializers.ChoiceField(choices=RefundStatus.choices)
    cause = serializers.ChoiceField(choices=Refund.Cause.choices)
    paid_out_on = serializers.DateField(allow_null=True, help_text="Where staff paid it out themselves.")
    created_at = serializers.DateTimeField()


class CancellationAsked(serializers.Serializer):
    """Whose cancellation is meant."""

    actor = serializers.ChoiceField(choices=Canceller.choices, required=False, default=Canceller.PATIENT)


@extend_schema_serializer(component_name="BillCancellation")
class CancellationShown(serializers.Serializer):
    """What a cancellation now would give back, by the terms that were frozen at purchase. It holds up to and including
    `steps_down_at`; null where it never becomes less."""

    actor = serializers.ChoiceField(choices=Canceller.choices)
    currency = serializers.CharField(help_text="ISO 4217 code.")
    paid = serializers.CharField(help_text="What was paid and is not given back or on its way back.")
    refund = serializers.CharField(help_text="What a cancellation now gives back of it.")
    kept = serializers.CharField(help_text="What is kept of it.")
    percent = serializers.IntegerField(help_text="What the terms give back of the price.")
    steps_down_at = serializers.DateTimeField(allow_null=True)
    then_refund = serializers.CharField(allow_null=True, help_text="What a cancellation gives back after that.")
    then_percent = serializers.IntegerField(allow_null=True)
    begins_at = serializers.DateTimeField(allow_null=True)
    terms = serializers.CharField(allow_blank=True, help_text="Which terms were agreed on.")


def refund(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of RefundShown, from a row with the columns of REFUND_ROW."""
    return row | {"amount": str(money.quantize(row["amount"], row["currency"]))}


def cancellation(preview: CancellationPreview, bill: Any, actor: str) -> dict[str, Any]:
    """The answer of CancellationShown."""
    return {
        "actor": actor,
        "currency": bill.currency,
        "paid": str(preview.paid.amount),
        "refund": str(preview.refund.amount),
        "kept": str(preview.kept.amount),
        "percent": preview.percent,
        "steps_down_at": preview.steps_down_at,
        "then_refund": None if preview.then_refund is None else str(preview.then_refund.amount),
        "then_percent": preview.then_percent,
        "begins_at": bill.begins_at,
        "terms": bill.terms_version,
    }
