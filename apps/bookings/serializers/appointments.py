"""Appointments: what is read and answered.

Beside each answer's shape stands the function that fills it from plain rows.
"""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.models import User
from apps.bookings import rules, selectors, slots
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.common import money
from apps.common.api.shapes import Named

from . import fields
from .calendar import ClockReading

_MOVED = _("Moved to another time")
MAX_COMPLAINT, MAX_NOTES, MAX_NOTE = 5_000, 20_000, 1_000


class PlaceShown(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()


class AppointmentSummary(serializers.Serializer):
    """An appointment: in UTC, on the hospital's clock and on the reader's."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=AppointmentStatus.choices)
    status_label = serializers.CharField()
    kind = serializers.ChoiceField(choices=Appointment.Kind.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    hospital_time = ClockReading()
    your_time = ClockReading()
    held_until = serializers.DateTimeField(allow_null=True, help_text="Of what is held: book it before.")
    held_for_seconds = serializers.IntegerField(allow_null=True, help_text="How long it is held yet, by our clock.")
    version = serializers.IntegerField(help_text="Counts the agreed times; send it back to act on what you saw.")
    is_displaced = serializers.BooleanField(help_text="The doctor is away then: see `/appointments/{id}/displacement`.")
    replaces_id = serializers.UUIDField(allow_null=True, help_text="The appointment whose place it took.")
    patient = Named()
    doctor = Named()
    hospital = PlaceShown()
    fee = serializers.CharField(allow_null=True, help_text="Decimal in the currency's own places.")
    currency = serializers.CharField(allow_blank=True)
    is_paid = serializers.BooleanField(help_text="Money for it has come in that was not given back.")
    complaint = serializers.CharField(allow_null=True, help_text="Null for those who may not read it.")
    notes = serializers.CharField(allow_null=True, help_text="The doctor's; null for those who may not read them.")
    cancelled_by = serializers.ChoiceField(choices=Appointment.CancelledBy.choices, allow_blank=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    cancellation_reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class EventShown(serializers.Serializer):
    """One move: to another status, or (with both times) to another time."""

    at = serializers.DateTimeField()
    from_status = serializers.ChoiceField(choices=AppointmentStatus.choices, allow_blank=True)
    to_status = serializers.ChoiceField(choices=AppointmentStatus.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    by_role = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_null=True)
    moved_from_at = serializers.DateTimeField(allow_null=True)
    moved_to_at = serializers.DateTimeField(allow_null=True)


class MoveShown(serializers.Serializer):
    """A move that the reader's role has from the present status, and what stands against it now."""

    to = serializers.ChoiceField(choices=AppointmentStatus.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    is_possible = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    why_not = serializers.CharField(allow_null=True)


class RescheduleShown(serializers.Serializer):
    is_possible = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    why_not = serializers.CharField(allow_null=True)


class AppointmentDetail(AppointmentSummary):
    """An appointment with its history and the moves that its reader has."""

    events = EventShown(many=True)
    moves = MoveShown(many=True)
    reschedule = RescheduleShown()


def appointment(row: dict[str, Any], reader: User) -> dict[str, Any]:
    """The answer of AppointmentSummary, from a row of `AppointmentQuerySet.as_rows`."""
    reads_complaint = rules.may_read_complaint(reader.role)
    return {
        "id": row["id"],
        "number": row["number"],
        "status": row["status"],
        "status_label": AppointmentStatus(row["status"]).label,
        "kind": row["kind"],
        "starts_at": row["starts_at"],
        "ends_at": row["ends_at"],
        "hospital_time": slots.read_clock(row["starts_at"], row["hospital__time_zone"]),
        "your_time": slots.read_clock(row["starts_at"], reader.time_zone),
        "held_until": row["held_until"] if row["status"] == AppointmentStatus.HELD else None,
        "held_for_seconds": rules.seconds_left(row["status"], row["held_until"], now=timezone.now()),
        "version": row["version"],
        "is_displaced": row["is_displaced"],
        "replaces_id": row["replaces_id"],
        "patient": {
            "id": row["patient_id"],
            "name": f"{row['patient__user__first_name']} {row['patient__user__last_name']}".strip(),
        },
        "doctor": {
            "id": row["doctor_id"],
            "name": f"{row['doctor_title']} {row['doctor__first_name']} {row['doctor__last_name']}".strip(),
        },
        "hospital": {"id": row["hospital_id"], "name": row["hospital_name"], "city": row["hospital_city"]},
        "fee": str(money.quantize(row["fee"], row["currency"])) if row["fee"] is not None else None,
        "currency": row["currency"],
        "is_paid": row["is_paid"],
        "complaint": row["complaint"] if reads_complaint else None,
        "notes": row["notes"] if rules.may_read_notes(reader.role) else None,
        "cancelled_by": row["cancelled_by"],
        "cancelled_at": row["cancelled_at"],
        "cancellation_reason": row["cancellation_reason"] if reads_complaint else None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def appointment_detail(page: selectors.AppointmentPage, reader: User) -> dict[str, Any]:
    """The answer of AppointmentDetail."""
    return {
        **appointment(page.row, reader),
        "events": [_event(event, reader) for event in page.events],
        "moves": [{"to": edge.to, "label": str(edge.verb), **refusal(against)} for edge, against in page.moves],
        "reschedule": refusal(page.why_not_reschedule),
    }


def _event(event: dict[str, Any], reader: User) -> dict[str, Any]:
    return {
        "at": event["at"],
        "from_status": event["from_status"],
        "to_status": event["to_status"],
        "label": str(_MOVED if event["moved_to_at"] else AppointmentStatus(event["to_status"]).label),
        "by_role": event["by__role"],
        "note": event["note"] if rules.may_read_complaint(reader.role) else None,
        "moved_from_at": event["moved_from_at"],
        "moved_to_at": event["moved_to_at"],
    }


def refusal(against: Any) -> dict[str, Any]:
    """The answer of RescheduleShown, from what stands against it, or None."""
    return {
        "is_possible": against is None,
        "code": against.code if against else None,
        "why_not": against.text if against else None,
    }


# --- inputs ---

_VERSION = "The version that you saw: 409 when the appointment has another time by now."


class HoldSlotInput(serializers.Serializer):
    """One of the doctor's free slots, by the instant on which it starts."""

    doctor_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField()
    starts_at = fields.InstantField()
    patient_id = serializers.UUIDField(required=False, help_text="For whom; coordinators and admins must say it.")
    kind = serializers.ChoiceField(choices=Appointment.Kind.choices, default=Appointment.Kind.IN_PERSON)


class BookAppointmentInput(HoldSlotInput):
    """One of the doctor's free slots, held before or not."""

    complaint = serializers.CharField(required=False, allow_blank=True, max_length=MAX_COMPLAINT, default="")


class EditAppointmentInput(serializers.Serializer):
    """The patient (or a coordinator) writes the complaint until the consultation, the doctor the notes."""

    complaint = serializers.CharField(required=False, allow_blank=True, max_length=MAX_COMPLAINT)
    notes = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTES)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=_VERSION)


class MoveAppointmentInput(serializers.Serializer):
    status = serializers.ChoiceField(choices=AppointmentStatus.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE, default="")
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=_VERSION)


class RescheduleAppointmentInput(serializers.Serializer):
    starts_at = fields.InstantField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE, default="")
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=_VERSION)


class CancelAppointmentInput(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=MAX_NOTE, default="")
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1, help_text=_VERSION)
