"""What cancelling an appointment would mean, as it is answered."""

from typing import Any

from rest_framework import serializers

from apps.billing.selectors import CancellationPreview
from apps.bookings import selectors

from .appointments import RescheduleShown, refusal


class AppointmentRefundShown(serializers.Serializer):
    """What is given back of what was paid, by the terms that were agreed on when it was paid."""

    currency = serializers.CharField(help_text="ISO 4217 code.")
    paid = serializers.CharField(help_text="What was paid and not given back; a decimal in the currency's own places.")
    amount = serializers.CharField(help_text="What comes back now, as `paid`.")
    kept = serializers.CharField(help_text="What does not, as `paid`.")
    percent = serializers.IntegerField(help_text="Of what was paid.")
    steps_down_at = serializers.DateTimeField(
        allow_null=True, help_text="Until then, that moment included. Null where it never becomes less."
    )
    then_percent = serializers.IntegerField(allow_null=True)
    then_amount = serializers.CharField(allow_null=True)


class AppointmentCancellationShown(RescheduleShown):
    """Whether the caller may cancel now, and what would come back."""

    refund = AppointmentRefundShown(
        allow_null=True, help_text="Null where nothing was billed, and for those who see no bill."
    )


def cancellation(found: selectors.Cancellation) -> dict[str, Any]:
    """The answer of AppointmentCancellationShown."""
    return refusal(found.why_not) | {"refund": _refund(found.refund) if found.refund else None}


def _refund(quote: CancellationPreview) -> dict[str, Any]:
    return {
        "currency": quote.refund.currency,
        "paid": str(quote.paid.amount),
        "amount": str(quote.refund.amount),
        "kept": str(quote.kept.amount),
        "percent": quote.percent,
        "steps_down_at": quote.steps_down_at,
        "then_percent": quote.then_percent,
        "then_amount": None if quote.then_refund is None else str(quote.then_refund.amount),
    }
