"""What hospitals are owed: which entries of the ledger count, at which rate of commission, and how they add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.billing import exceptions
from apps.billing.models import LedgerKind
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.common.money import Money

from .invoices import SOLD_BY_MEDIVOY

__all__ = [
    "COLLECTS", "RETURNS", "SOLD_BY_MEDIVOY", "Counted", "Line", "Rate", "rate_on", "settlement_lines",
    "why_not_confirmed", "why_not_paid_on", "why_not_settle", "why_not_until", "why_wrong_percent",
]  # fmt: skip
#: What came in for a hospital, and what went back. What is withheld by an open dispute waits until it is decided.
COLLECTS = frozenset({LedgerKind.CAPTURED, LedgerKind.REFUND_RETURNED})
RETURNS = frozenset({LedgerKind.REVERSED, LedgerKind.REFUNDED, LedgerKind.DISPUTE_LOST})
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Rate:
    """A rate of commission that holds from a day on."""

    percent: Decimal
    from_on: date


@dataclass(frozen=True)
class Counted:
    """An entry of the ledger that is settled; `on` is the day of the payment that it belongs to, at the hospital."""

    entry_id: UUID
    bill_id: UUID
    kind: str
    amount: Money
    on: date


@dataclass
class Line:
    """One bill's money at one rate. The commission is rounded here, once."""

    bill_id: UUID
    percent: Decimal
    collected: Money
    returned: Money
    entry_ids: list[UUID] = field(default_factory=list)

    @property
    def commission(self) -> Money:
        return (self.collected - self.returned) * (self.percent / _HUNDRED)

    @property
    def total(self) -> Money:
        return self.collected - self.returned - self.commission


def rate_on(rates: Iterable[Rate], day: date) -> Decimal | None:
    """Of the rates that have begun by then the one from the latest day holds, and of one day's the last (they come in
    the order in which they were entered); None before there is any."""
    held: Rate | None = None
    for rate in rates:
        if rate.from_on <= day and (held is None or rate.from_on >= held.from_on):
            held = rate
    return held.percent if held else None


def settlement_lines(entries: Iterable[Counted], rates: Sequence[Rate]) -> list[Line]:
    """A line for each bill and rate, in the order of the entries. What goes back gives its commission back at the rate
    at which it was taken: that of the day of the payment. Raises NoCommissionRate."""
    lines: dict[tuple[UUID, Decimal], Line] = {}
    for entry in entries:
        percent = rate_on(rates, entry.on)
        if percent is None:
            raise exceptions.NoCommissionRate()
        nothing = Money.zero(entry.amount.currency)
        line = lines.setdefault((entry.bill_id, percent), Line(entry.bill_id, percent, nothing, nothing))
        if entry.kind in COLLECTS:
            line.collected += entry.amount
        else:
            line.returned += entry.amount
        line.entry_ids.append(entry.entry_id)
    return list(lines.values())


def why_not_settle(*, by: Any) -> DomainError | None:
    """Platform admins settle; so does the system."""
    return None if by is None or by.role == Role.ADMIN else Forbidden()


def why_not_until(until: date, *, today: date) -> DomainError | None:
    """Days are settled when they are over."""
    return exceptions.DayNotOver() if until >= today else None


def why_not_confirmed(total: Money, confirmed: Decimal | None) -> DomainError | None:
    """Whoever approves or pays out says how much, without being told on that page: the total again."""
    if confirmed is None or confirmed != total.amount:
        return Invalid(errors={"confirmed": [_("This is not the total of the settlement. Please look again.")]})
    return None


def why_not_paid_on(paid_on: date | None, reference: str, *, approved_on: date, today: date) -> DomainError | None:
    """A transfer has a day between the approval and today, and the bank's reference."""
    errors: dict[str, list[Any]] = {}
    if paid_on is None or not approved_on <= paid_on <= today:
        errors["paid_on"] = [_("Give a day between the approval and today.")]
    if not reference.strip():
        errors["reference"] = [_("Give the reference at the bank.")]
    return Invalid(errors=errors) if errors else None


def why_wrong_percent(percent: Decimal) -> DomainError | None:
    """A percentage with at most two decimal places."""
    if 0 <= percent <= _HUNDRED and round(percent, 2) == percent:
        return None
    return Invalid(errors={"percent": [_("Give a percentage from 0 to 100 with at most two decimal places.")]})
