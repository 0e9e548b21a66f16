"""`python -m tests.journeys.prepare_money`, inside the running system: a doctor with hours every day and a fee,
patients, who issues invoices, and the platform's cancellation terms; prints JSON."""

import json
import sys
from datetime import time, timedelta
from io import StringIO

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts import tokens  # noqa: E402
from apps.accounts.models import Session  # noqa: E402
from apps.billing.models import InvoiceIssuer  # noqa: E402
from apps.bookings import services  # noqa: E402
from apps.bookings.models import WeeklyHours  # noqa: E402
from tests.factories.bookings import DoctorScheduleFactory  # noqa: E402
from tests.factories.clinical import PatientFactory  # noqa: E402

PATIENTS = 4


def main() -> None:
    call_command("load_reference_data", verbosity=0, stdout=StringIO())
    InvoiceIssuer.objects.create(legal_name="Medivoy", address="1 Harbour Road", series_prefix="MV")
    schedule = DoctorScheduleFactory(weekly_hours=[])
    for weekday in range(7):
        WeeklyHours.objects.create(schedule=schedule, weekday=weekday, starts=time(9), ends=time(17))
    services.refresh_bookable([schedule.doctor_id])
    people = [PatientFactory().user for _number in range(PATIENTS)]
    made = {
        "doctor": str(schedule.doctor_id), "hospital": str(schedule.hospital_id),
        "doctor_token": token(schedule.doctor.user), "tokens": [token(person) for person in people],
    }  # fmt: skip
    json.dump(made, sys.stdout)


def token(user) -> str:
    now = timezone.now()
    session = Session.objects.create(user=user, rotated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7))
    return tokens.access_token(session, now)


main()
