"""Hours, free slots and leave: what is read and answered, and beside each answer's shape the function that fills it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import serializers

from apps.bookings import rules, selectors, slots
from apps.bookings.models import DoctorSchedule, TimeOff, Weekday
from apps.common import wall_time

from . import fields

MAX_HOURS, MAX_TIME_OFF, MAX_REASON = 100, 50, 200
_NO_SLOTS = slots.NoSlots.choices


class ClockReading(serializers.Serializer):
    """An instant as a wall clock shows it."""

    time = serializers.CharField(help_text="ISO 8601 with the zone's offset.")
    zone = serializers.CharField(help_text="IANA name of the time zone.")
    offset = serializers.CharField(help_text="Distance from UTC at that instant, such as +05:30.")


class SlotShown(serializers.Serializer):
    """A free slot.

    Where the clocks go back, two slots show the same wall time: both are `is_ambiguous`, the offset tells them apart.
    """

    starts_at = serializers.DateTimeField(help_text="UTC; what a booking sends.")
    ends_at = serializers.DateTimeField()
    hospital_id = serializers.UUIDField()
    hospital_time = ClockReading()
    your_time = ClockReading()
    is_ambiguous = serializers.BooleanField()


class HoursShown(serializers.Serializer):
    """One weekly opening, in wall time of the hospital; Monday is 0; an end not after its start is the next day's."""

    hospital_id = serializers.UUIDField()
    hospital_name = serializers.CharField()
    time_zone = serializers.CharField()
    slot_minutes = serializers.IntegerField()
    weekday = serializers.IntegerField(min_value=0, max_value=6)
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()
    effective_from = serializers.DateField(allow_null=True)
    effective_until = serializers.DateField(allow_null=True)
    takes_bookings = serializers.BooleanField()


class ScheduleShown(serializers.Serializer):
    """A doctor's weekly hours and the free slots of a period; where there are none, why, and the next free one."""

    doctor_id = serializers.UUIDField()
    time_zone = serializers.CharField(help_text="The zone in which the period's days and `your_time` are read.")
    weekly_hours = HoursShown(many=True)
    slots = SlotShown(many=True)
    no_slots = serializers.ChoiceField(choices=_NO_SLOTS, allow_null=True)
    no_slots_text = serializers.CharField(allow_null=True)
    next_free = SlotShown(allow_null=True)


def schedule(free: selectors.FreeSlots, zone: str) -> dict[str, Any]:
    """The answer of ScheduleShown."""
    return {
        "doctor_id": free.calendar.doctor_id,
        "time_zone": zone,
        "weekly_hours": [
            _hours(place, opening) for place in free.calendar.places for opening in place.plan.openings
        ],
        "slots": [slots.show(slot, zone) for slot in free.found],
        "no_slots": free.reason,
        "no_slots_text": str(free.reason.label) if free.reason else None,
        "next_free": slots.show(free.next_one, zone) if free.next_one else None,
    }


def _hours(place: selectors.Place, opening: slots.Opening) -> dict[str, Any]:
    return {
        "hospital_id": place.plan.hospital_id,
        "hospital_name": place.hospital_name,
        "time_zone": place.plan.zone,
        "slot_minutes": place.plan.length // timedelta(minutes=1),
        **_opening(opening),
        "takes_bookings": place.takes_bookings,
    }


def _opening(opening: Any) -> dict[str, Any]:
    return {
        "weekday": opening.weekday,
        "starts": opening.starts.strftime("%H:%M"),
        "ends": opening.ends.strftime("%H:%M"),
        "effective_from": opening.effective_from,
        "effective_until": opening.effective_until,
    }


class OpeningShown(serializers.Serializer):
    weekday = serializers.IntegerField(min_value=0, max_value=6)
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()
    effective_from = serializers.DateField(allow_null=True)
    effective_until = serializers.DateField(allow_null=True)


class TimeOffShown(serializers.Serializer):
    id = serializers.UUIDField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True, help_text="Empty for those who may not read it.")


class AvailabilityShown(serializers.Serializer):
    """How a doctor takes appointments at one hospital, and when the doctor is away from all."""

    doctor_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField()
    slot_minutes = serializers.IntegerField()
    minimum_notice_minutes = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    weekly_hours = OpeningShown(many=True)
    time_off = TimeOffShown(many=True)


