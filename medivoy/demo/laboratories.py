"""Room: the laboratories of the larger hospitals, and tests at every stage."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.clinical import lab_reference
from apps.clinical import services as clinical_services
from apps.clinical.models import Laboratory, LabTest
from apps.clinical.workflow import LabTestStatus
from apps.hospitals.models import Hospital

from . import casting, clock, doctors, hospitals, patients, sources

FEWEST_BEDS = 230
OPENED_AFTER = timedelta(days=9)
SHARE_TESTED = 0.3
CODES = ("58410-2", "24326-1", "24325-3", "24331-1", "4548-4", "2160-0", "1988-5", "3016-3")
#: How often a value lies outside of its range.
SHARE_ABNORMAL = 0.15
#: After asking: planned, sample taken, analysis begun, reported, reviewed.
AFTER = {
    LabTestStatus.SCHEDULED: timedelta(hours=1),
    LabTestStatus.SAMPLE_TAKEN: timedelta(hours=18),
    LabTestStatus.IN_PROGRESS: timedelta(hours=19),
    LabTestStatus.RESULT_READY: timedelta(hours=26),
    LabTestStatus.REVIEWED: timedelta(hours=31),
}
#: What the youngest tests stop at, how long after they were asked for, and what is special about them.
LAST = (
    (LabTestStatus.REQUESTED, timedelta(hours=3), ""),
    (LabTestStatus.SCHEDULED, timedelta(hours=6), ""),
    (LabTestStatus.SAMPLE_TAKEN, timedelta(hours=18, minutes=30), ""),
    (LabTestStatus.IN_PROGRESS, timedelta(hours=22), ""),
    (LabTestStatus.RESULT_READY, timedelta(hours=29), ""),
    (LabTestStatus.REVIEWED, timedelta(hours=40), "held back"),
    (LabTestStatus.REQUESTED, timedelta(hours=50), "cancelled"),
    (LabTestStatus.REVIEWED, timedelta(days=6), "corrected"),
    (LabTestStatus.REVIEWED, timedelta(days=9), "critical"),
)
#: The one that waits for the shown doctor was reported so long ago, and is of this value.
CRITICAL_AGO = timedelta(minutes=25)
CRITICAL_CODE, CRITICAL_PART, CRITICAL_VALUE = "24326-1", "2823-3", Decimal("6.8")
REPEATED = "Repeated from the same sample and confirmed."
CANCELLED = "The patient brought a result of last week."
CORRECTED = "The sample was measured again: the first value was of a haemolysed sample."


@dataclass(frozen=True)
class Case:
    """A test of one patient, from when it is asked for; `until` is the last status that it reaches."""

    appointment: Appointment
    laboratory: Laboratory
    member: User
    code: str
    at: datetime
    until: str = LabTestStatus.REVIEWED
    special: str = ""


def load(now: datetime) -> int:
    """How many tests were asked for."""
    chance = casting.dice("laboratories")
    people = hospitals.staff_of()
    places = {
        hospital.pk: _open(hospital, people[hospital.pk])
        for hospital in hospitals.by_code().values()
        if (hospital.beds or 0) >= FEWEST_BEDS
    }
    cases = list(_cases(now, chance, places, people))
    for case in sorted(cases, key=lambda case: case.at):
        _play(case, chance, now)
    return len(cases)


def _open(hospital: Hospital, member: User) -> Laboratory:
    texts = sources.records()["laboratory"]
    names = {
        language: text.format(hospital=sources.text_of(hospital, "name", language))
        for language, text in texts["name"].items()
    }
    with clock.acting(member, hospital.created_at + OPENED_AFTER):
        return clinical_services.create_laboratory(
            by=member,
            hospital_id=hospital.pk,
            name=names,
            city={language: sources.text_of(hospital, "city", language) for language in sources.LANGUAGES},
            description=texts["description"],
            country=str(hospital.country),
            address=hospital.address,
            phone=hospital.phone,
            email=hospital.email,
        )


def _cases(
    now: datetime, chance: random.Random, places: dict[Any, Laboratory], people: dict[Any, User]
) -> Iterator[Case]:
    done = Appointment.objects.filter(
        status=AppointmentStatus.COMPLETED, hospital__in=places, ends_at__lt=now - timedelta(days=1)
    ).exclude(patient__onboarded_at=None)
    found = list(done.select_related("patient__user", "doctor__user", "hospital").order_by("-ends_at", "pk"))
    shown = [one for one in found if one.patient.user.email == patients.SHOWN]
    others = [one for one in found if one not in shown]

    def case(appointment: Appointment, **more: Any) -> Case:
        hospital = appointment.hospital_id
        given: dict[str, Any] = {"code": chance.choice(CODES), "at": appointment.ends_at - timedelta(minutes=2)} | more
        return Case(appointment, places[hospital], people[hospital], **given)

    for appointment in shown:
        yield case(appointment, code="24331-1")
    if shown:
        yield case(shown[0], code="58410-2", at=now - timedelta(hours=30), until=LabTestStatus.RESULT_READY)
    mine = [one for one in others if one.doctor.user.email == doctors.SHOWN]
    for appointment in (mine or shown)[:1]:
        asked = now - CRITICAL_AGO - AFTER[LabTestStatus.RESULT_READY]
        yield case(appointment, code=CRITICAL_CODE, at=asked, until=LabTestStatus.RESULT_READY, special="critical")
    for appointment, (until, ago, special) in zip(others, LAST, strict=False):
        code = CRITICAL_CODE if special == "critical" else chance.choice(CODES)
        yield case(appointment, at=max(now - ago, appointment.ends_at), until=until, special=special, code=code)
    for appointment in others[len(LAST) :]:
        if chance.random() < SHARE_TESTED:
            yield case(appointment)


def _play(case: Case, chance: random.Random, now: datetime) -> None:
    doctor = case.appointment.doctor.user
    with clock.acting(doctor, case.at):
        test = clinical_services.request_lab_test(
            by=doctor,
            patient_id=case.appointment.patient_id,
            laboratory_id=case.laboratory.pk,
            code=case.code,
            priority=LabTest.Priority.URGENT if case.special == "critical" else LabTest.Priority.ROUTINE,
            appointment_id=case.appointment.pk,
        )
    if case.special == "cancelled":
        with clock.acting(doctor, case.at + timedelta(hours=2)):
            clinical_services.cancel_lab_test(test.pk, by=doctor, reason=CANCELLED)
        return
    for status, after in AFTER.items():
        if case.until == LabTestStatus.REQUESTED or case.at + after > now:
            return
        _step(test, case, status, case.at + after, chance)
        if status == case.until:
            return


def _step(test: LabTest, case: Case, status: str, at: datetime, chance: random.Random) -> None:
    member, doctor = case.member, case.appointment.doctor.user
    if status == LabTestStatus.RESULT_READY:
        values = _values(case, chance)
        with clock.acting(member, at):
            comment = REPEATED if case.special == "critical" else ""
            clinical_services.report_result(test.pk, by=member, values=values, comment=comment)
        if case.special == "corrected":
            with clock.acting(member, at + timedelta(hours=2)):
                clinical_services.report_result(
                    test.pk, by=member, values=_values(case, chance), corrects_version=1, correction_reason=CORRECTED
                )
    elif status == LabTestStatus.REVIEWED:
        with clock.acting(doctor, at):
            if case.special == "critical":
                clinical_services.acknowledge_result(test.pk, by=doctor, version=1)
            clinical_services.review_result(test.pk, by=doctor, release=case.special != "held back")
    else:
        planned = case.at + AFTER[LabTestStatus.SAMPLE_TAKEN] if status == LabTestStatus.SCHEDULED else None
        with clock.acting(member, at):
            clinical_services.change_lab_test(test.pk, by=member, status=status, scheduled_at=planned)


def _values(case: Case, chance: random.Random) -> list[dict[str, Any]]:
    """What the test measures, mostly within the ranges of people of this sex, in the patient's language."""
    patient = case.appointment.patient
    rows = []
    for part in lab_reference.measured_in(case.code):
        low, high = part.range_for(str(patient.gender))
        critical_low, critical_high = part.critical
        number = _number(low, high, chance)
        if case.special == "critical" and part.code == CRITICAL_PART:
            number = CRITICAL_VALUE
        rows.append(
            {
                "name": part.name(patient.user.language), "code": part.code, "number": number, "unit": part.unit,
                "low": low, "high": high, "critical_low": critical_low, "critical_high": critical_high,
            }
        )  # fmt: skip
    return rows


def _number(low: Decimal | None, high: Decimal | None, chance: random.Random) -> Decimal:
    """A figure with the places of its range; now and then a little beside it."""
    bottom = low if low is not None else (high or Decimal(10)) * Decimal("0.3")
    top = high if high is not None else bottom * Decimal("1.6")
    share = chance.uniform(0.1, 0.9)
    if chance.random() < SHARE_ABNORMAL:
        share = chance.choice([1.08, 1.15, -0.08]) if low is not None else 1.3
    figure = bottom + (top - bottom) * Decimal(str(round(share, 3)))
    return figure.quantize(high if high is not None else bottom)
