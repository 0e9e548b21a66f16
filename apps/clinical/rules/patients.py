"""Decisions about patients."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import DomainError, Invalid

OLDEST_YEARS = 130


def why_not_born_on(birth_date: date | None, *, today: date) -> DomainError | None:
    """Nobody is born tomorrow, nor more than 130 years ago. Not knowing the day is no reason to refuse."""
    if birth_date is None:
        return None
    if birth_date > today:
        return Invalid(errors={"birth_date": [_("This day lies in the future.")]})
    if birth_date.year < today.year - OLDEST_YEARS:
        return Invalid(errors={"birth_date": [_("This day lies too far back.")]})
    return None
