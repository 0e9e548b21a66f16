"""Verbs on a subscription that there is: another plan, its end, keeping it, paying what is due."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, gateways, notifications
from apps.billing.models import Bill, Payment, Subscription, SubscriptionPeriod, SubscriptionPlan
from apps.billing.rules import subscriptions as rules
from apps.billing.workflow import OWING, SUBSCRIPTION, SubscriptionStatus
from apps.common.exceptions import NotFound, raise_if

from . import limits, paying, subscribing

#: What the history of a bill says that is owed no more as its subscription has ended.
ENDED = "The subscription has ended."


def preview_change(
    subscription_id: UUID, *, by: User, plan: str, now: datetime | None = None
) -> tuple[Subscription, SubscriptionPlan, rules.PlanChange]:
    """What a change to the plan of this code would bring now; nothing changes. Raises what the change would raise."""
    now = now or timezone.now()
    subscription = Subscription.objects.visible_to(by).filter(pk=subscription_id).select_related("plan").first()
    if subscription is None:
        raise NotFound()
    wanted, _period, change = _change(subscription, plan, now=now)
    return subscription, wanted, change


@transaction.atomic
def change_plan(
    subscription_id: UUID, *, by: User, plan: str, version: int | None = None, now: datetime | None = None
) -> Subscription:
    """A plan that costs more is in force once the difference for the days to come is paid, whose bill is open now;
    another one from the next period on; in a trial at once. The plan that is in force already takes back what was
    planned. Gives the subscription, whose waiting period, if there is one, is to be paid (`collect`).

    Raises NotFound, PlanNotOffered, SamePlan, PaymentOutstanding, SubscriptionEnded, SubscriptionEnding,
    SubscriptionChanged.
    """
    now = now or timezone.now()
    subscription = subscribing.locked(subscription_id, by=by)
    raise_if(rules.why_not_version(subscription.version, version))
    if subscription.next_plan and subscription.plan.code == plan:
        subscription.next_plan = None
        subscribing.note_event(subscription, "change_withdrawn", by=by, now=now)
        subscribing.save(subscription, subscription.status, by=by, now=now)
        return subscription
    wanted, _period, change = _change(subscription, plan, now=now)
    if subscription.status == SubscriptionStatus.TRIALING:
        subscription.plan = wanted
        subscribing.note_event(subscription, "upgraded", by=by, now=now)
        subscribing.save(subscription, subscription.status, by=by, now=now)
        limits.apply_plan(subscription)
        notifications.subscription_changed(subscription, plan=wanted, begins_on=change.begins_on)
    elif change.is_now:
        subscribing.note_event(subscription, "upgrade_billed", by=by, now=now)
        subscribing.create(
            SubscriptionPeriod(
                subscription=subscription, number=subscribing.next_number(subscription), plan=wanted,
                starts_on=change.begins_on, ends_on=change.ends_on, currency=wanted.currency,
                price=change.charge.amount, credit=change.credit.amount,
            ),
            now=now,
        )  # fmt: skip
    else:
        subscription.next_plan = wanted
        subscribing.note_event(subscription, "change_planned", by=by, now=now)
        subscribing.save(subscription, subscription.status, by=by, now=now)
        notifications.subscription_changed(subscription, plan=wanted, begins_on=change.begins_on)
    return subscription


def _change(
    subscription: Subscription, code: str, *, now: datetime
) -> tuple[SubscriptionPlan, SubscriptionPeriod, rules.PlanChange]:
    wanted = SubscriptionPlan.objects.filter(code=code).first()
    audience = SubscriptionPlan.Audience.HOSPITAL if subscription.hospital_id else SubscriptionPlan.Audience.DOCTOR
    raise_if(rules.why_not_plan(wanted, audience))
    period = subscribing.current_period(subscription)
    is_waiting = subscribing.waiting_period(subscription) is not None or _is_owed(period)
    raise_if(rules.why_not_change(subscription, is_waiting=is_waiting))
    if wanted is None or period is None or wanted.pk in {subscription.plan_id, subscription.next_plan_id}:
        raise exceptions.SamePlan()
    change = rules.plan_change(subscription, period, subscription.plan, wanted, min(now.date(), period.ends_on))
    return wanted, period, change


def _is_owed(period: SubscriptionPeriod | None) -> bool:
    return period is not None and period.bill is not None and period.bill.status in OWING


@transaction.atomic
def set_auto_renew(
    subscription_id: UUID, wanted: bool, *, by: User, version: int | None = None, now: datetime | None = None
) -> Subscription:
    """It goes on after its period, or ends with it. Going on takes back a cancellation. Raises NotFound,
    SubscriptionEnded, SubscriptionChanged."""
    now = now or timezone.now()
    subscription = subscribing.locked(subscription_id, by=by)
    raise_if(rules.why_not_version(subscription.version, version))
    raise_if(rules.why_not_keep(subscription))
    if subscription.auto_renew == wanted and not subscription.cancelled_at:
        return subscription
    subscription.auto_renew = wanted
    if wanted:
        subscription.cancelled_at = None
    subscribing.note_event(subscription, "kept" if wanted else "not_renewed", by=by, now=now)
    subscribing.save(subscription, subscription.status, by=by, now=now)
    return subscription


def cancel_subscription(subscription_id: UUID, *, by: User, now: datetime | None = None) -> Subscription:
    """It ends with its period, and until then it is in force; what waits for its payment is given up. What is not paid,
    or was never in force, ends at once. Once more changes nothing. Raises NotFound."""
    now = now or timezone.now()
    if not Subscription.objects.visible_to(by).filter(pk=subscription_id).exists():
        raise NotFound()
    with transaction.atomic():
        subscribing.give_up(subscription_id, by=by, now=now)
        subscription = subscribing.locked(subscription_id, by=by)
        if subscription.status == SubscriptionStatus.ENDED or subscription.cancelled_at:
            return subscription
        if subscription.status == SubscriptionStatus.PAST_DUE:
            return end(subscription, by=by, now=now, reason="cancelled")
        subscription.auto_renew, subscription.cancelled_at, subscription.next_plan = False, now, None
        subscribing.note_event(subscription, "cancelled", by=by, now=now)
        subscribing.save(subscription, subscription.status, by=by, now=now)
        notifications.subscription_cancelled(subscription)
        return subscription


@transaction.atomic
def end_subscription(subscription_id: UUID, *, by: User, note: str = "", now: datetime | None = None) -> Subscription:
    """It has ended, now; what was paid is not given back by this. Raises NotFound, Forbidden, MoveNotAllowed."""
    now = now or timezone.now()
    subscription = subscribing.locked(subscription_id, by=by)
    raise_if(SUBSCRIPTION.why_not_move(subscription.status, SubscriptionStatus.ENDED, by.role))
    return end(subscription, by=by, now=now, reason="staff", note=note)


def end(subscription: Subscription, *, by: User | None, now: datetime, reason: str, note: str = "") -> Subscription:
    """It has ended: nothing is owed for it any more, and its limits are those of who has none. Under the lock."""
    owed = Bill.objects.filter(subject_id=subscription.pk, subject_type=subscribing.SUBJECT, status__in=OWING)
    SubscriptionPeriod.objects.filter(subscription=subscription).not_taken_up().update(voided_at=now, updated_at=now)
    for bill in owed.order_by("pk"):
        subscribing.drop_bill(bill, reason=ENDED, by=by, now=now)
    subscription.auto_renew, subscription.ended_at, subscription.next_plan = False, now, None
    subscription.past_due_at = subscription.grace_until = subscription.next_charge_at = None
    subscribing.save(subscription, SubscriptionStatus.ENDED, by=by, now=now, note=note)
    limits.fall_back(subscription)
    notifications.subscription_ended(subscription, reason=reason)
    return subscription


# --- paying ---


def owed_bill(subscription: Subscription) -> Bill | None:
    """The oldest bill of it that is not paid. One query."""
    owed: Any = Bill.objects.filter(subject_id=subscription.pk, subject_type=subscribing.SUBJECT, status__in=OWING)
    return owed.order_by("pk").first()


def collect(
    subscription_id: UUID, *, by: User, gateway: str = "", return_url: str = "", now: datetime | None = None
) -> Payment | None:
    """What is owed is charged by the leave that the payer has given; where there is none, or the charge is declined, a
    page is open on which it can be paid (its address is the payment's `checkout_url`), and the payer is asked for
    leave to charge the next ones. None where nothing is owed, or no gateway takes it. Not within a transaction: it
    calls gateways.

    Raises NotFound, NoGateway (the wanted one does not take it), and what starting a payment raises.
    """
    now = now or timezone.now()
    subscription = (
        Subscription.objects.visible_to(by).filter(pk=subscription_id).select_related("payer", "mandate").first()
    )
    if subscription is None:
        raise NotFound()
    bill = owed_bill(subscription)
    if bill is None:
        return None
    mandate = None if gateway else subscribing.mandate_of(subscription)
    if mandate:
        payment = paying.charge_mandate(bill.pk, mandate, now=now)
        if payment.captured or payment.is_unknown or payment.status in {"pending", "processing"}:
            return payment
    if not gateway and not gateways.offered(bill.balance):
        return None
    return open_page(subscription, bill, gateway=gateway, return_url=return_url, now=now)


def open_page(
    subscription: Subscription, bill: Bill, *, gateway: str = "", return_url: str = "", now: datetime
) -> Payment:
    """The hosted page on which the payer pays the bill, the same again while it is open."""
    offered = gateways.offered(bill.balance)
    if not offered or (gateway and gateway not in offered):
        raise exceptions.NoGateway()
    return paying.start_payment(
        by=None, gateway=gateway or offered[0], bill_id=bill.pk, amount=Decimal(bill.balance.amount),
        keep_method=True, return_url=return_url, now=now,
    )  # fmt: skip


def pay(
    subscription_id: UUID, *, by: User, gateway: str = "", return_url: str = "", now: datetime | None = None
) -> Payment:
    """A page is open on which what is owed can be paid. Raises NotFound, NothingToPay, NoGateway."""
    now = now or timezone.now()
    rows = Subscription.objects.visible_to(by).select_related("payer")
    subscription = rows.filter(pk=subscription_id).first()
    if subscription is None:
        raise NotFound()
    bill = owed_bill(subscription)
    if bill is None:
        raise exceptions.NothingToPay()
    return open_page(subscription, bill, gateway=gateway, return_url=return_url, now=now)
