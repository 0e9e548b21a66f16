"""Rooms: what patients keep in their record, with drawn pictures and papers that nobody issued.

Files are stored outside of any transaction, so each record is a step of its own, and one that is there is left alone.
The shown patient's come with the first start, the others' while the site is up.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from apps.bookings.models import Appointment
from apps.clinical import lab_reference
from apps.clinical import services as clinical_services
from apps.clinical.models import MedicalRecord, Patient
from apps.media import services as media_services
from apps.media.models import StoredFile

from . import casting, clock, patients, scans, sources, specimens

SHARE_WITH_RECORDS = 0.3
TOLD_EVERY = 20
#: What the shown patient keeps, by drawing; of these one was corrected, one entered in error, one is not shared.
SHOWN = ("chest", "blood", "discharge", "abdomen", "hand", "referral")
CORRECTED, MISTAKEN, KEPT_BACK = "discharge", "hand", "referral"
CORRECTION = "Four days of observation; discharged in good general condition."
CORRECTION_REASON = "It was four days, not three."
MISTAKE = "This is my brother’s X-ray."
HOME_CLINIC = "Family practice, {city}"
#: So many days before the record was uploaded was it made.
MADE_DAYS_BEFORE = (2, 400)

Tell = Callable[[str], None]
Row = dict[str, Any]


def load(now: datetime) -> int:
    """The shown patient's records."""
    patient = Patient.objects.select_related("user").get(user__email=patients.SHOWN)
    rows = {row["drawing"]: row for row in sources.records()["records"]}
    began = patient.onboarded_at or patient.user.created_at
    for number, drawing in enumerate(SHOWN):
        at = began + timedelta(minutes=20) + (now - began) * number / len(SHOWN)  # all year through
        record = _add(patient, rows[drawing], at, is_shared=drawing != KEPT_BACK)
        is_current = record.status == MedicalRecord.Status.CURRENT
        with clock.acting(patient.user, at + timedelta(days=1)):
            if drawing == CORRECTED and is_current and record.version == 1:
                clinical_services.correct_record(
                    record, by=patient.user, version=1, reason=CORRECTION_REASON, description=CORRECTION
                )
            if drawing == MISTAKEN and is_current:
                clinical_services.mark_record_as_error(record, reason=MISTAKE, by=patient.user)
    return len(SHOWN)


def load_later(tell: Tell) -> int:
    """The records of others who brought some, before they saw their doctor."""
    count = 0
    for patient, row, at in _wanted(timezone.now()):
        _add(patient, row, at)
        count += 1
        if count % TOLD_EVERY == 0:
            tell(f"records: {count}")
    return count


def _wanted(now: datetime) -> Iterator[tuple[Patient, Row, datetime]]:
    chance = casting.dice("records")
    seen: dict[Any, str] = {}
    for appointment in Appointment.objects.select_related("doctor__specialty").order_by("created_at", "pk"):
        specialty = appointment.doctor.specialty
        seen.setdefault(appointment.patient_id, specialty.code if specialty else "")
    people = Patient.objects.exclude(onboarded_at=None).exclude(user__email=patients.SHOWN)
    people = people.filter(user__email__endswith=casting.DOMAIN, user__is_active=True)
    for patient in people.select_related("user").order_by("user__email"):
        if chance.random() > SHARE_WITH_RECORDS:
            continue
        began = patient.onboarded_at or patient.user.created_at
        age = patient.age_on(now.date()) or 0
        fitting = [
            row for row in sources.records()["records"]
            if {"*", seen.get(patient.pk, "")} & set(row["specialties"]) and row["from_age"] <= age <= row["to_age"]
        ]  # fmt: skip
        for number, row in enumerate(chance.sample(fitting, min(len(fitting), chance.choice([1, 1, 2, 3])))):
            at = began + timedelta(minutes=chance.randint(9, 90) + 5 * number)
            yield patient, row, min(at, now - timedelta(minutes=15))


def _add(patient: Patient, row: Row, at: datetime, *, is_shared: bool = True) -> MedicalRecord:
    """The record with its file; the newest version of it where it is there."""
    title = row["title"][patient.user.language]
    found = MedicalRecord.objects.filter(patient=patient, title=title).order_by("-version").first()
    if found is not None:
        return found
    chance = casting.dice(f"record {patient.user.email} {row['drawing']}")
    made_on = at.date() - timedelta(days=chance.randint(*MADE_DAYS_BEFORE))
    made_on = max(made_on, patient.birth_date or made_on)
    content, name = _drawn(patient, row["drawing"], made_on.isoformat(), chance)
    with clock.acting(patient.user, at):
        file = _store(content, name, patient)
        return clinical_services.add_record(
            patient,
            by=patient.user,
            files=[file],
            is_shared=is_shared,
            type=row["type"],
            title=title,
            description=row["description"][patient.user.language],
            recorded_on=made_on,
            language="" if row["drawing"] in scans.KINDS else "en",
        )


def _store(content: bytes, name: str, patient: Patient) -> StoredFile:
    return media_services.store_medical_record(ContentFile(content, name=name), by=patient.user)


def _drawn(patient: Patient, drawing: str, day: str, chance: random.Random) -> tuple[bytes, str]:
    if drawing in scans.KINDS:
        return scans.picture(drawing, seed=f"{patient.user.email} {drawing}"), f"{drawing}-{day}.jpg"
    title, lines = {
        "blood": ("Laboratory report", _figures(patient, chance)),
        "discharge": ("Discharge summary", DISCHARGE),
        "referral": ("Referral letter", REFERRAL),
    }[drawing]
    content = specimens.letter(
        title,
        issuer=HOME_CLINIC.format(city=patient.city),
        about={"Patient": patient.user.full_name, "Date of birth": str(patient.birth_date or "-"), "Date": day},
        lines=lines,
        seed=f"{patient.user.email} {drawing}",
    )
    return content, f"{drawing}-{day}.pdf"


DISCHARGE = [
    "Dear colleague,", "", "the patient was with us for three days of observation.", "",
    "Findings: circulation stable throughout. ECG without a change.", "Blood tests within the expected range.", "",
    "Advice: continue the medicines as before, come again in six weeks.", "", "With kind regards",
]  # fmt: skip
REFERRAL = [
    "Dear colleague,", "", "thank you for seeing this patient, who asks for a second opinion.",
    "The earlier findings are enclosed.", "", "With kind regards",
]  # fmt: skip


def _figures(patient: Patient, chance: random.Random) -> list[str]:
    """A blood count with its ranges."""
    lines = ["Value\tResult\tNormal"]
    for part in lab_reference.measured_in("58410-2"):
        low, high = part.range_for(str(patient.gender))
        if low is not None and high is not None:
            figure = float(low) + float(high - low) * chance.uniform(0.08, 0.95)
            lines.append(f"{part.name('en')}\t{figure:.1f} {part.unit}\t{low} - {high}")
    return lines
