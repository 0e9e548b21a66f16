"""What a cancellation gives back, by the terms that were frozen at purchase. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.billing import exceptions
from apps.billing.workflow import SELLERS, Canceller
from apps.common.exceptions import DomainError
from apps.common.money import Money

#: [{"actor", "hours_before", "percent"}], as `CancellationPolicyVersion.snapshot` gives them.
Terms = Sequence[Mapping[str, Any]]
ALL, NOTHING = 100, 0


@dataclass(frozen=True)
class RefundQuote:
    """What is given back now. It holds up to and including `steps_down_at`; a moment later it is `then_percent` of
    what was paid. None where it never becomes less."""

    amount: Money
    percent: int
    steps_down_at: datetime | None = None
    then_percent: int | None = None
    then_amount: Money | None = None


def refund_due(terms: Terms, actor: str, begins_at: datetime | None, now: datetime, paid: Money) -> RefundQuote:
    """Of what was paid, the percentage of the first step that is reached: cancelled at least so many hours before the
    beginning. 24 hours before to the second is still 24 hours before.

    Where a visa is refused or a doctor advises against the journey, and the terms say nothing of it, the patient's
    hold. Hospital and platform give everything back unless their own steps say otherwise. What was agreed on nothing is
    given back whole; what has no beginning yet stands at the most generous step. After the last a patient gets nothing.
    """
    paid = max(paid, Money.zero(paid.currency))
    steps = _steps(terms, actor)
    after = _after(steps, actor)
    if begins_at is None:
        percent = steps[0][1] if steps else after
        return RefundQuote(_part(paid, percent), percent)
    reached = [(begins_at - timedelta(hours=hours), percent) for hours, percent in steps]
    held = [(until, percent) for until, percent in reached if now <= until]
    percents = [*(percent for _until, percent in held), after]
    amount = _part(paid, percents[0])
    for (until, _percent), then in zip(held, percents[1:], strict=True):
        if then < percents[0]:
            return RefundQuote(amount, percents[0], until, then, _part(paid, then))
    return RefundQuote(amount, percents[0])


@dataclass(frozen=True)
class Step:
    """So much is given back until so many hours before; None: after all that."""

    hours_before: int | None
    percent: int


def table(terms: Terms) -> list[tuple[str, list[Step]]]:
    """The terms for each that may cancel, as they read: what is given back until when, the earliest first."""
    shown = []
    for actor in Canceller.values:
        steps = _steps(terms, actor)
        shown.append((actor, [*(Step(hours, percent) for hours, percent in steps), Step(None, _after(steps, actor))]))
    return shown


def why_not_publish(terms: Terms) -> DomainError | None:
    """Terms say what a patient gets, and nobody gets more by cancelling later."""
    if not _of(terms, Canceller.PATIENT):
        return exceptions.TermsIncomplete(_("The terms need at least one step for the patient."))
    for actor in Canceller.values:
        for (_hours, earlier), (_less, later) in pairwise(_of(terms, actor)):
            if later > earlier:
                return exceptions.TermsIncomplete(
                    _("%(actor)s: whoever cancels later must not get more back."), actor=Canceller(actor).label
                )
    return None


def _steps(terms: Terms, actor: str) -> list[tuple[int, int]]:
    own = _of(terms, actor)
    return own if own or actor in SELLERS else _of(terms, Canceller.PATIENT)


def _of(terms: Terms, actor: str) -> list[tuple[int, int]]:
    """(hours before, percent), the earliest first."""
    return sorted(((tier["hours_before"], tier["percent"]) for tier in terms if tier["actor"] == actor), reverse=True)


def _after(steps: list[tuple[int, int]], actor: str) -> int:
    """What is given back after the last step: nothing to the buyer; by the seller as much as at that step."""
    if not steps:
        return ALL
    return steps[-1][1] if actor in SELLERS else NOTHING


def _part(paid: Money, percent: int) -> Money:
    return paid * (Decimal(percent) / ALL)
