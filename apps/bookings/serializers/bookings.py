"""Treatment bookings: what is read and answered."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.bookings.models import Booking
from apps.bookings.workflow import BookingStatus
from apps.common.api.shapes import Named

from . import fields
from .appointments import PlaceShown

MAX_MESSAGE, MAX_REASON = 5_000, 1_000


class BookingShown(serializers.Serializer):
    """A treatment booking: a hospital was asked for a treatment or for a package."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    type = serializers.ChoiceField(choices=Booking.Type.choices)
    status = serializers.ChoiceField(choices=BookingStatus.choices)
    status_label = serializers.CharField()
    patient = Named()
    hospital = PlaceShown()
    treatment = Named(allow_null=True)
    package = Named(allow_null=True)
    preferred_from = serializers.DateField(allow_null=True)
    preferred_until = serializers.DateField(allow_null=True)
    companions = serializers.IntegerField()
    message = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def booking(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of BookingShown, from a row of `BookingQuerySet.as_rows`."""
    return {
        "id": row["id"],
        "number": row["number"],
        "type": row["type"],
        "status": row["status"],
        "status_label": BookingStatus(row["status"]).label,
        "patient": {
            "id": row["patient_id"],
            "name": f"{row['patient__user__first_name']} {row['patient__user__last_name']}".strip(),
        },
        "hospital": {"id": row["hospital_id"], "name": row["hospital_name"], "city": row["hospital_city"]},
        "treatment": _named(row, "treatment"),
        "package": _named(row, "package"),
        "preferred_from": row["preferred_from"],
        "preferred_until": row["preferred_until"],
        "companions": row["companions"],
        "message": row["message"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _named(row: Mapping[str, Any], what: str) -> dict[str, Any] | None:
    return {"id": row[f"{what}_id"], "name": row[f"{what}_name"]} if row[f"{what}_id"] else None


class RequestBookingInput(serializers.Serializer):
    """A treatment that the hospital offers, or a package that it is part of."""

    hospital_id = serializers.UUIDField()
    treatment_id = serializers.UUIDField(required=False)
    package_id = serializers.UUIDField(required=False)
    patient_id = serializers.UUIDField(required=False, help_text="For whom; coordinators and admins must say it.")
    preferred_from = fields.DayField(required=False)
    preferred_until = fields.DayField(required=False)
    companions = serializers.IntegerField(required=False, min_value=0, max_value=Booking.MOST_COMPANIONS, default=0)
    message = serializers.CharField(required=False, allow_blank=True, max_length=MAX_MESSAGE, default="")


class WithdrawBookingInput(serializers.Serializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=MAX_REASON, default="")
