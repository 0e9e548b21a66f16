"""Room: what doctors prescribed in consultations: signed, dispensed, one void and replaced, one written in spite of an
allergy, one still a draft."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.bookings import services as booking_services
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.workflow import AppointmentStatus
from apps.clinical import services as clinical_services
from apps.clinical.models import Prescription

from . import casting, clock, hospitals, patients, sources

SHARE_DISPENSED = 0.6
DISPENSED_AFTER = timedelta(hours=5)
#: A doctor writes for so long, and then signs.
WRITTEN_IN = timedelta(seconds=90)
ALLERGIC = "Allergic to it: something else is prescribed."
#: What the shown patient got, in English as they read it.
FIRST = ({"name": "Amlodipine", "form": "tablet", "dosage": "10 mg", "frequency": "once a day, in the morning",
          "duration": "3 months", "quantity": "90"},)  # fmt: skip
LESS = ({**FIRST[0], "dosage": "5 mg"},)
REPLACED_BECAUSE = "Half the dose: the ankles were swollen."
ANTIBIOTIC = ({"name": "Cefuroxime", "form": "tablet", "dosage": "500 mg", "frequency": "twice a day, with meals",
               "duration": "7 days", "quantity": "14"},)  # fmt: skip
ACKNOWLEDGED = "Hives with penicillin as a child; has taken cefuroxime since without any trouble."
DRAFT = ({"name": "Atorvastatin", "form": "tablet", "dosage": "40 mg", "frequency": "once a day, in the evening",
          "duration": "3 months", "quantity": "90"},)  # fmt: skip
Medications = Sequence[dict[str, str]]


def load(now: datetime) -> int:
    """How many prescriptions there are."""
    chance = casting.dice("prescriptions")
    moves = AppointmentEvent.objects.filter(to_status=AppointmentStatus.PRESCRIBED)
    moves = moves.exclude(appointment__patient__user__email=patients.SHOWN).order_by("at", "pk")
    related = ("appointment__patient__user", "appointment__doctor__user", "appointment__doctor__specialty")
    for move in moves.select_related(*related):
        _prescribe(move.appointment, move.at, chance, now)
    _to_the_shown_patient(now)
    return Prescription.objects.count()


def _prescribe(appointment: Appointment, at: datetime, chance: random.Random, now: datetime) -> None:
    specialty = appointment.doctor.specialty
    fitting = [
        row for row in sources.health()["prescriptions"] if specialty is None or specialty.code in row["specialties"]
    ]
    if not fitting:
        return
    row = chance.choice(fitting)
    language = appointment.patient.user.language
    medications = [_in_words(medicine, language) for medicine in row["medications"]]
    prescription = draft(appointment, at, medications, row["instructions"][language])
    doctor = appointment.doctor.user
    if prescription.allergy_check == Prescription.AllergyCheck.WARNING:
        with clock.acting(doctor, at + WRITTEN_IN):
            clinical_services.void_prescription(prescription.pk, by=doctor, reason=ALLERGIC)
        return
    sign(prescription, at + WRITTEN_IN)
    dispensed_at = at + DISPENSED_AFTER
    if dispensed_at < now and chance.random() < SHARE_DISPENSED:
        _dispense(prescription, dispensed_at, by=appointment.doctor.user)


def _in_words(medicine: dict[str, str], language: str) -> dict[str, str]:
    words = sources.health()
    return {
        "name": medicine["name"],
        "form": words["forms"][medicine["form"]][language],
        "dosage": medicine["dosage"],
        "frequency": words["frequencies"][medicine["frequency"]][language],
        "duration": words["durations"][medicine["duration"]][language],
    }


def draft(appointment: Appointment, at: datetime, medications: Medications, instructions: str = "") -> Prescription:
    doctor = appointment.doctor.user
    with clock.acting(doctor, at):
        return booking_services.draft_prescription_for(
            appointment.pk, by=doctor, medications=medications, instructions=instructions
        )


def sign(prescription: Prescription, at: datetime, *, reason: str = "") -> None:
    doctor = prescription.doctor.user
    with clock.acting(doctor, at):
        clinical_services.sign_prescription(
            prescription.pk, by=doctor, acknowledged_warnings=bool(reason), reason=reason
        )


def _dispense(prescription: Prescription, at: datetime, *, by: User) -> None:
    with clock.acting(by, at):
        clinical_services.dispense_prescription(prescription.pk, by=by)


def _to_the_shown_patient(now: datetime) -> None:
    """At the first consultation tablets, which were replaced by weaker ones; at the second an antibiotic in spite of an
    allergy; today a draft."""
    past = Appointment.objects.filter(patient__user__email=patients.SHOWN, ends_at__lt=now)
    first, *later = past.select_related("patient__user", "doctor__user", "hospital").order_by("starts_at")
    doctor, at = first.doctor.user, first.ends_at - timedelta(minutes=4)
    tablets = draft(first, at, FIRST, "Measure the blood pressure every morning and write it down.")
    sign(tablets, at + WRITTEN_IN)
    replaced_at = min(at + timedelta(days=4), now - timedelta(hours=20))
    with clock.acting(doctor, replaced_at):
        weaker = clinical_services.replace_prescription(
            tablets.pk, by=doctor, reason=REPLACED_BECAUSE, medications=LESS
        )
    sign(weaker, replaced_at + WRITTEN_IN)
    _dispense(weaker, replaced_at + DISPENSED_AFTER, by=hospitals.staff_of()[weaker.hospital_id])
    last = later[-1] if later else first
    at = max(last.ends_at - timedelta(minutes=3), replaced_at + timedelta(hours=6))
    antibiotic = draft(last, at, ANTIBIOTIC, "Take all of it, even when you feel better.")
    sign(antibiotic, at + WRITTEN_IN, reason=ACKNOWLEDGED)
    draft(last, now - timedelta(hours=2), DRAFT)
