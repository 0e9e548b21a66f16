"""Treatment bookings: what may be asked for."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import DomainError, Invalid

#: A treatment is asked for so far ahead.
PREFERRED_WITHIN = timedelta(days=730)


def why_not_preferred(first: date | None, last: date | None, *, today: date) -> DomainError | None:
    """Somebody would like to come today at the earliest, within two years, and to leave no earlier than they come."""
    errors = {}
    for name, day in (("preferred_from", first), ("preferred_until", last)):
        if day is not None and not today <= day <= today + PREFERRED_WITHIN:
            errors[name] = [_("Choose a day from today on, within two years.")]
    if not errors and first and last and last < first:
        errors["preferred_until"] = [_("This day lies before the first one.")]
    return Invalid(errors=errors) if errors else None
