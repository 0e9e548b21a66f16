"""Room: a patient who asked for a copy of their data, and one who has closed their account.

Step by step, as closing an account asks for the password outside of any transaction: what is there is left alone.
"""

from datetime import datetime, timedelta

from apps.bookings.models import Appointment, Booking
from apps.clinical.models import Patient
from apps.interop import services as interop_services
from apps.interop.models import Closure, DataExport

from . import casting, clock, patients, staff

ASKED_HOURS_AGO, CLOSED_DAYS_AGO = 1, 4


def load(now: datetime) -> int:
    """How many asked."""
    everyone = Patient.objects.exclude(onboarded_at=None).select_related("user").order_by("user__email")
    mine = everyone.filter(user__email__endswith=casting.DOMAIN)
    if not DataExport.objects.filter(patient__in=mine.order_by()).exists():
        patient = mine.filter(appointments__isnull=False).exclude(user__email=patients.SHOWN)[0]
        with clock.acting(patient.user, now - timedelta(hours=ASKED_HOURS_AGO)):
            interop_services.ask_for_export(patient, by=patient.user)
    if not Closure.objects.filter(patient__in=mine.order_by()).exists():
        busy = [
            *Appointment.objects.values_list("patient", flat=True),
            *Booking.objects.values_list("patient", flat=True),
        ]
        leaving = mine.exclude(pk__in=busy).exclude(user__email=patients.SHOWN)[0]
        with clock.acting(leaving.user, now - timedelta(days=CLOSED_DAYS_AGO)):
            interop_services.close_account(leaving, password=staff.PASSWORD, by=leaving.user)
    return 2
