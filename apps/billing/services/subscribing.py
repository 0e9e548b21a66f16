"""Beginning a subscription, and what its first payment brings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.billing import exceptions, notifications
from apps.billing.models import (
    Bill,
    Mandate,
    MoneyTask,
    Subscription,
    SubscriptionEvent,
    SubscriptionPeriod,
    SubscriptionPlan,
)
from apps.billing.rules import NewLine
from apps.billing.rules import subscriptions as rules
from apps.billing.workflow import OWING, SubscriptionStatus
from apps.common import texts
from apps.common.exceptions import Invalid, NotFound, raise_if
from apps.hospitals.models import Doctor, Hospital

from . import bills, limits, tasks

#: What billing's own bills of subscriptions are for.
SUBJECT = "subscription"
_DAY = timedelta(days=1)
_TEXTS = ("name", "description")
_PLAIN = (
    "audience", "interval", "price", "currency", "trial_days", "max_doctors", "max_appointments_per_month", "is_active",
    "position",
)  # fmt: skip
#: What changes in the life of a subscription.
_CHANGING = (
    "plan", "next_plan", "starts_on", "ends_on", "anchor_day", "auto_renew", "cancelled_at", "ended_at", "mandate",
    "past_due_at", "grace_until", "attempts", "next_charge_at", "warned_of", "version",
)  # fmt: skip
#: What the history of a bill says that nobody has paid.
NOT_PAID = "Not paid in time."


@transaction.atomic
def subscribe(
    *,
    by: User,
    plan: str,
    hospital_id: UUID | None = None,
    doctor_id: UUID | None = None,
    now: datetime | None = None,
) -> Subscription:
    """The hospital, or the doctor, has a subscription to the plan of this code: in its trial, or active where it costs
    nothing, or waiting for its first payment, whose bill is open. One that waited already goes on waiting, for this
    plan.

    Hospital staff subscribe for their hospital, doctors for themselves; platform admins say for whom, and its payer is
    the doctor, or who has worked for the hospital longest.

    Raises Forbidden, Invalid, NotFound, PlanNotOffered, NoPayer, AlreadySubscribed.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_subscribe(role=by.role))
    hospital, doctor = _subscriber(by, hospital_id, doctor_id)
    wanted = SubscriptionPlan.objects.filter(code=plan).first()
    audience = SubscriptionPlan.Audience.HOSPITAL if hospital else SubscriptionPlan.Audience.DOCTOR
    raise_if(rules.why_not_plan(wanted, audience))
    owner: dict[str, Any] = {"hospital": hospital, "doctor": doctor}
    earlier = list(Subscription.objects.filter(**owner))
    waiting = next((each for each in earlier if each.status == SubscriptionStatus.PENDING), None)
    if any(each.status != SubscriptionStatus.ENDED for each in earlier if each is not waiting):
        raise exceptions.AlreadySubscribed()
    if waiting and waiting.plan_id == wanted.pk:  # type: ignore[union-attr]
        return waiting
    if waiting:
        give_up(waiting.pk, by=by, now=now)
    today = now.date()
    has_trial = rules.has_trial(wanted, [each for each in earlier if each is not waiting])  # type: ignore[arg-type]
    subscription = Subscription(
        plan=wanted, payer=_payer(by, hospital, doctor), anchor_day=today.day,
        status=SubscriptionStatus.TRIALING if has_trial else SubscriptionStatus.PENDING, **owner,
    )  # fmt: skip
    if has_trial:
        subscription.starts_on, subscription.ends_on = today, rules.trial_end(today, subscription.plan.trial_days)
        subscription.anchor_day = (subscription.ends_on + _DAY).day
    try:
        with transaction.atomic():
            subscription.save(force_insert=True)
    except IntegrityError:
        raise exceptions.AlreadySubscribed() from None
    note_event(subscription, "subscribed", from_status="", by=by, now=now)
    if has_trial:
        _create_period(subscription, 0, subscription.plan, today, subscription.ends_on, price=False, now=now)
        limits.apply_plan(subscription)
        notifications.subscription_started(subscription, price=subscription.plan.value)
        return subscription
    ends_on = rules.period_end(today, subscription.plan.interval, subscription.anchor_day)
    period = _create_period(subscription, 1, subscription.plan, today, ends_on, now=now)
    if period.bill is None:
        take_up(subscription, period, by=by, now=now)
    return subscription


