"""What is asked of a gateway, in the tests of all of them."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from apps.billing import gateways
from apps.common import ids
from apps.common.money import Money

CANARY_EMAIL, CANARY_NAME = "canary.payer@example.org", "Canary Payer"


def money(amount, currency="USD"):
    return Money(Decimal(amount), currency)


def order(amount="120.50", currency="USD", **changes):
    facts = {
        "key": ids.uuid7(),
        "number": "PAY-7K3Q9F2M",
        "amount": money(amount, currency),
        "description": "Medivoy PAY-7K3Q9F2M",
        "payer_email": CANARY_EMAIL,
        "payer_name": CANARY_NAME,
        "language": "en",
        "return_url": "https://medivoy.example.com/paid",
        "cancel_url": "https://medivoy.example.com/left",
        "expires_at": timezone.now() + timedelta(hours=2),
    }
    return gateways.Order(**facts | changes)


def refund_order(payment_order, reference, amount, currency="USD"):
    return gateways.RefundOrder(
        key=ids.uuid7(),
        payment_key=payment_order.key,
        payment_reference=reference,
        amount=money(amount, currency),
    )
