"""What bookings knows of a patient's care, in time order, as one reader may see it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bookings.models import Appointment, Booking
from apps.bookings.workflow import UNASKED, AppointmentStatus, BookingStatus
from apps.clinical.selectors import timeline
from apps.clinical.selectors.timeline import Entry, Kind, Mark, Source

_TONES = {
    AppointmentStatus.REQUESTED: "warning",
    AppointmentStatus.REJECTED: "danger",
    AppointmentStatus.CANCELLED: "danger",
    AppointmentStatus.NO_SHOW: "danger",
    AppointmentStatus.DOCTOR_ABSENT: "danger",
    AppointmentStatus.COMPLETED: "success",
}


def tone(status: str) -> str:
    """The colour of an appointment's status."""
    return _TONES.get(AppointmentStatus(status), "info")


def appointments(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    """At the time they begin, with what has become of them; not the complaint, nor the doctor's notes."""
    asked = Appointment.objects.visible_to(reader).filter(patient=patient_id).exclude(status__in=UNASKED)
    rows = asked.select_related("doctor__user", "hospital")
    return [
        Entry(
            at=row.starts_at,
            kind=Kind.APPOINTMENT,
            event="appointment",
            title=str(row.doctor),
            details=(str(row.hospital), row.get_kind_display(), row.number),
            status=row.status,
            status_label=row.get_status_display(),
            tone=tone(row.status),
            zone=row.hospital.time_zone,
            row=row,
        )
        for row in timeline.newest(rows, "starts_at", before, limit)
    ]


def booking_tone(status: str) -> str:
    """The colour of a booking's status."""
    return {BookingStatus.REQUESTED: "warning", BookingStatus.CANCELLED: "danger"}.get(BookingStatus(status), "info")


def bookings(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    """When a hospital was asked for a treatment; not for which, nor what the patient wrote."""
    rows = Booking.objects.visible_to(reader).filter(patient=patient_id).select_related("hospital")
    return [
        Entry(
            at=row.created_at,
            kind=Kind.BOOKING,
            event="booking",
            title=_("Treatment requested: %(hospital)s") % {"hospital": row.hospital},
            details=(row.get_type_display(), row.number),
            status=row.status,
            status_label=row.get_status_display(),
            tone=booking_tone(row.status),
            zone=row.hospital.time_zone,
            row=row,
        )
        for row in timeline.newest(rows, "created_at", before, limit)
    ]


SOURCES: tuple[tuple[Kind, Source], ...] = ((Kind.APPOINTMENT, appointments), (Kind.BOOKING, bookings))
