"""Room: hospitals and doctors that have subscribed to plans: in trial, paid, cancelled, overdue, ended, or unpaid."""

from collections.abc import Callable
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.billing import services as billing_services
from apps.billing.models import Subscription
from apps.billing.services import renewals, subscriptions
from apps.hospitals.models import Doctor

from . import clock, hospitals, staff

_HOUR = timedelta(hours=1)
#: When the hourly job came by after a trial began: its end, and each time that the payer was asked.
_TRIAL = timedelta(days=14)
_ASKED_AFTER_DAYS = (0, 1, 3, 5, 7)
_GRACE_OVER_AFTER_DAYS = 15
SMALL, LARGE = "hospital-start", "hospital-unlimited"
SMALL_OF_DOCTORS, LARGE_OF_DOCTORS = "doctor-start", "doctor-unlimited"


def load(now: datetime) -> int:
    """How many subscriptions there are. The shown hospitals and doctors come first, with plans that limit nothing."""
    members = hospitals.staff_of()
    users = [members[hospital.pk] for hospital in hospitals.by_code().values() if hospital.pk in members]
    stories: list[tuple[str, int, Callable[[Subscription, User, datetime], None]]] = [
        (LARGE, 130, _pays),
        (LARGE, 75, _pays_and_cancels),
        (SMALL, 6, _is_in_trial),
        (SMALL, 20, _is_asked),
        (SMALL, 44, _never_pays),
        (LARGE, 0, _is_in_trial),  # it costs from the first day on: it waits for its first payment
    ]
    for user, (plan, days_ago, story) in zip(users, stories, strict=False):
        _tell(user, plan, now - timedelta(days=days_ago) - _HOUR, story, now)
    doctors = Doctor.objects.filter(verification="approved", is_active=True).select_related("user").order_by("pk")
    of_doctors = [
        (LARGE_OF_DOCTORS, 12, _pays),
        (SMALL_OF_DOCTORS, 9, _is_in_trial),
        (LARGE_OF_DOCTORS, 3, _pays_and_cancels),
    ]
    for doctor, (plan, days_ago, story) in zip(doctors[:3], of_doctors, strict=False):
        _tell(doctor.user, plan, now - timedelta(days=days_ago) - _HOUR, story, now)
    return Subscription.objects.count()


def _tell(
    user: User, plan: str, at: datetime, story: Callable[[Subscription, User, datetime], None], now: datetime
) -> None:
    with clock.acting(user, at):
        subscription = billing_services.subscribe(by=user, plan=plan, now=at)
    story(subscription, user, now)


def _is_in_trial(subscription: Subscription, user: User, now: datetime) -> None:
    """Nothing has happened yet."""


def _pays(subscription: Subscription, user: User, now: datetime) -> None:
    """By bank transfer, which a coordinator saw some hours later."""
    bill = subscriptions.owed_bill(subscription)
    if bill is None:
        return
    at = min(bill.created_at + 6 * _HOUR, now)
    by = staff.coordinators()[0]
    with clock.acting(by, at):
        billing_services.record_payment(
            payer=subscription.payer, amount=bill.total, currency=bill.currency, method="bank_transfer",
            received_on=at.date(), by=by, bill=bill, reference=subscription.number, now=at,
        )  # fmt: skip


def _pays_and_cancels(subscription: Subscription, user: User, now: datetime) -> None:
    _pays(subscription, user, now)
    at = now - 30 * _HOUR
    with clock.acting(user, at):
        billing_services.cancel_subscription(subscription.pk, by=user, now=at)


def _is_asked(subscription: Subscription, user: User, now: datetime) -> None:
    """The trial is over and nobody pays: asked each time until now."""
    over = subscription.created_at + _TRIAL
    for at in (over + timedelta(days=days) + _HOUR for days in _ASKED_AFTER_DAYS):
        if at < now:
            with clock.standing_at(at):
                renewals.renew(subscription.pk, now=at)
                renewals.charge(subscription.pk, now=at)


def _never_pays(subscription: Subscription, user: User, now: datetime) -> None:
    _is_asked(subscription, user, now)
    at = subscription.created_at + _TRIAL + timedelta(days=_GRACE_OVER_AFTER_DAYS) + _HOUR
    with clock.standing_at(at):
        renewals.end_unpaid(subscription.pk, now=at)
