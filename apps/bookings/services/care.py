"""An appointment puts the patient into the care of its doctor and hospital; clinical keeps the row that says so."""

from datetime import datetime

from apps.accounts.models import User
from apps.bookings import rules
from apps.bookings.models import Appointment
from apps.clinical import services as clinical_services

#: How clinical's rows name an appointment.
SUBJECT = "appointment"


def begin_care(appointment: Appointment, *, by: User | None, now: datetime) -> None:
    """From now on the doctor and the hospital care for the patient, until the appointment has been over for a while."""
    clinical_services.open_care(
        patient=appointment.patient,
        doctor=appointment.doctor,
        hospital=appointment.hospital,
        subject_type=SUBJECT,
        subject_id=appointment.pk,
        starts_at=now,
        ends_at=rules.care_ends_at(appointment.status, appointment.ends_at, now=now),
        by=by,
    )


def move_care(appointment: Appointment, *, now: datetime) -> None:
    """The care ends as the appointment's status and time now say."""
    ends_at = rules.care_ends_at(appointment.status, appointment.ends_at, now=now)
    clinical_services.end_care(SUBJECT, appointment.pk, at=ends_at)
