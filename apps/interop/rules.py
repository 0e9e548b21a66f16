"""What is decided about exports, closures and erasure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from apps.common.exceptions import DomainError

from . import exceptions, retention
from .workflow import ClosureStatus

EXPORT_EVERY = timedelta(hours=24)
EXPORT_KEPT_FOR = timedelta(days=7)
#: How long a worker may be at one file or one batch; then another takes it up.
CLAIMED_FOR = timedelta(minutes=10)
MAX_ATTEMPTS = 3
#: In which an admin can reopen a closed account.
REOPENING_FOR = timedelta(days=30)


def why_not_export(latest: datetime | None, *, now: datetime) -> DomainError | None:
    """A copy of the data may be asked for once in 24 hours; one that could not be made does not count."""
    if latest is None or now - latest >= EXPORT_EVERY:
        return None
    return exceptions.ExportedToday(retry_after=int((latest + EXPORT_EVERY - now).total_seconds()) + 1)


def why_not_close(closure: Any, *, to_come: list[dict[str, Any]]) -> DomainError | None:
    """An account is closed once, and when no appointment and no request is still to come."""
    if closure is not None:
        return exceptions.ClosedAlready()
    return exceptions.StandsInTheWay(data={"to_come": to_come}) if to_come else None


def why_not_reopen(closure: Any) -> DomainError | None:
    """Until erasing has begun."""
    return None if closure.status == ClosureStatus.WAITING else exceptions.NotToReopen()


def why_not_lift(hold: Any) -> DomainError | None:
    return exceptions.HoldIsLifted() if hold.lifted_at is not None else None


def years_after(day: date, years: int) -> date:
    """The same day of a later year; of 29 February the day after, as nothing may go a day too early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def kept_until(*, closed_on: date, treated_on: date | None, paid_on: date | None) -> Mapping[str, date]:
    """The last day on which each basis has rows kept; the basis is missing where it keeps nothing.

    Records: 10 years after the last treatment. Accounts: until the end of the tenth year after the last payment. Proof:
    3 years after the record goes, or after the closure where there was no treatment.
    """
    found: dict[str, date] = {}
    if treated_on is not None:
        found["medical"] = years_after(treated_on, retention.MEDICAL.years or 0)
    if paid_on is not None:
        found["tax"] = date(paid_on.year + (retention.TAX.years or 0), 12, 31)
    found["proof"] = years_after(max(closed_on, found.get("medical", closed_on)), retention.PROOF.years or 0)
    return found


def is_kept(basis: Any, until: Mapping[str, date], *, today: date) -> bool:
    """Whether rows on this basis still stay today."""
    if basis is None:
        return False
    if basis.years is None:
        return True
    return basis.name in until and today <= until[basis.name]


def next_end(until: Mapping[str, date], *, today: date) -> date | None:
    """The first day on which something more may go; None when nothing is kept any more."""
    coming = [day for day in until.values() if day >= today]
    return min(coming) + timedelta(days=1) if coming else None
