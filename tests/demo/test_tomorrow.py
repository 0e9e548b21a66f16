"""On whatever day and at whatever hour the demo is loaded, its first minute reminds somebody."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.bookings import services
from apps.bookings.models import Appointment
from apps.notifications import services as notification_services
from apps.notifications.models import CaughtEmail
from medivoy.demo import tomorrow
from tests.factories.bookings import DoctorScheduleFactory
from tests.factories.clinical import PatientFactory

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2031, 1, 10, tzinfo=UTC)
#: Where the demo's hospitals are, in the order of their days.
ZONES = ["Asia/Bangkok", "Asia/Kolkata", "Europe/Madrid", "America/Monterrey"]


@pytest.mark.parametrize("hours", range(0, 96, 7))
def test_somebody_is_reminded_over_a_weekend_too(hours, settings):
    settings.EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"
    now = FRIDAY + timedelta(hours=hours, minutes=31)
    with time_machine.travel(now - timedelta(days=30), tick=False):
        patient = PatientFactory(user__language="en")
        for zone in ZONES:
            schedule = DoctorScheduleFactory(affiliation__hospital__time_zone=zone)
            type(schedule.doctor).objects.filter(pk=schedule.doctor_id).update(is_bookable=True)

    with time_machine.travel(now, tick=False):
        appointment = tomorrow.load(now)
        assert services.send_reminders() == 1
        notification_services.deliver_due()

    assert now + timedelta(hours=11) <= appointment.starts_at <= now + timedelta(hours=20)
    assert Appointment.objects.get().patient_id == patient.pk
    [email] = CaughtEmail.objects.filter(subject=f"Reminder: appointment {appointment.number}")
    assert email.to == patient.user.email
