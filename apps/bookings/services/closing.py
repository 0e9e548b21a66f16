"""What speaks against closing a patient's account."""

from datetime import datetime

from apps.bookings import rules
from apps.bookings.models import Appointment
from apps.clinical.models import Patient
from apps.common.exceptions import raise_if

from . import calendars, lapsing


def refuse_while_appointments_to_come(patient: Patient, *, now: datetime) -> None:
    """Nobody books for the patient meanwhile, and whoever was at it is counted; what is only held is let go. Raises
    AppointmentsToCome."""
    calendars.lock(patient.pk)
    lapsing.lapse_of(patient.pk, now=now)
    to_come = Appointment.objects.filter(patient=patient, ends_at__gt=now).occupying().count()
    raise_if(rules.why_not_close_patient(to_come))