def _subscriber(by: User, hospital_id: UUID | None, doctor_id: UUID | None) -> tuple[Hospital | None, Doctor | None]:
    """Raises Invalid, NotFound."""
    if by.role == Role.DOCTOR:
        doctor = Doctor.objects.visible_to(by).first()
        if doctor is None or hospital_id or doctor_id not in (None, doctor.pk):
            raise NotFound()
        return None, doctor
    if by.role == Role.HOSPITAL_ADMIN:
        if doctor_id:
            raise NotFound()
        own = Hospital.objects.visible_to(by).order_by("pk")
        hospital = (own.filter(pk=hospital_id) if hospital_id else own).first()
        if hospital is None:
            raise NotFound()
        return hospital, None
    if (hospital_id is None) == (doctor_id is None):
        raise Invalid(errors={"hospital_id": [_("Say for which hospital or for which doctor.")]})
    hospital = Hospital.objects.filter(pk=hospital_id).first() if hospital_id else None
    doctor = Doctor.objects.filter(pk=doctor_id).select_related("user").first() if doctor_id else None
    if hospital is None and doctor is None:
        raise NotFound()
    return hospital, doctor


def _payer(by: User, hospital: Hospital | None, doctor: Doctor | None) -> User:
    if doctor:
        return doctor.user
    if by.role == Role.HOSPITAL_ADMIN:
        return by
    payer = (
        User.objects.filter(hospital_links__hospital=hospital, is_active=True).order_by("hospital_links__pk").first()
    )
    if payer is None:
        raise exceptions.NoPayer()
    return payer


def _create_period(
    subscription: Subscription, number: int, plan: SubscriptionPlan, starts_on: Any, ends_on: Any, *,
    price: bool = True, now: datetime,
) -> SubscriptionPeriod:  # fmt: skip
    """A whole period of the plan, with its bill unless it costs nothing; a trial is taken up at once."""
    period = SubscriptionPeriod(
        subscription=subscription, number=number, plan=plan, starts_on=starts_on, ends_on=ends_on,
        currency=plan.currency, price=plan.value.amount if price else 0, taken_up_at=None if price else now,
    )  # fmt: skip
    return create(period, now=now)


def create(period: SubscriptionPeriod, *, now: datetime) -> SubscriptionPeriod:
    """The period is there, once for its number, and its bill is open. The caller holds the subscription's lock."""
    period.save(force_insert=True)
    if period.due:
        period.bill = _open_bill(period, now=now)
        period.save(update_fields=["bill", "updated_at"])
    return period


def _open_bill(period: SubscriptionPeriod, *, now: datetime) -> Bill:
    """Medivoy is the seller: the bill names no hospital, so that nothing of it is settled to one."""
    subscription = period.subscription
    with translation.override(subscription.payer.language):
        line = _("Medivoy plan %(plan)s, %(first)s to %(last)s") % {
            "plan": period.plan.name, "first": period.starts_on.isoformat(), "last": period.ends_on.isoformat(),
        }  # fmt: skip
    return bills.open_bill(
        payer=subscription.payer, currency=period.currency,
        lines=[NewLine(description=line[:200], unit_price=period.value.amount, discount=period.credit)],
        subject_type=SUBJECT, subject_id=subscription.pk, subject_label=f"Medivoy {subscription.number}",
        purpose=f"period {period.number}", by=None, now=now,
    )  # fmt: skip


def note_event(
    subscription: Subscription, code: str, *, from_status: str | None = None, by: User | None, now: datetime,
    note: str = "",
) -> None:  # fmt: skip
    """What happened, beside moves of the status."""
    SubscriptionEvent.objects.create(
        subscription=subscription, from_status=subscription.status if from_status is None else from_status,
        to_status=subscription.status, code=code, by=by, at=now, note=note,
    )  # fmt: skip


