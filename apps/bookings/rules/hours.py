"""Consulting hours and leave: who keeps them, and what may stand in them."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.bookings import exceptions, slots
from apps.common.exceptions import DomainError, Invalid

#: What the keepers of a doctor's hours set beside the hours themselves.
SCHEDULE_SETTINGS = (
    "slot_minutes", "minimum_notice_minutes", "horizon_days", "buffer_minutes", "daily_cap", "works_on_holidays",
)  # fmt: skip
#: Beyond these days no clock arithmetic is tried.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
OUT_OF_RANGE = _("Give a day from 2000 to 2099.")
#: The longest period that free slots can be asked for at once, in days.
MAX_DAYS_SHOWN = 31
HOURS_KEEPERS = frozenset({Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.ADMIN})


def may_read_leave_reason(role: str) -> bool:
    """Why a doctor is away is known to the doctor and to Medivoy's staff; a hospital sees that, not why."""
    return role != Role.HOSPITAL_ADMIN


def why_not_keep_leave(role: str, *, practises_elsewhere: bool) -> DomainError | None:
    """A hospital enters and removes leave only for a doctor who practises nowhere else."""
    if role == Role.HOSPITAL_ADMIN and practises_elsewhere:
        return exceptions.LeaveOfSharedDoctor()
    return None


def why_not_leave(starts_at: datetime, ends_at: datetime) -> DomainError | None:
    """Leave ends after it begins, within this century: beyond it the calendar could not be worked out."""
    for field, at in (("starts_at", starts_at), ("ends_at", ends_at)):
        if not FIRST_DAY <= at.date() <= LAST_DAY:
            return Invalid(errors={field: [OUT_OF_RANGE]})
    if ends_at <= starts_at:
        return Invalid(errors={"ends_at": [_("The end must be after the start.")]})
    return None


def why_not_hours(openings: Sequence[slots.Opening]) -> DomainError | None:
    """No two openings of a week meet at the same time while both are in effect."""
    for number, one in enumerate(openings):
        for other in openings[number + 1 :]:
            if _in_effect_together(one, other) and _meet(one, other):
                return exceptions.HoursOverlap(errors={"weekly_hours": [exceptions.HoursOverlap.message]})
    return None


def why_not_extra_hours(extra: Sequence[slots.ExtraOpening], weekly: Sequence[slots.Opening]) -> DomainError | None:
    """Extra hours lie within this century, and meet neither one another nor the week's hours of those days."""
    taken: list[slots.Interval] = []
    for opening in sorted(extra, key=lambda opening: opening.wall):
        if not FIRST_DAY <= opening.day <= LAST_DAY:
            return Invalid(errors={"extra_hours": [OUT_OF_RANGE]})
        if opening.starts == opening.ends:
            return Invalid(errors={"extra_hours": [_("The end must differ from the start.")]})
        days = (opening.day - slots.ONE_DAY, opening.day, opening.day + slots.ONE_DAY)
        of_the_week = (hours.on(day) for hours in weekly for day in days)
        for wall in [*taken, *(wall for wall in of_the_week if wall)]:
            if opening.wall[0] < wall[1] and wall[0] < opening.wall[1]:
                return exceptions.ExtraHoursOverlap(errors={"extra_hours": [exceptions.ExtraHoursOverlap.message]})
        taken.append(opening.wall)
    return None


def _in_effect_together(one: slots.Opening, other: slots.Opening) -> bool:
    return (one.effective_from or date.min) <= (other.effective_until or date.max) and (
        other.effective_from or date.min
    ) <= (one.effective_until or date.max)


def _meet(one: slots.Opening, other: slots.Opening) -> bool:
    week = 7 * 24 * 60
    first, second = _minutes(one), _minutes(other)
    return any(first[0] < second[1] + shift and second[0] + shift < first[1] for shift in (-week, 0, week))


def _minutes(opening: slots.Opening) -> tuple[float, float]:
    """From Monday midnight, the end after the start."""
    start = opening.weekday * 24 * 60 + _of_day(opening.starts)
    length = _of_day(opening.ends) - _of_day(opening.starts)
    return start, start + (length if length > 0 else length + 24 * 60)


def _of_day(at: time) -> float:
    return at.hour * 60 + at.minute + at.second / 60
