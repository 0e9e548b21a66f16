"""Every decision about subscriptions: who may, when a period ends, what a change of plan costs, when is asked again.
Pure. All days are UTC's."""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.accounts.roles import Role
from apps.billing import exceptions
from apps.billing.models import Subscription, SubscriptionPeriod, SubscriptionPlan
from apps.billing.workflow import SubscriptionStatus
from apps.common.exceptions import DomainError, Forbidden
from apps.common.money import Money

SUBSCRIBERS = frozenset({Role.HOSPITAL_ADMIN, Role.DOCTOR, Role.ADMIN})
#: After a charge that failed, or a bill that was not paid, the payer is charged or asked again after so many days.
ASKED_AGAIN_AFTER_DAYS = (1, 3, 5, 7)
#: What is not paid so many days after it was due ends the subscription.
GRACE_DAYS = 14
#: A first period, or a better plan, waits so long for its payment.
PAID_WITHIN = timedelta(hours=24)
#: The payer is told so many days before a trial, or the grace, is over.
WARNED_DAYS_BEFORE = 3

_MONTHS = {SubscriptionPlan.Interval.MONTH: 1, SubscriptionPlan.Interval.YEAR: 12}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlanChange:
    """What a change of plan brings: from which day, what is credited of the old plan, charged of the new one, and due
    now, and when the period ends that is paid for then."""

    begins_on: date
    is_now: bool
    credit: Money
    charge: Money
    due: Money
    ends_on: date


# --- days ---


def next_start(starts_on: date, interval: str, anchor_day: int) -> date:
    """The day on which the next period begins: a month or a year on, on the anchor's day, or on the last of a month
    that has no such day. So 31 January leads to 28 (29) February, and that to 31 March."""
    months = starts_on.year * 12 + starts_on.month - 1 + _MONTHS[SubscriptionPlan.Interval(interval)]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(anchor_day, calendar.monthrange(year, month + 1)[1]))


def period_end(starts_on: date, interval: str, anchor_day: int) -> date:
    """The last day of a period: the one before the next begins."""
    return next_start(starts_on, interval, anchor_day) - _DAY


def trial_end(starts_on: date, days: int) -> date:
    """The last day of a trial of so many days, its first among them."""
    return starts_on + timedelta(days=days - 1)


def is_over(ends_on: date, today: date) -> bool:
    """A period lasts through its last day."""
    return ends_on < today


# --- money ---


def by_days(price: Money, starts_on: date, ends_on: date, on: date) -> tuple[Money, Money]:
    """What of the price falls on the days before `on`, and on those from it on. They add up to the price; what cannot
    be divided goes to the days to come. `on` lies within the period."""
    before, after = (on - starts_on).days, (ends_on - on).days + 1
    used, rest = price.split([before, after])
    return used, rest


def a_year(plan: SubscriptionPlan) -> Money:
    """What a plan costs in a year: by this plans are compared."""
    return plan.value * (12 // _MONTHS[SubscriptionPlan.Interval(plan.interval)])


def plan_change(
    subscription: Subscription, period: SubscriptionPeriod, old: SubscriptionPlan, new: SubscriptionPlan, today: date
) -> PlanChange:
    """In a trial the plan changes at once and for nothing. A plan that costs more in a year takes effect at once: the
    days to come of the period are charged by the new price and credited by what was billed for them; where the
    interval changes a whole new period begins today. Everything else, and another currency, waits for the period's
    end: so nobody is ever owed money by a change."""
    nothing = Money.zero(new.currency)
    if subscription.status == SubscriptionStatus.TRIALING:
        return PlanChange(today, True, nothing, nothing, nothing, period.ends_on)
    if old.currency == new.currency == period.currency and a_year(new) > a_year(old):
        _used, credit = by_days(period.value, period.starts_on, period.ends_on, today)
        if old.interval == new.interval:
            first = previous_start(period.ends_on, new.interval, subscription.anchor_day)
            charge, ends_on = by_days(new.value, first, period.ends_on, today)[1], period.ends_on
        else:
            charge, ends_on = new.value, period_end(today, new.interval, today.day)
        if charge > credit:
            return PlanChange(today, True, credit, charge, charge - credit, ends_on)
    begins_on = period.ends_on + _DAY
    ends_on = period_end(begins_on, new.interval, subscription.anchor_day)
    return PlanChange(begins_on, False, nothing, new.value, nothing, ends_on)


def previous_start(ends_on: date, interval: str, anchor_day: int) -> date:
    """The day on which the whole period that ends on this day began."""
    after = ends_on + _DAY
    months = after.year * 12 + after.month - 1 - _MONTHS[SubscriptionPlan.Interval(interval)]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(anchor_day, calendar.monthrange(year, month + 1)[1]))


# --- dunning ---


def asked_again_at(overdue_since: datetime, attempts: int) -> datetime | None:
    """When the payer is charged or asked the next time, after so many times; None when it was often enough."""
    if attempts > len(ASKED_AGAIN_AFTER_DAYS):
        return None
    return overdue_since + timedelta(days=ASKED_AGAIN_AFTER_DAYS[attempts - 1])


def grace_end(overdue_since: datetime) -> date:
    """The last day on which the plan is in force without being paid."""
    return overdue_since.date() + timedelta(days=GRACE_DAYS)


# --- who may, and what stands against it ---


def why_not_subscribe(*, role: str) -> DomainError | None:
    """Hospital staff subscribe for their hospital, doctors for themselves, platform admins for either."""
    return None if role in SUBSCRIBERS else Forbidden()


def why_not_plan(plan: SubscriptionPlan | None, audience: str) -> DomainError | None:
    """A plan is taken while it is offered, by those whom it is for."""
    if plan is None or not plan.is_active or plan.audience != audience:
        return exceptions.PlanNotOffered(errors={"plan": [exceptions.PlanNotOffered.message]})
    return None


def why_not_change(subscription: Subscription, *, is_waiting: bool) -> DomainError | None:
    """A plan is changed while nothing is outstanding and the subscription goes on."""
    if subscription.status == SubscriptionStatus.ENDED:
        return exceptions.SubscriptionEnded()
    if subscription.status in {SubscriptionStatus.PENDING, SubscriptionStatus.PAST_DUE} or is_waiting:
        return exceptions.PaymentOutstanding()
    return None if subscription.auto_renew else exceptions.SubscriptionEnding()


def why_not_keep(subscription: Subscription) -> DomainError | None:
    """Whether it goes on after its period can be said until it has ended."""
    return exceptions.SubscriptionEnded() if subscription.status == SubscriptionStatus.ENDED else None


def why_not_version(version: int, seen: int | None) -> DomainError | None:
    """Whoever says which version they saw changes that one or nothing."""
    return None if seen in (None, version) else exceptions.SubscriptionChanged()


def has_trial(plan: SubscriptionPlan, earlier: Collection[Subscription]) -> bool:
    """A plan's trial is for who has never had a subscription that was in force."""
    return plan.trial_days > 0 and not any(each.starts_on for each in earlier)
