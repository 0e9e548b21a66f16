"""What becomes of an appointment that leave stands in the way of: what is read and answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.models import User
from apps.bookings import selectors, slots
from apps.bookings.models import Appointment
from apps.bookings.workflow import DisplacementChoice, DisplacementStatus
from apps.common.api.shapes import Named

from . import fields
from .calendar import ClockReading, SlotShown

#: What each choice says beside itself.
NEEDED = {
    DisplacementChoice.TIME: ("starts_at",),
    DisplacementChoice.COLLEAGUE: ("starts_at", "doctor_id"),
    DisplacementChoice.REFUND: (),
}


class ColleagueShown(SlotShown):
    """A colleague of the doctor, and the first free time."""

    doctor = Named()


class OffersShown(serializers.Serializer):
    """What can be chosen; to cancel and be refunded always can."""

    times = SlotShown(many=True)
    colleagues = ColleagueShown(many=True)


class ChosenShown(serializers.Serializer):
    """The appointment that takes place instead: the same one at another time, or another one with a colleague."""

    appointment_id = serializers.UUIDField()
    doctor = Named()
    starts_at = serializers.DateTimeField()
    hospital_time = ClockReading()
    your_time = ClockReading()


class DisplacementShown(serializers.Serializer):
    """An appointment's time that the doctor cannot keep, until when the patient chooses, and what was chosen."""

    id = serializers.UUIDField()
    appointment_id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=DisplacementStatus.choices)
    status_label = serializers.CharField()
    respond_by = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_by = serializers.ChoiceField(choices=Appointment.CancelledBy.choices, allow_blank=True)
    can_choose = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)
    offers = OffersShown()
    chosen = ChosenShown(allow_null=True)


def displacement(page: selectors.DisplacementPage, reader: User) -> dict[str, Any]:
    """The answer of DisplacementShown."""
    row = page.displacement
    return {
        "id": row.pk,
        "appointment_id": row.appointment_id,
        "status": row.status,
        "status_label": row.get_status_display(),
        "respond_by": row.respond_by,
        "settled_at": row.settled_at,
        "settled_by": row.settled_by,
        "can_choose": page.why_not is None,
        "why_not": page.why_not.text if page.why_not else None,
        "offers": page.offers.show(reader.time_zone),
        "chosen": _chosen(page.chosen, reader) if page.chosen else None,
    }


def _chosen(appointment: Appointment, reader: User) -> dict[str, Any]:
    return {
        "appointment_id": appointment.pk,
        "doctor": {"id": appointment.doctor_id, "name": str(appointment.doctor)},
        "starts_at": appointment.starts_at,
        "hospital_time": slots.read_clock(appointment.starts_at, appointment.hospital.time_zone),
        "your_time": slots.read_clock(appointment.starts_at, reader.time_zone),
    }


class ChooseInput(serializers.Serializer):
    """One of what is offered: another free time of the doctor, a time of a colleague, or to cancel and be refunded."""

    choice = serializers.ChoiceField(choices=DisplacementChoice.choices)
    starts_at = fields.InstantField(required=False, help_text="Of the free time; needed unless the choice is `refund`.")
    doctor_id = serializers.UUIDField(required=False, help_text="Of the colleague; needed when the choice is one.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = NEEDED[DisplacementChoice(attrs["choice"])]
        missing = [name for name in needed if name not in attrs]
        if missing:
            raise serializers.ValidationError({name: [_("This field is required.")] for name in missing})
        return {name: attrs[name] for name in ("choice", *needed)}