def availability(kept: DoctorSchedule, time_off: Iterable[TimeOff], *, role: str) -> dict[str, Any]:
    """The answer of AvailabilityShown."""
    reads_reason = rules.may_read_leave_reason(role)
    return {
        "doctor_id": kept.doctor_id,
        "hospital_id": kept.hospital_id,
        "slot_minutes": kept.slot_minutes,
        "minimum_notice_minutes": kept.minimum_notice_minutes,
        "horizon_days": kept.horizon_days,
        "weekly_hours": [_opening(hours) for hours in kept.weekly_hours.all()],
        "time_off": [
            {
                "id": away.pk,
                "starts_at": away.starts_at,
                "ends_at": away.ends_at,
                "reason": away.reason if reads_reason else "",
            }
            for away in time_off
        ],
    }


# --- inputs ---


class ScheduleQuery(serializers.Serializer):
    """A period of at most 31 days, read by the clock in `tz`; a week from today where nothing is said."""

    to = fields.DayField(required=False, help_text="The last day, inclusive; six days after the first by default.")
    tz = serializers.CharField(
        required=False,
        validators=[wall_time.validate_zone],
        help_text="Time zone of the days and of `your_time`, such as Europe/London; the caller's own, or UTC.",
    )
    hospital_id = serializers.UUIDField(required=False, help_text="This hospital only.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        first = fields.DayField(required=False, help_text="The first day; today by default.")
        return {"from": first, **super().get_fields()}


def period(query: Mapping[str, Any], zone: str, now: datetime) -> slots.Interval:
    """The instants of the period asked for. Raises ValidationError for one that is empty or too long."""
    first = query.get("from") or min(max(slots.day_of(now, zone), rules.FIRST_DAY), rules.LAST_DAY)
    last: date = query.get("to") or min(first + timedelta(days=6), rules.LAST_DAY)
    if not 0 <= (last - first).days < rules.MAX_DAYS_SHOWN:
        days = rules.MAX_DAYS_SHOWN - 1
        text = ngettext(
            "The last day is at most %(days)d day after the first.",
            "The last day is at most %(days)d days after the first.",
            days,
        )
        raise serializers.ValidationError({"to": [text % {"days": days}]})
    return slots.day_bounds(first, last, zone)


class OpeningInput(serializers.Serializer):
    """One weekly opening in wall time of the hospital, the end exclusive; an end before its start is the next day's."""

    weekday = serializers.ChoiceField(choices=Weekday.values, help_text="Monday is 0.")
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()
    effective_from = fields.DayField(required=False, allow_null=True, default=None)
    effective_until = fields.DayField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["starts"] == attrs["ends"]:
            raise serializers.ValidationError({"ends": [_("The end must differ from the start.")]})
        first, last = attrs["effective_from"], attrs["effective_until"]
        if first and last and last < first:
            raise serializers.ValidationError({"effective_until": [_("The last day must not be before the first.")]})
        return attrs


class TimeOffInput(serializers.Serializer):
    """The doctor is away from all hospitals."""

    starts_at = fields.InstantField()
    ends_at = fields.InstantField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=MAX_REASON, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_at"] <= attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": [_("The end must be after the start.")]})
        return attrs


class AvailabilityInput(serializers.Serializer):
    """What is not named stays as it is. `weekly_hours` replaces all hours at that hospital."""

    hospital_id = serializers.UUIDField()
    slot_minutes = serializers.IntegerField(required=False, min_value=5, max_value=240)
    minimum_notice_minutes = serializers.IntegerField(required=False, min_value=0, max_value=60 * 24 * 60)
    horizon_days = serializers.IntegerField(required=False, min_value=1, max_value=365)
    weekly_hours = OpeningInput(many=True, required=False, max_length=MAX_HOURS)  # type: ignore[call-arg]
    time_off = TimeOffInput(  # type: ignore[call-arg]
        many=True, required=False, max_length=MAX_TIME_OFF, help_text="Periods to add."
    )
    remove_time_off = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_TIME_OFF, help_text="Periods to remove, by id."
    )


def openings(given: Mapping[str, Any]) -> list[slots.Opening] | None:
    """The weekly hours that an AvailabilityInput names, None when it names none."""
    hours = given.get("weekly_hours")
    return [slots.Opening(**opening) for opening in hours] if hours is not None else None


def settings(given: Mapping[str, Any]) -> dict[str, int]:
    """The settings that an AvailabilityInput names."""
    return {name: given[name] for name in rules.SCHEDULE_SETTINGS if name in given}
