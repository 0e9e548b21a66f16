"""Each side's hospital has a subscription, which its staff and platform admins see; plans are everybody's."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.billing.models import SubscriptionEvent
from tests.factories.subscriptions import PlanFactory, SubscriptionFactory

#: Text columns that anybody may read.
PUBLIC = frozenset({"billing.subscriptionplan.name", "billing.subscriptionplan.description"})
BODIES: dict[tuple[str, str], Callable[[Any, str], Any]] = {
    ("POST", "/api/v1/subscriptions"): lambda world, actor: {
        "plan": "of-doctors" if actor.startswith("doctor") or actor == "admin" else "of-hospitals",
        **({"doctor_id": world.rows["doctor_b"].pk} if actor == "admin" else {}),
    },
    ("PATCH", "/api/v1/subscriptions/{subscription_a}"): lambda world, actor: {"auto_renew": False},
}  # fmt: skip


def build_shared(world: Any) -> None:
    plans = {
        "hospital_plan": PlanFactory(code="of-hospitals", max_doctors=1000, max_appointments_per_month=10_000),
        "doctor_plan": PlanFactory(
            code="of-doctors", audience="doctor", max_doctors=None, price=Decimal(0), max_appointments_per_month=10_000
        ),
    }
    for plan in plans.values():
        world.mark(plan, None)
    world.rows |= plans


def build_side(world: Any, side: str, *, platform: frozenset[str], now: datetime) -> None:
    subscription = SubscriptionFactory(
        staff=world.rows[f"staff_link_{side}"],
        plan=world.rows["hospital_plan"],
        payer=world.rows[f"staff_link_{side}"].user,
    )
    audience = platform | {f"hospital_admin_{side}"}
    SubscriptionEvent.objects.create(
        subscription=subscription, to_status="active", code="subscribed", at=now,
        **world.texts(SubscriptionEvent, audience),
    )  # fmt: skip
    world.mark(subscription, audience)
    world.rows[f"subscription_{side}"] = subscription


def multiply(world: Any, count: int) -> None:
    """More plans; more subscriptions that side A's hospital had once, and others'."""
    for _number in range(count):
        SubscriptionFactory(plan=PlanFactory())
        SubscriptionFactory(
            staff=world.rows["staff_link_a"], plan=PlanFactory(), status="ended",
            ended_at=world.rows["subscription_a"].created_at,
        )  # fmt: skip
