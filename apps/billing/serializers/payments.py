"""Payments as they are asked for and answered."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.billing import gateways, rules
from apps.billing.models import GatewayCode, Payment, PaymentEvent
from apps.billing.models.coupons import MAX_CODE
from apps.billing.workflow import PaymentStatus, Source
from apps.common import money
from apps.common.exceptions import raise_if

from .refunds import RefundShown


class PaymentShown(serializers.Serializer):
    """Money that was paid or is to be paid, and how that stands."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    bill_id = serializers.UUIDField(allow_null=True)
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


class PaymentEventShown(serializers.Serializer):
    """One thing that happened to a payment."""

    at = serializers.DateTimeField()
    code = serializers.CharField(help_text="A stable word: created, page_opened, captured, declined, refunded, ...")
    status = serializers.ChoiceField(choices=PaymentStatus.choices, help_text="How it stood afterwards.")
    source = serializers.ChoiceField(choices=Source.choices, help_text="Who told it.")


class PaymentDetail(PaymentShown):
    """A payment with all that happened to it, the first thing first."""

    failure_code = serializers.CharField(allow_blank=True, help_text="The gateway's own word for why it failed.")
    withheld = serializers.CharField(help_text="What a dispute withholds, as `amount`.")
    lost = serializers.CharField(help_text="What was lost in a dispute, as `amount`.")
    events = PaymentEventShown(many=True)
    refunds = RefundShown(many=True)


class PaymentStanding(serializers.Serializer):
    """How a payment stands this moment."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=PaymentStatus.choices)
    failure_code = serializers.CharField(allow_blank=True)
    is_final = serializers.BooleanField(help_text="Nothing is expected to happen by itself any more: stop asking.")


class PaymentStarted(PaymentStanding):
    """A payment, and the page on which it is made."""

    gateway = serializers.ChoiceField(choices=GatewayCode.choices)
    amount = serializers.CharField(help_text="Decimal in the currency's own places.")
    currency = serializers.CharField(help_text="ISO 4217 code.")
    checkout_url = serializers.CharField(
        allow_null=True,
        help_text="Send the payer there. Null for what staff entered, and while the gateway has not answered: send the "
        "same request again.",
    )
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When the page closes.")


#: Those with a page of their own.
ONLINE_GATEWAYS = [choice for choice in GatewayCode.choices if choice[0] != GatewayCode.OFFLINE]


class GatewayShown(serializers.Serializer):
    """A way to pay this amount."""

    code = serializers.ChoiceField(choices=ONLINE_GATEWAYS)
    name = serializers.CharField()


class GatewaysAsked(serializers.Serializer):
    currency = serializers.CharField(max_length=3, validators=[money.validate_currency], help_text="ISO 4217 code.")
    amount = serializers.DecimalField(
        max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, min_value=Decimal("0.001")
    )


class StartPaymentInput(serializers.Serializer):
    """Which bill, or what there may be none of yet; how. The second half is for what staff saw arrive."""

    bill_id = serializers.UUIDField(required=False)
    appointment_id = serializers.UUIDField(required=False)
    booking_id = serializers.UUIDField(required=False)
    gateway = serializers.ChoiceField(choices=GatewayCode.choices)
    coupon_code = serializers.CharField(
        max_length=MAX_CODE, required=False, allow_blank=True, default="",
        help_text="Taken with the bill, as long as nobody has begun to pay it; sent again it changes nothing.",
    )  # fmt: skip
    amount = serializers.DecimalField(
        max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, required=False, min_value=Decimal("0.001"),
        help_text="In the bill's currency. Without it what is due now: the next instalment. Never more than is owed, "
        "and from a patient not less than is due now.",
    )  # fmt: skip
    return_url = serializers.URLField(
        max_length=500, required=False, allow_blank=True, default="",
        help_text="Where the payer goes afterwards, of one of the allowed origins; it gets `payment`. Without it a "
        "page of Medivoy's.",
    )  # fmt: skip
    method = serializers.ChoiceField(choices=Payment.Method.choices, required=False)
    received_on = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=140, required=False, allow_blank=True, default="")

    def validate_return_url(self, url: str) -> str:
        raise_if(rules.why_not_return_to(url, settings.PAYMENT_RETURN_ORIGINS))
        return url

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = [name for name in ("bill_id", "appointment_id", "booking_id") if name in attrs]
        if len(named) != 1:
            raise serializers.ValidationError({"bill_id": [_("Say what is paid for, by one of its ids.")]})
        if attrs["gateway"] == gateways.OFFLINE:
            missing = [name for name in ("amount", "method", "received_on") if name not in attrs]
            if missing:
                raise serializers.ValidationError({name: [_("This field is required.")] for name in missing})
        return attrs


#: The columns of `payment`.
ROW = (
    "id", "number", "bill_id", "amount", "currency", "method", "received_on", "subject_label", "status", "gateway",
    "captured", "refunded", "created_at",
)  # fmt: skip
#: And of `detail`.
DETAIL_ROW = (*ROW, "failure_code", "withheld", "lost")
_IS_FINAL = {"completed", "partially_refunded", "refunded", "disputed", "cancelled", "failed"}


def payment(row: dict[str, Any]) -> dict[str, Any]:
    """The answer of PaymentShown, from a row with the columns of ROW."""
    return {
        "id": row["id"],
        "number": row["number"],
        "bill_id": row["bill_id"],
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


def payment_detail(
    row: dict[str, Any], *, events: list[dict[str, Any]], refunds: list[dict[str, Any]]
) -> dict[str, Any]:
    """The answer of PaymentDetail, from a row with the columns of DETAIL_ROW, its events and its answered refunds."""
    return payment(row) | {
        "failure_code": row["failure_code"],
        "withheld": str(money.quantize(row["withheld"], row["currency"])),
        "lost": str(money.quantize(row["lost"], row["currency"])),
        "events": events,
        "refunds": refunds,
    }


def event(row: PaymentEvent) -> dict[str, Any]:
    return {"at": row.at, "code": row.code, "status": row.to_status, "source": row.source}


def standing(payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.pk,
        "number": payment.number,
        "status": payment.status,
        "failure_code": payment.failure_code,
        "is_final": payment.status in _IS_FINAL,
    }


def started(payment: Payment) -> dict[str, Any]:
    is_open = bool(payment.checkout_url) and payment.status in {"pending", "failed"}
    return standing(payment) | {
        "gateway": payment.gateway,
        "amount": str(payment.value.amount),
        "currency": payment.currency,
        "checkout_url": payment.checkout_url if is_open else None,
        "expires_at": payment.checkout_expires_at if is_open else None,
    }
