"""Room: who has read what of whose record, in the order of time, sealed week by week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.clinical import services as clinical_services
from apps.clinical.models import (
    ConsentGrant,
    EmergencyAccess,
    LabTest,
    MedicalRecord,
    Patient,
    Prescription,
    ReadEntry,
)
from apps.common import audit

from . import casting, clock, doctors, patients, staff

#: Consultations before which the doctor is seen to have read the record.
CONSULTATIONS = 36
#: Journeys that coordinators are seen to have prepared.
PREPARED = 8
LISTED, OPENED = ReadEntry.Act.LISTED, ReadEntry.Act.OPENED
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "Medivoy/2.4 (Android 15)",
)
#: Addresses that nobody has (RFC 5737).
ADDRESS = "203.0.113.{}"


@dataclass(frozen=True)
class Look:
    """Someone looks at a patient's page, at what is listed there, and opens the newest of it."""

    at: datetime
    reader: User
    patient: Patient
    place: str = "api"


def load(now: datetime) -> int:
    """How many entries the log has; all but the last week's are sealed."""
    looks = sorted([*_doctors(now), *_emergencies(), *_shown(now), *_coordinators(now)], key=lambda look: look.at)
    for number, look in enumerate(looks):
        _read(look)
        following = looks[number + 1] if number + 1 < len(looks) else None
        if following and following.at.isocalendar().week != look.at.isocalendar().week:
            clinical_services.seal_readings(now=look.at + timedelta(minutes=1))
    return ReadEntry.objects.count()


def _read(look: Look) -> None:
    chance = casting.dice(f"reader {look.reader.email}")
    sender = {"address": ADDRESS.format(chance.randint(1, 254)), "user_agent": chance.choice(BROWSERS)}
    with clock.standing_at(look.at), audit.acting(actor=look.reader, **sender):
        _log(look, _seen(look, Patient, pk=look.patient.pk), OPENED, after=0)
        for model in (MedicalRecord, Prescription, LabTest):
            rows = _seen(look, model, patient=look.patient, created_at__lte=look.at)
            _log(look, rows, LISTED, after=20)
            _log(look, rows[:1], OPENED, after=45)


def _seen(look: Look, model: Any, **which: Any) -> list[Any]:
    """What the reader sees of it then, the newest first, with the ground."""
    rows = model.objects.visible_to(look.reader).filter(**which).with_ground(look.reader)
    return list(rows.order_by("-created_at", "-pk"))


def _log(look: Look, rows: list[Any], act: str, *, after: int) -> None:
    at = look.at + timedelta(seconds=after)
    clinical_services.log_readings(rows, reader=look.reader, act=act, place=look.place, now=at)


def _doctors(now: datetime) -> Iterator[Look]:
    """Before the consultation doctors read what they may; of the shown patient every time."""
    chance = casting.dice("readings")
    held = Appointment.objects.filter(status=AppointmentStatus.COMPLETED, starts_at__lt=now)
    held = held.filter(patient__in=ConsentGrant.objects.values("patient")).select_related(
        "doctor__user", "patient__user"
    )
    found = list(held.order_by("starts_at", "pk"))
    others = [one for one in found if one.patient.user.email != patients.SHOWN]
    shown = [one for one in found if one.patient.user.email == patients.SHOWN]
    for appointment in [*shown, *chance.sample(others, min(CONSULTATIONS, len(others)))]:
        at = appointment.starts_at - timedelta(minutes=chance.randint(2, 25))
        yield Look(at, appointment.doctor.user, appointment.patient)


def _emergencies() -> Iterator[Look]:
    for emergency in EmergencyAccess.objects.select_related("doctor__user", "patient__user"):
        yield Look(emergency.starts_at + timedelta(minutes=2), emergency.doctor.user, emergency.patient)


def _shown(now: datetime) -> Iterator[Look]:
    """The shown patient looks at their own record now and then; once an admin did, who was asked to,
    and yesterday the shown doctor, of whom a result waits."""
    patient = Patient.objects.select_related("user").get(user__email=patients.SHOWN)
    for days in (40, 12, 3):
        yield Look(now - timedelta(days=days, hours=2), patient.user, patient)
    yield Look(now - timedelta(days=6, hours=1), staff.admin(), patient, "admin")
    yield Look(now - timedelta(hours=20), User.objects.by_email(doctors.SHOWN).get(), patient)


def _coordinators(now: datetime) -> Iterator[Look]:
    """Coordinators prepare the journeys of those who let them."""
    people = staff.coordinators()
    grants = ConsentGrant.objects.live(now).filter(grantee="coordination").select_related("patient__user")
    for number, grant in enumerate(grants.order_by("given_at", "pk")[:PREPARED]):
        at = min(grant.given_at + timedelta(hours=30), now - timedelta(minutes=90))
        yield Look(at, people[number % len(people)], grant.patient, "admin")
