"""Links in messages by which whoever has them pays for a subscription, without signing in. They show its number, plan
and amount, and open the gateway's page; nothing else can be done with one."""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from apps.billing.models import Subscription

_SALT = "billing.pay_subscription"
#: Longer than a bill of a subscription can be unpaid.
_VALID_SECONDS = 60 * 24 * 3600


def link_to_pay(subscription_id: UUID) -> str:
    token = signing.dumps(str(subscription_id), salt=_SALT)
    return f"{settings.PUBLIC_URL}{reverse('pay-subscription', args=[token])}"


def subscription_of(token: str) -> Subscription | None:
    """None for a link that we did not make, or that is too old."""
    try:
        pk = UUID(signing.loads(token, salt=_SALT, max_age=_VALID_SECONDS))
    except signing.BadSignature:
        return None
    return Subscription.objects.select_related("plan", "payer", "hospital", "doctor__user").filter(pk=pk).first()
