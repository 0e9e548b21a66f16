"""Reads for reminders: whom to tell of which appointments, and of which there is nothing to be reminded any more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from apps.bookings import rules
from apps.bookings.models import Appointment, Displacement
from apps.bookings.workflow import DisplacementStatus
from apps.notifications.models import Message

_PERSON = ("first_name", "last_name", "language", "time_zone", "is_active")
_TRANSLATED = ("doctor__title", "hospital__name", "hospital__city")
#: All that a message says of an appointment, in every language, and nothing that is encrypted.
_TOLD = (
    "id", "number", "version", "kind", "starts_at", "cancelled_by", "patient_id", "doctor_id", "hospital_id",
    "patient__user_id", "doctor__user_id", "doctor__first_name", "doctor__last_name", "hospital__time_zone",
    *(f"{side}__user__{field}" for side in ("patient", "doctor") for field in _PERSON),
    *(f"{path}_{language}" for path in _TRANSLATED for language, _name in settings.LANGUAGES),
)  # fmt: skip


def told_of(appointment_ids: Collection[UUID]) -> list[Appointment]:
    """The appointments with what their messages say of patient, doctor and hospital. One query."""
    if not appointment_ids:
        return []
    appointments = Appointment.objects.filter(pk__in=appointment_ids).order_by()
    return list(appointments.select_related("patient__user", "doctor__user", "hospital").only(*_TOLD))


def overtaken_reminders(messages: Sequence[Message], now: datetime) -> Mapping[UUID, str]:
    """The reminders that must not be sent any more, and why: the appointment was moved, cancelled or displaced since
    they were written, or they come too late. One query."""
    open_displacement = Displacement.objects.filter(
        appointment=OuterRef("pk"), version=OuterRef("version"), status=DisplacementStatus.OPEN
    )
    rows = (
        Appointment.objects.filter(pk__in={UUID(message.context["appointment_id"]) for message in messages})
        .order_by()
        .annotate(is_displaced=Exists(open_displacement))
        .values_list("pk", "status", "version", "starts_at", "is_displaced", named=True)
    )
    by_id = {str(row.pk): row for row in rows}
    reasons = {}
    for message in messages:
        row = by_id.get(message.context["appointment_id"])
        reasons[message.pk] = (
            "the appointment is gone"
            if row is None
            else rules.why_not_remind(
                row.status, row.version, row.starts_at,
                told_version=message.context["version"], minutes_before=message.context["minutes_before"],
                is_displaced=row.is_displaced, now=now,
            )
        )  # fmt: skip
    return {pk: reason for pk, reason in reasons.items() if reason}
