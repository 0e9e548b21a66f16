"""The hourly job of subscriptions: the next period, its charge, what is not paid, what is over.

A renewal happens once, however often and however many at once this runs: the subscription's row is locked, looked at
again, and the period's number is unique. A gateway is called outside any transaction, and the payment's id is the key
of that call; whoever charges has first put the next charge off (the lease), so that another run leaves it alone, and
one that was killed is followed by another an hour later.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import Error, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.billing import notifications
from apps.billing.models import Bill, Mandate, Payment, Subscription, SubscriptionPeriod
from apps.billing.rules import subscriptions as rules
from apps.billing.workflow import OWING, RENEWABLE, PaymentStatus, SubscriptionStatus
from apps.common.exceptions import DomainError

from . import limits, paying, subscribing, subscriptions

#: A run that charges has so long before another takes over, and asks so long later what became of a charge.
LEASE = timedelta(hours=1)
ASK_LATER = timedelta(hours=6)
#: So many of each kind are looked at in one run.
BATCH = 1_000
_DAY = timedelta(days=1)
#: What nobody has paid on its page stays pending, and is no money on its way.
_LEFT = Q(status=PaymentStatus.PENDING, is_unknown=False, mandate=None)
_UNDER_WAY = Q(status__in=[PaymentStatus.PENDING, PaymentStatus.PROCESSING]) | Q(is_unknown=True)

log = structlog.get_logger(__name__)


def renew_subscriptions(now: datetime | None = None) -> dict[str, int]:
    """Every period that is over is followed by the next or by the end; whoever has to pay is charged or asked; what
    was not paid in time is given up or has ended; limits are those of the plans. How many of each."""
    now = now or timezone.now()
    today = now.date()
    rows = Subscription.objects
    return {
        "renewed": _each(rows.over(today).order_by("ends_on", "pk"), renew, now),
        "given_up": _each(
            rows.filter(pk__in=_unpaid_periods(now).values("subscription")).order_by("pk"), drop_unpaid, now
        ),
        "charged": _each(rows.to_charge(now).order_by("next_charge_at"), charge, now),
        "ended": _each(rows.past_grace(today).order_by("grace_until", "pk"), end_unpaid, now),
        "warned": _each(_to_warn(today).order_by("pk"), warn, now),
        "levelled": limits.level_limits(),
    }


def _each(rows: QuerySet, act: Callable[..., bool], now: datetime) -> int:
    """Each on its own, so that one that fails stops no other; that is logged, and the next run tries again."""
    done = 0
    for pk in list(rows.values_list("pk", flat=True)[:BATCH]):
        try:
            done += act(pk, now=now)
        except (DomainError, Error):
            log.exception("subscription_failed", subscription=str(pk), step=act.__name__)
    return done


@transaction.atomic
def renew(subscription_id: UUID, *, now: datetime) -> bool:
    """The period that is over is followed by the next, whose bill is open and charged next; or the subscription has
    ended, where nobody wants it renewed. False where another run was first."""
    subscription = subscribing.locked(subscription_id)
    ends_on = subscription.ends_on
    if subscription.status not in RENEWABLE or ends_on is None or not rules.is_over(ends_on, now.date()):
        return False
    subscribing.give_up(subscription_id, by=None, now=now)
    if not subscription.auto_renew:
        subscriptions.end(subscription, by=None, now=now, reason="cancelled")
        return True
    plan = subscription.next_plan or subscription.plan
    starts_on = ends_on + _DAY
    period = subscribing.create(
        SubscriptionPeriod(
            subscription=subscription, number=subscribing.next_number(subscription), plan=plan, starts_on=starts_on,
            ends_on=rules.period_end(starts_on, plan.interval, subscription.anchor_day), currency=plan.currency,
            price=plan.value.amount, taken_up_at=now,
        ),
        now=now,
    )  # fmt: skip
    subscription.plan, subscription.next_plan = plan, None
    subscription.starts_on, subscription.ends_on = period.starts_on, period.ends_on
    subscription.attempts, subscription.next_charge_at = 0, now if period.bill else None
    subscribing.note_event(subscription, "renewed", by=None, now=now)
    subscribing.save(subscription, SubscriptionStatus.ACTIVE, by=None, now=now)
    limits.apply_plan(subscription)
    return True


def charge(subscription_id: UUID, *, now: datetime) -> bool:
    """The payer is charged by their leave for the present period, or asked to pay; what is not paid is overdue. False
    where another run charges, nothing is owed, or nobody knows yet what came of the last charge."""
    if not lease(subscription_id, now=now):
        return False
    subscription = Subscription.objects.select_related("payer").get(pk=subscription_id)
    period = subscribing.current_period(subscription)
    bill = period.bill if period else None
    if period is None or bill is None or bill.status not in OWING:
        with transaction.atomic():
            subscribing.settled(subscribing.locked(subscription_id), by=None, now=now)
        return False
    if bill.payments.filter(_UNDER_WAY, mandate__isnull=False).exists():
        _put_off(subscription_id, until=now + ASK_LATER)
        return False
    mandate = subscribing.mandate_of(subscription)
    payment = _charged(bill, mandate, now=now) if mandate else None
    with transaction.atomic():
        subscription = subscribing.locked(subscription_id)
        bill.refresh_from_db()
        if bill.status not in OWING or subscription.status == SubscriptionStatus.ENDED:
            return True
        if payment and _is_under_way(payment):
            _put_off(subscription_id, until=now + ASK_LATER)
            return False
        _not_paid(subscription, period, was_charged=mandate is not None, now=now)
    return True


def charge_now(subscription_id: UUID, *, now: datetime) -> bool:
    """As `charge`, for somebody who does not wait for its hour. Not while another charges."""
    recently = Q(next_charge_at__gt=now, next_charge_at__lte=now + LEASE)
    Subscription.objects.filter(pk=subscription_id, status=SubscriptionStatus.PAST_DUE).exclude(recently).update(
        next_charge_at=now
    )
    return charge(subscription_id, now=now)


@transaction.atomic
def lease(subscription_id: UUID, *, now: datetime) -> bool:
    """This run charges, and no other for an hour. False where it is not due."""
    subscription = Subscription.objects.lock(subscription_id)
    due = subscription.next_charge_at
    if due is None or due > now or subscription.status not in {SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE}:
        return False
    _put_off(subscription_id, until=now + LEASE)
    return True


def _put_off(subscription_id: UUID, *, until: datetime) -> None:
    Subscription.objects.filter(pk=subscription_id).update(next_charge_at=until)


def _charged(bill: Bill, mandate: Mandate, *, now: datetime) -> Payment | None:
    """None where it could not even be tried: the payer is asked to pay."""
    try:
        return paying.charge_mandate(bill.pk, mandate, now=now)
    except DomainError as refusal:
        log.warning("charge_refused", bill=str(bill.pk), code=refusal.code)
        return None


def _is_under_way(payment: Payment) -> bool:
    return payment.is_unknown or payment.status in {PaymentStatus.PENDING, PaymentStatus.PROCESSING}


def _not_paid(subscription: Subscription, period: SubscriptionPeriod, *, was_charged: bool, now: datetime) -> None:
    """It is overdue, the payer reads how to pay, and is charged or asked again some days later. Under the lock."""
    subscription.attempts += 1
    subscription.past_due_at = subscription.past_due_at or now
    subscription.grace_until = subscription.grace_until or rules.grace_end(now)
    subscription.next_charge_at = rules.asked_again_at(subscription.past_due_at, subscription.attempts)
    subscribing.note_event(subscription, "charge_failed" if was_charged else "asked", by=None, now=now)
    subscribing.save(subscription, SubscriptionStatus.PAST_DUE, by=None, now=now)
    notifications.subscription_unpaid(subscription, period, was_charged=was_charged)


@transaction.atomic
def end_unpaid(subscription_id: UUID, *, now: datetime) -> bool:
    """What was not paid within its grace has ended. False while money is on its way."""
    subscription = subscribing.locked(subscription_id)
    until = subscription.grace_until
    if subscription.status != SubscriptionStatus.PAST_DUE or until is None or until >= now.date():
        return False
    if _payments_of(subscription).filter(_UNDER_WAY).exclude(_LEFT).exists():
        return False
    subscriptions.end(subscription, by=None, now=now, reason="unpaid")
    return True


@transaction.atomic
def drop_unpaid(subscription_id: UUID, *, now: datetime) -> bool:
    """A first period or a better plan that nobody has paid within a day is given up, unless somebody is just paying."""
    subscription = subscribing.locked(subscription_id)
    if not _unpaid_periods(now).filter(subscription=subscription).exists():
        return False
    open_page = Q(status=PaymentStatus.PENDING, checkout_expires_at__gt=now)
    if _payments_of(subscription).filter(_UNDER_WAY).exclude(_LEFT).exists():
        return False
    if _payments_of(subscription).filter(open_page).exists():
        return False
    subscribing.give_up(subscription_id, by=None, now=now)
    return True


@transaction.atomic
def warn(subscription_id: UUID, *, now: datetime) -> bool:
    """The payer is told that the trial, or the grace, ends in a few days: once for each such day."""
    subscription: Subscription = Subscription.objects.select_related("plan", "payer").lock(subscription_id)
    if not _to_warn(now.date()).filter(pk=subscription_id).exists():
        return False
    is_trial = subscription.status == SubscriptionStatus.TRIALING
    subscription.warned_of = subscription.ends_on if is_trial else subscription.grace_until
    subscription.save(update_fields=["warned_of", "updated_at"])
    if is_trial:
        notifications.trial_ends(subscription)
    else:
        bill = subscriptions.owed_bill(subscription)
        notifications.grace_ends(subscription, amount=bill.balance if bill else subscription.plan.value)
    return True


def _unpaid_periods(now: datetime) -> Any:
    return SubscriptionPeriod.objects.not_taken_up().filter(created_at__lte=now - rules.PAID_WITHIN)


def _payments_of(subscription: Subscription) -> Any:
    return Payment.objects.filter(bill__subject_id=subscription.pk, bill__subject_type=subscribing.SUBJECT)


def _to_warn(today: date) -> Any:
    soon = today + timedelta(days=rules.WARNED_DAYS_BEFORE)
    trial = Q(status=SubscriptionStatus.TRIALING, auto_renew=True, ends_on__lte=soon, ends_on__gte=today)
    grace = Q(status=SubscriptionStatus.PAST_DUE, grace_until__lte=soon, grace_until__gte=today)
    told_of_trial = Q(status=SubscriptionStatus.TRIALING, warned_of=F("ends_on"))
    told_of_grace = Q(status=SubscriptionStatus.PAST_DUE, warned_of=F("grace_until"))
    return Subscription.objects.filter(trial | grace).exclude(told_of_trial).exclude(told_of_grace)
