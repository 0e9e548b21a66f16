"""What subscribers are told: the staff of the hospital, or the doctor."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing.models import Subscription, SubscriptionPeriod, SubscriptionPlan
from apps.billing.selectors.pay_links import link_to_pay
from apps.common import wall_time
from apps.common.money import Money
from apps.common.texts import chosen
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

GROUP = "payments"
EXAMPLE: dict[str, Any] = {
    "subscriber": "Lotus Heart Centre",
    "plan": "Hospital Plus",
    "amount": "US$149.00",
    "until": "31 January 2031",
}
_LINK = "https://medivoy.example.com/pay/subscription/eyJ...:1abc"

STARTED = catalogue.register(
    Kind(
        name="billing.subscription_started",
        group=GROUP,
        label=_("Plan in force"),
        subject=_("Your plan %(plan)s is in force"),
        summary=_("For %(subscriber)s, until %(until)s."),
        transactional=True,
        example={**EXAMPLE, "is_trial": True},
    )
)
PAID = catalogue.register(
    Kind(
        name="billing.subscription_paid",
        group=GROUP,
        label=_("Plan paid"),
        subject=_("Your plan %(plan)s is paid"),
        summary=_("%(amount)s for %(subscriber)s, until %(until)s."),
        transactional=True,
        example=EXAMPLE,
    )
)
UNPAID = catalogue.register(
    Kind(
        name="billing.subscription_unpaid",
        group=GROUP,
        label=_("Plan not paid"),
        subject=_("Please pay for your plan %(plan)s"),
        summary=_("%(amount)s is due for %(subscriber)s. Without it the plan ends on %(until)s."),
        transactional=True,
        secrets=("link",),
        example={**EXAMPLE, "was_charged": True, "is_tried_again": True, "link": _LINK},
    )
)
TRIAL_ENDS = catalogue.register(
    Kind(
        name="billing.subscription_trial_ends",
        group=GROUP,
        label=_("Trial ends soon"),
        subject=_("Your trial of %(plan)s ends on %(until)s"),
        summary=_("From then on it costs %(amount)s for %(subscriber)s."),
        transactional=True,
        example={**EXAMPLE, "is_yearly": False},
    )
)
GRACE_ENDS = catalogue.register(
    Kind(
        name="billing.subscription_grace_ends",
        group=GROUP,
        label=_("Plan ends soon unless it is paid"),
        subject=_("Your plan %(plan)s ends on %(until)s unless it is paid"),
        summary=_("%(amount)s is due for %(subscriber)s."),
        transactional=True,
        secrets=("link",),
        example={**EXAMPLE, "link": _LINK},
    )
)
CHANGED = catalogue.register(
    Kind(
        name="billing.subscription_changed",
        group=GROUP,
        label=_("Plan changed"),
        subject=_("Your plan becomes %(plan)s"),
        summary=_("For %(subscriber)s, from %(until)s on."),
        transactional=True,
        example=EXAMPLE,
    )
)
CANCELLED = catalogue.register(
    Kind(
        name="billing.subscription_cancelled",
        group=GROUP,
        label=_("Plan cancelled"),
        subject=_("Your plan %(plan)s ends on %(until)s"),
        summary=_("It is not renewed. Until then everything stays as it is for %(subscriber)s."),
        transactional=True,
        example=EXAMPLE,
    )
)
ENDED = catalogue.register(
    Kind(
        name="billing.subscription_ended",
        group=GROUP,
        label=_("Plan ended"),
        subject=_("Your plan %(plan)s has ended"),
        summary=_("It is no longer in force for %(subscriber)s."),
        transactional=True,
        example={**EXAMPLE, "is_unpaid": True},
    )
)


def subscription_started(subscription: Subscription, *, price: Money) -> None:
    is_trial = subscription.status == "trialing"
    _tell(
        STARTED, subscription, "started", amount=price, until=subscription.ends_on,
        more=lambda reader: {"is_trial": is_trial},
    )  # fmt: skip


def subscription_paid(subscription: Subscription, period: SubscriptionPeriod) -> None:
    _tell(PAID, subscription, f"paid:{period.number}", amount=period.due, until=period.ends_on)


def subscription_unpaid(subscription: Subscription, period: SubscriptionPeriod, *, was_charged: bool) -> None:
    """Once for each time that the payer was charged in vain or asked."""
    link, again = link_to_pay(subscription.pk), subscription.next_charge_at is not None
    _tell(
        UNPAID, subscription, f"unpaid:{period.number}:{subscription.attempts}", amount=period.due,
        until=subscription.grace_until,
        more=lambda reader: {"was_charged": was_charged, "is_tried_again": was_charged and again, "link": link},
    )  # fmt: skip


def trial_ends(subscription: Subscription) -> None:
    plan = subscription.plan
    _tell(
        TRIAL_ENDS, subscription, f"trial_ends:{subscription.ends_on}", amount=plan.value, until=subscription.ends_on,
        more=lambda reader: {"is_yearly": plan.interval == SubscriptionPlan.Interval.YEAR},
    )  # fmt: skip


def grace_ends(subscription: Subscription, *, amount: Money) -> None:
    link = link_to_pay(subscription.pk)
    _tell(
        GRACE_ENDS, subscription, f"grace_ends:{subscription.grace_until}", amount=amount,
        until=subscription.grace_until, more=lambda reader: {"link": link},
    )  # fmt: skip


def subscription_changed(subscription: Subscription, *, plan: SubscriptionPlan, begins_on: date) -> None:
    _tell(
        CHANGED, subscription, f"changed:{subscription.version}", amount=plan.value, until=begins_on, plan=plan,
    )  # fmt: skip


def subscription_cancelled(subscription: Subscription) -> None:
    _tell(
        CANCELLED, subscription, f"cancelled:{subscription.version}", amount=subscription.plan.value,
        until=subscription.ends_on,
    )  # fmt: skip


def subscription_ended(subscription: Subscription, *, reason: str) -> None:
    _tell(
        ENDED, subscription, "ended", amount=subscription.plan.value, until=subscription.ends_on,
        more=lambda reader: {"is_unpaid": reason == "unpaid"},
    )  # fmt: skip


def _tell(
    kind: Kind, subscription: Subscription, event: str, *, amount: Money, until: date | None,
    plan: SubscriptionPlan | None = None, more: Callable[[User], Mapping[str, Any]] = lambda reader: {},
) -> None:  # fmt: skip
    """Each reader is told once per event, in their own language."""
    letters = []
    for reader in _readers(subscription):
        language = reader.language
        context = {
            "subscriber": _subscriber(subscription, language),
            "plan": chosen(plan or subscription.plan, "name", language).text,
            "amount": amount.format(language),
            "until": wall_time.day(until, language) if until else "",
            **more(reader),
        }
        letters.append(services.Letter(reader, f"subscription:{subscription.pk}:{event}", context))
    services.notify_each(kind=kind, letters=letters)


def _readers(subscription: Subscription) -> Sequence[User]:
    if subscription.doctor:
        return [subscription.doctor.user]
    staff = User.objects.filter(hospital_links__hospital=subscription.hospital_id, is_active=True)
    return list(staff.order_by("pk"))


def _subscriber(subscription: Subscription, language: str) -> str:
    with translation.override(language):
        return str(subscription.hospital or subscription.doctor)
