"""Times as clients send them: instants with their offset, days and wall times strictly, all within this century."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from apps.bookings import rules


class InstantField(serializers.DateTimeField):
    """An instant: ISO 8601 with `Z` or an offset. A time without one could be anybody's, and is refused."""

    default_error_messages = {
        "no_offset": _("Give the time with its offset from UTC, such as 2026-11-23T09:30:00+05:30."),
        "out_of_range": rules.OUT_OF_RANGE,
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("no_offset")
        if not rules.FIRST_DAY <= value.date() <= rules.LAST_DAY:
            self.fail("out_of_range")
        return value.astimezone(UTC)


class DayField(serializers.DateField):
    """A calendar day, `2026-11-23`."""

    default_error_messages = {"out_of_range": rules.OUT_OF_RANGE}

    def to_internal_value(self, value: Any) -> date:
        day: date = super().to_internal_value(value)
        if not rules.FIRST_DAY <= day <= rules.LAST_DAY:
            self.fail("out_of_range")
        return day


class WallTimeField(serializers.RegexField):
    """A time on the hospital's wall clock, `09:30`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        return time.fromisoformat(super().run_validation(data))

    def to_representation(self, value: Any) -> str:
        return value.strftime("%H:%M")
