"""Closures and public holidays: who keeps them, and what may stand in them."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.bookings import exceptions
from apps.common.exceptions import DomainError, Forbidden, Invalid

from .hours import FIRST_DAY, HOURS_KEEPERS, LAST_DAY, OUT_OF_RANGE

#: A closure that is longer than this is a hospital that ought to be taken off the list.
LONGEST_CLOSURE_DAYS = 366


def why_not_keep_closure(role: str, *, is_of_own_doctor: bool) -> DomainError | None:
    """Hospital staff close their hospital, or a doctor's calendar there; a doctor closes only the doctor's own."""
    if role not in HOURS_KEEPERS or (role == Role.DOCTOR and not is_of_own_doctor):
        return Forbidden()
    return None


def why_not_closure(starts_on: date, ends_on: date) -> DomainError | None:
    """A closure ends on its first day or after it, within this century, and lasts a year at most."""
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            return Invalid(errors={field: [OUT_OF_RANGE]})
    if ends_on < starts_on:
        return Invalid(errors={"ends_on": [_("The last day must not be before the first.")]})
    if (ends_on - starts_on).days >= LONGEST_CLOSURE_DAYS:
        return Invalid(errors={"ends_on": [_("A closure lasts a year at most.")]})
    return None


def why_not_keep_holidays(role: str) -> DomainError | None:
    """Public holidays hold for every hospital of a country, so platform admins keep them."""
    return None if role == Role.ADMIN else Forbidden()


def why_not_holiday(day: date) -> DomainError | None:
    """A public holiday lies within this century."""
    return None if FIRST_DAY <= day <= LAST_DAY else Invalid(errors={"day": [OUT_OF_RANGE]})


def why_not_remove_holiday(*, is_computed: bool) -> DomainError | None:
    """A holiday that is worked out for the country would be back the next day: it is switched off instead."""
    return exceptions.ComputedHoliday() if is_computed else None
