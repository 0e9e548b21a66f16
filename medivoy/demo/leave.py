"""Room: a doctor who fell ill yesterday; the patients have been asked to choose, and one of them has."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.bookings import selectors as booking_selectors
from apps.bookings import services as booking_services
from apps.bookings.models import Appointment, Displacement

from . import clock, doctors

#: The doctor is away from then to then.
AWAY_FROM, AWAY_UNTIL = timedelta(days=2), timedelta(days=7)
ILL_HOURS_AGO, CHOSEN_HOURS_AGO = 20, 4


def load(now: datetime) -> int:
    """How many appointments cannot take place: of the doctor with the most in those days, not of the one shown."""
    first, last = now + AWAY_FROM, now + AWAY_UNTIL
    coming = Appointment.objects.to_come(first).filter(starts_at__lt=last).exclude(doctor__user__email=doctors.SHOWN)
    affected = list(coming.values_list("doctor__user__email", flat=True))
    if not affected:
        return 0
    busiest = max(sorted(set(affected)), key=affected.count)
    doctor = next(doctor for doctor in doctors.bookable() if doctor.user.email == busiest)
    with clock.acting(doctor.user, now - timedelta(hours=ILL_HOURS_AGO)):
        booking_services.add_time_off(doctor.pk, by=doctor.user, starts_at=first, ends_at=last, reason="Flu")
    _choose(doctor.pk, now - timedelta(hours=CHOSEN_HOURS_AGO))
    return affected.count(busiest)


def _choose(doctor_id: UUID, at: datetime) -> None:
    """The patient with the latest appointment comes at another time."""
    waiting = Displacement.objects.filter(appointment__doctor=doctor_id).order_by("-appointment__starts_at", "pk")
    appointment = waiting.select_related("appointment__doctor", "appointment__patient__user")[0].appointment
    patient = appointment.patient.user
    with clock.acting(patient, at):
        for slot in booking_selectors.offers_for(appointment, now=at).times[:1]:
            booking_services.choose_time(appointment.pk, by=patient, starts_at=slot.starts_at)
