"""The timeline: what is read and answered."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.bookings import slots
from apps.bookings.serializers.calendar import ClockReading
from apps.clinical.selectors.timeline import Entry, Kind
from apps.common.api.shapes import Named
from apps.interop.selectors.timeline import PAGE, Timeline

MOST_ENTRIES, LONGEST_MARK = 100, 70
EVENTS = (
    "appointment", "booking", "record", "prescription", "test_requested", "result", "consent_given",
    "consent_revoked", "emergency", "onboarding",
)  # fmt: skip


class TimelineQuery(serializers.Serializer):
    """Which part of the timeline is asked for."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind], required=False)
    before = serializers.CharField(
        required=False, max_length=LONGEST_MARK, help_text="The `older` of the page before, as it was given."
    )
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ENTRIES, default=PAGE)


class SubjectShown(serializers.Serializer):
    type = serializers.CharField(help_text="Such as `clinical.medicalrecord`.")
    id = serializers.UUIDField()


class EntryShown(serializers.Serializer):
    """One thing that happened, or is to happen. Of a record only the day is known: its times are null."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind])
    event = serializers.ChoiceField(choices=EVENTS)
    at = serializers.DateTimeField(allow_null=True, help_text="UTC; null where only the day is known.")
    on = serializers.DateField(help_text="The day: of the record, or else on the patient's calendar.")
    hospital_time = ClockReading(allow_null=True, help_text="On the clock of the hospital concerned, if there is one.")
    patient_time = ClockReading(allow_null=True)
    your_time = ClockReading(allow_null=True)
    title = serializers.CharField()
    details = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField(allow_blank=True)
    status_label = serializers.CharField(allow_blank=True)
    subject = SubjectShown()


class TimelineShown(serializers.Serializer):
    """Newest first."""

    patient = Named()
    entries = EntryShown(many=True)
    older = serializers.CharField(allow_null=True, help_text="Send it as `before` for what is older; null at the end.")
    notice = serializers.CharField(
        allow_null=True,
        help_text="For whoever sees by consent: that there may be more. It never depends on whether there is.",
    )


def timeline(found: Timeline, reader: User) -> dict[str, Any]:
    person = found.patient.user
    return {
        "patient": {"id": found.patient.pk, "name": person.full_name},
        "entries": [_entry(entry, person.time_zone, reader.time_zone) for entry in found.entries],
        "older": found.older,
        "notice": str(found.notice) or None,
    }


def _entry(entry: Entry, patient_zone: str, reader_zone: str) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "event": entry.event,
        "at": None if entry.on else entry.at,
        "on": entry.on or slots.day_of(entry.at, patient_zone),
        "hospital_time": _clock(entry, entry.zone),
        "patient_time": _clock(entry, patient_zone),
        "your_time": _clock(entry, reader_zone),
        "title": entry.title,
        "details": list(entry.details),
        "status": entry.status,
        "status_label": entry.status_label,
        "subject": {"type": entry.row._meta.label_lower, "id": entry.row.pk},
    }


def _clock(entry: Entry, zone: str) -> dict[str, str] | None:
    at: datetime = entry.at
    return slots.read_clock(at, zone) if zone and entry.on is None else None
