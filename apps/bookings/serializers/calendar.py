"""Hours, free slots and leave: what is read and answered, and beside each answer's shape the function that fills it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import serializers

from apps.bookings import rules, selectors, slots
from apps.bookings.models import DoctorSchedule, ExtraHours, TimeOff, Weekday
from apps.common import wall_time

from . import fields

MAX_HOURS, MAX_EXTRA_HOURS, MAX_TIME_OFF, MAX_REASON = 100, 100, 50, 200
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


class ExtraHoursShown(serializers.Serializer):
    """One opening on one day beside the week's, in wall time of the hospital; an end not after its start is the next
    day's."""

    hospital_id = serializers.UUIDField()
    hospital_name = serializers.CharField()
    time_zone = serializers.CharField()
    day = serializers.DateField()
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()
    takes_bookings = serializers.BooleanField()


class ClosedDaysShown(serializers.Serializer):
    """Days of the hospital's calendar on which nothing is offered there; on a public holiday, extra hours are."""

    hospital_id = serializers.UUIDField()
    hospital_name = serializers.CharField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    holiday = serializers.CharField(allow_null=True, help_text="The public holiday's name; null for a closure.")


class ScheduleShown(serializers.Serializer):
    """A doctor's hours, and the free slots of a period; where there are none, why, and the next free one.

    Extra hours and closed days are those of the period that are not past.
    """

    doctor_id = serializers.UUIDField()
    time_zone = serializers.CharField(help_text="The zone in which the period's days and `your_time` are read.")
    weekly_hours = HoursShown(many=True)
    extra_hours = ExtraHoursShown(many=True)
    closed_days = ClosedDaysShown(many=True)
    slots = SlotShown(many=True)
    no_slots = serializers.ChoiceField(choices=_NO_SLOTS, allow_null=True)
    no_slots_text = serializers.CharField(allow_null=True)
    next_free = SlotShown(allow_null=True)


def schedule(free: selectors.FreeSlots, zone: str, period: slots.Interval) -> dict[str, Any]:
    """The answer of ScheduleShown."""
    places = free.calendar.places
    return {
        "doctor_id": free.calendar.doctor_id,
        "time_zone": zone,
        "weekly_hours": [_hours(place, opening) for place in places for opening in place.plan.openings],
        "extra_hours": [extra for place in places for extra in _extra_hours(place, period)],
        "closed_days": [closed for place in places for closed in _closed_days(place, period)],
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


def _extra_hours(place: selectors.Place, period: slots.Interval) -> Iterator[dict[str, Any]]:
    first, last = _days(place, period)
    for opening in place.plan.extra:
        if first <= opening.day <= last:
            yield {
                "hospital_id": place.plan.hospital_id,
                "hospital_name": place.hospital_name,
                "time_zone": place.plan.zone,
                "day": opening.day,
                **_wall_times(opening),
                "takes_bookings": place.takes_bookings,
            }


def _closed_days(place: selectors.Place, period: slots.Interval) -> Iterator[dict[str, Any]]:
    first, last = _days(place, period)
    closed = [(*closure, None) for closure in place.plan.closures] + [(day, day, name) for day, name in place.holidays]
    for first_day, last_day, holiday in sorted(closed, key=lambda days: days[:2]):
        if first_day <= last and last_day >= first:
            yield {
                "hospital_id": place.plan.hospital_id,
                "hospital_name": place.hospital_name,
                "first_day": first_day,
                "last_day": last_day,
                "holiday": holiday,
            }


def _days(place: selectors.Place, period: slots.Interval) -> tuple[date, date]:
    """The first and the last day of the period, by the hospital's calendar."""
    return slots.day_of(period[0], place.plan.zone), slots.day_of(period[1] - timedelta.resolution, place.plan.zone)


def _wall_times(opening: Any) -> dict[str, str]:
    return {"starts": opening.starts.strftime("%H:%M"), "ends": opening.ends.strftime("%H:%M")}


def _opening(opening: Any) -> dict[str, Any]:
    return {
        "weekday": opening.weekday,
        **_wall_times(opening),
        "effective_from": opening.effective_from,
        "effective_until": opening.effective_until,
    }


class OpeningShown(serializers.Serializer):
    weekday = serializers.IntegerField(min_value=0, max_value=6)
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()
    effective_from = serializers.DateField(allow_null=True)
    effective_until = serializers.DateField(allow_null=True)


class ExtraOpeningShown(serializers.Serializer):
    id = serializers.UUIDField()
    day = serializers.DateField()
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()


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
    buffer_minutes = serializers.IntegerField()
    daily_cap = serializers.IntegerField(allow_null=True)
    works_on_holidays = serializers.BooleanField()
    weekly_hours = OpeningShown(many=True)
    extra_hours = ExtraOpeningShown(many=True, help_text="Those that are not past.")
    time_off = TimeOffShown(many=True)


def availability(
    kept: DoctorSchedule, extra_hours: Iterable[ExtraHours], time_off: Iterable[TimeOff], *, role: str
) -> dict[str, Any]:
    """The answer of AvailabilityShown."""
    reads_reason = rules.may_read_leave_reason(role)
    return {
        "doctor_id": kept.doctor_id,
        "hospital_id": kept.hospital_id,
        **{name: getattr(kept, name) for name in rules.SCHEDULE_SETTINGS},
        "weekly_hours": [_opening(hours) for hours in kept.weekly_hours.all()],
        "extra_hours": [{"id": extra.pk, "day": extra.day, **_wall_times(extra)} for extra in extra_hours],
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


class ExtraHoursInput(serializers.Serializer):
    """One opening on one day, in wall time of the hospital, the end exclusive; an end before its start is the next
    day's. It holds on public holidays too."""

    day = fields.DayField()
    starts = fields.WallTimeField()
    ends = fields.WallTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["starts"] == attrs["ends"]:
            raise serializers.ValidationError({"ends": [_("The end must differ from the start.")]})
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
    buffer_minutes = serializers.IntegerField(
        required=False, min_value=0, max_value=120, help_text="Kept free after each appointment."
    )
    daily_cap = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=200,
        help_text="Appointments on one day; null: no limit.",
    )
    works_on_holidays = serializers.BooleanField(required=False)
    weekly_hours = OpeningInput(many=True, required=False, max_length=MAX_HOURS)  # type: ignore[call-arg]
    extra_hours = ExtraHoursInput(  # type: ignore[call-arg]
        many=True, required=False, max_length=MAX_EXTRA_HOURS, help_text="Openings on single days to add."
    )
    remove_extra_hours = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_EXTRA_HOURS, help_text="To remove, by id."
    )
    time_off = TimeOffInput(  # type: ignore[call-arg]
        many=True, required=False, max_length=MAX_TIME_OFF, help_text="Periods to add."
    )
    remove_time_off = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_TIME_OFF, help_text="Periods to remove, by id."
    )


def hours(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an AvailabilityInput says of hours and settings, as the service takes it."""
    weekly = given.get("weekly_hours")
    return {
        "weekly_hours": [slots.Opening(**opening) for opening in weekly] if weekly is not None else None,
        "extra_hours": [slots.ExtraOpening(**opening) for opening in given.get("extra_hours", ())],
        "remove_extra_hours": given.get("remove_extra_hours", ()),
        "settings": {name: given[name] for name in rules.SCHEDULE_SETTINGS if name in given},
    }
