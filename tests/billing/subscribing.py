"""A hospital's staff who subscribe, and the world around them: their payments at the test gateway."""

from datetime import UTC, datetime, timedelta

from apps.billing import gateways, services
from apps.billing.models import LedgerEntry, Payment
from apps.billing.services import applying, subscriptions

#: When the job of a day runs.
HOUR = timedelta(hours=4, minutes=10)


def at(day, hour=HOUR):
    """An instant of a day of UTC, given as 2031-01-31."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + hour


def subscribe(user, plan, **more):
    return services.subscribe(by=user, plan=plan.code, **more)


def pay(fake_gateway, subscription, user, *, now=None):
    """What is due is paid on the gateway's page, and the news has come."""
    payment = subscriptions.pay(subscription.pk, by=user, gateway="sandbox", now=now)
    fake_gateway.pay(payment.checkout_url)
    return heard(payment)


def heard(payment):
    """The gateway was asked, and what it said is applied."""
    facts = gateways.get(payment.gateway).look_up(payment.pk, checkout=payment.checkout_reference, reference="")
    applying.apply_facts(payment.gateway, facts, source="sweep")
    return Payment.objects.get(pk=payment.pk)


def captured(fake_gateway):
    """What the gateway has taken in all, in cents, by its own books and by our ledger: the same."""
    books = sum(each["captured"] for each in fake_gateway.books().values())
    ours = sum(entry.amount for entry in LedgerEntry.objects.filter(kind="captured"))
    assert books == ours * 100
    return books


def days_of(subscription):
    return [(each.number, str(each.starts_on), str(each.ends_on)) for each in subscription.periods.order_by("number")]