def locked(subscription_id: UUID, *, by: User | None = None) -> Subscription:
    """The subscription and what of its bills is owed, locked in this order: bills come first, as news of money does.
    Raises NotFound."""
    owed = Bill.objects.filter(subject_id=subscription_id, subject_type=SUBJECT, status__in=OWING)
    list(owed.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    rows = Subscription.objects.all() if by is None else Subscription.objects.visible_to(by)
    try:
        found: Subscription = rows.select_related("plan", "next_plan", "payer").lock(subscription_id)
    except Subscription.DoesNotExist:
        raise NotFound() from None
    return found


def current_period(subscription: Subscription) -> SubscriptionPeriod | None:
    """The newest that was taken up. One query."""
    return subscription.periods.filter(taken_up_at__isnull=False).select_related("plan", "bill").first()


def waiting_period(subscription: Subscription) -> SubscriptionPeriod | None:
    """The one that begins once it is paid, if any does. One query."""
    return subscription.periods.not_taken_up().select_related("plan", "bill").first()


def next_number(subscription: Subscription) -> int:
    """Of a period; under the lock, which is what makes it the next."""
    last = subscription.periods.order_by("-number").values_list("number", flat=True).first()
    return 1 if last is None else last + 1


@transaction.atomic
def bill_paid(bill: Bill, *, by: User | None = None, now: datetime) -> None:
    """What the bill was for is in force: a first period, a better plan; or what was overdue is so no more. The caller
    holds the bill's lock. Once more changes nothing."""
    subscription = locked(bill.subject_id)
    period = SubscriptionPeriod.objects.filter(bill=bill, voided_at=None).select_related("plan").first()
    if period is None or subscription.status == SubscriptionStatus.ENDED:
        return
    period.subscription = subscription
    if period.taken_up_at is None:
        take_up(subscription, period, by=by, now=now)
    elif (current := current_period(subscription)) and current.pk == period.pk:
        settled(subscription, by=by, now=now)
        notifications.subscription_paid(subscription, period)


def take_up(subscription: Subscription, period: SubscriptionPeriod, *, by: User | None, now: datetime) -> None:
    """The period is the subscription's, and its plan allows what it allows. A first one begins on the day on which it
    is paid. Under the lock."""
    is_first = subscription.status == SubscriptionStatus.PENDING
    if is_first:
        period.starts_on = now.date()
        subscription.anchor_day = period.starts_on.day
        period.ends_on = rules.period_end(period.starts_on, period.plan.interval, subscription.anchor_day)
    elif previous := current_period(subscription):
        SubscriptionPeriod.objects.filter(pk=previous.pk).update(replaced_on=period.starts_on, updated_at=now)
        if previous.plan.interval != period.plan.interval:
            subscription.anchor_day = period.starts_on.day
    period.taken_up_at = now
    period.save(update_fields=["starts_on", "ends_on", "taken_up_at", "updated_at"])
    subscription.plan, subscription.next_plan = period.plan, None
    subscription.starts_on, subscription.ends_on = period.starts_on, period.ends_on
    if not is_first:
        note_event(subscription, "upgraded", by=by, now=now)
    settled(subscription, by=by, now=now)
    if is_first:
        notifications.subscription_started(subscription, price=period.value)
    else:
        notifications.subscription_changed(subscription, plan=period.plan, begins_on=period.starts_on)


def settled(subscription: Subscription, *, by: User | None, now: datetime) -> None:
    """Nothing is owed for the present period: it is active, nobody is charged or asked, and its plan's limits hold.
    Under the lock."""
    subscription.past_due_at = subscription.grace_until = subscription.next_charge_at = None
    subscription.attempts = 0
    subscription.mandate = mandate_of(subscription)
    save(subscription, SubscriptionStatus.ACTIVE, by=by, now=now)
    limits.apply_plan(subscription)


def save(subscription: Subscription, status: str, *, by: User | None, now: datetime, note: str = "") -> None:
    """All that may have changed is saved, as a new version, with an event where the status is another one."""
    subscription.version += 1
    if subscription.status == status:
        subscription.save(update_fields=[*_CHANGING, "updated_at"])
    else:
        subscription.move_to(status, by=by, at=now, note=note, fields=_CHANGING)


def mandate_of(subscription: Subscription) -> Mandate | None:
    """The newest leave to charge that the payer has given and not ended. One query."""
    return Mandate.objects.filter(payer=subscription.payer_id, ended_at=None).order_by("-created_at", "-pk").first()


@transaction.atomic
def give_up(subscription_id: UUID, *, by: User | None, now: datetime) -> Subscription:
    """What waited for its payment waits no more, and its bill is cancelled: a better plan does not come, and what was
    never in force has ended. Nothing where nothing waits."""
    subscription = locked(subscription_id)
    period = waiting_period(subscription)
    if period is None or period.bill is None or period.bill.status not in OWING:
        return subscription
    period.voided_at = now
    period.save(update_fields=["voided_at", "updated_at"])
    drop_bill(period.bill, reason=NOT_PAID, by=by, now=now)
    if subscription.status == SubscriptionStatus.PENDING:
        subscription.ended_at = now
        save(subscription, SubscriptionStatus.ENDED, by=by, now=now)
    return subscription


def drop_bill(bill: Bill, *, reason: str, by: User | None, now: datetime) -> None:
    """Nothing of it is owed any more; what was paid of it a person gives back. Under the bill's lock."""
    paid = bill.figure("paid")
    bills.cancel_bill(bill.pk, by=by, reason=reason, now=now)
    if paid:
        tasks.open_task(MoneyTask.Kind.LATE_PAYMENT, key=f"bill:{bill.pk}:given_up", bill=bill, amount=paid, now=now)


@transaction.atomic
def save_plans(rows: Sequence[Mapping[str, Any]]) -> int:
    """Every plan of `rows` ({"code", "audience", "name": {"en": ...}, "description": {...}, "interval", "price",
    "currency", "trial_days", ...}) is there; one that is there already keeps its price, limits and texts, which
    somebody may have changed. How many there were. Raises Invalid."""
    existing = set(SubscriptionPlan.objects.values_list("code", flat=True))
    for position, given in enumerate(rows):
        if given["code"] not in existing:
            plan = SubscriptionPlan(code=given["code"])
            changes = {"position": position, **_without_code(given), "price": Decimal(given["price"])}
            texts.write(plan, changes, texts=_TEXTS, plain=_PLAIN)
            plan.full_clean()
            plan.save()
    return len(rows)


def _without_code(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "code"}
