"""Room: what the days have brought by now: a licence whose end was corrected, warnings of what ends, when each doctor
is free next, and reminders of what is to come."""

from datetime import datetime, timedelta

from apps.bookings import services as booking_services
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.hospitals import services as hospital_services

from . import clock, doctors, staff, tomorrow

#: An admin has found that a licence ends so soon; appointments after that day are for coordinators to decide.
ENDS_IN = timedelta(days=9)
FOUND_HOURS_AGO = 5
#: People were reminded until so long ago; of what came due since then the job reminds them when the demo starts.
REMINDED_UNTIL = timedelta(hours=1)


def load(now: datetime) -> int:
    """How many doctors' calendars were looked at."""
    _correct_licence(now)
    hospital_services.end_what_expired()
    with clock.standing_at(now - REMINDED_UNTIL):
        booking_services.send_reminders()
    tomorrow.load(now)
    return booking_services.check_calendars()


def _correct_licence(now: datetime) -> None:
    """Of the doctor with the most appointments after that day; not of the one who is shown."""
    last_day = (now + ENDS_IN).date()
    coming = Appointment.objects.filter(
        status__in=[AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED],
        starts_at__gte=now + ENDS_IN + timedelta(days=1),
    ).exclude(doctor__user__email=doctors.SHOWN)
    affected = coming.values_list("doctor__user__email", flat=True)
    counts = {email: list(affected).count(email) for email in sorted(set(affected))}
    if not counts:
        return
    chosen = max(counts, key=lambda email: counts[email])
    doctor = next(doctor for doctor in doctors.bookable() if doctor.user.email == chosen)
    admin = staff.admin()
    with clock.acting(admin, now - timedelta(hours=FOUND_HOURS_AGO)):
        for licence in doctor.licences.filter(verification="approved"):
            hospital_services.update_licence(licence, by=admin, expires_on=last_day)
