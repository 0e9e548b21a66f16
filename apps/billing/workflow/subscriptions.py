"""What may become of a subscription."""

from django.db import models
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow


class SubscriptionStatus(models.TextChoices):
    PENDING = "pending", pgettext_lazy("subscription", "Waits for its first payment")
    TRIALING = "trialing", pgettext_lazy("subscription", "Trial")
    ACTIVE = "active", pgettext_lazy("subscription", "Active")
    PAST_DUE = "past_due", pgettext_lazy("subscription", "Payment overdue")
    ENDED = "ended", pgettext_lazy("subscription", "Ended")


#: Somebody has it: a hospital or a doctor has one of these at most.
LIVE = (
    SubscriptionStatus.PENDING, SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE,
)  # fmt: skip
#: What its plan allows is in force.
IN_FORCE = (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
#: It is renewed when its period is over.
RENEWABLE = (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE)

_SYSTEM: frozenset[str] = frozenset()
_END = Edge(
    SubscriptionStatus.ENDED, frozenset({Role.ADMIN}), pgettext_lazy("subscription", "End now")
)  # fmt: skip

SUBSCRIPTION = Workflow(
    SubscriptionStatus,
    {
        SubscriptionStatus.PENDING: [Edge(SubscriptionStatus.ACTIVE, _SYSTEM), _END],
        SubscriptionStatus.TRIALING: [
            Edge(SubscriptionStatus.ACTIVE, _SYSTEM),
            Edge(SubscriptionStatus.PAST_DUE, _SYSTEM),
            _END,
        ],
        SubscriptionStatus.ACTIVE: [Edge(SubscriptionStatus.PAST_DUE, _SYSTEM), _END],
        SubscriptionStatus.PAST_DUE: [Edge(SubscriptionStatus.ACTIVE, _SYSTEM), _END],
    },
)
