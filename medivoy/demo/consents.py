"""Room: what patients have consented to, what they withdrew, and the two emergencies that needed no consent."""

import random
from datetime import datetime, timedelta
from typing import Any

from apps.bookings.models import Appointment
from apps.bookings.rules import CARE_OVER
from apps.bookings.services.care import SUBJECT
from apps.clinical import rules as clinical_rules
from apps.clinical import services as clinical_services
from apps.clinical.models import CareRelationship, ConsentGrant, ConsentText, EmergencyAccess, Patient, Scope
from apps.hospitals.models import Doctor

from . import casting, clock, doctors, patients, staff

SHARE_CONSENTING = 0.55
#: Who has booked so short a time ago has not got to it yet.
JUST_BOOKED = timedelta(minutes=30)
SHARE_FOR_COORDINATION = 0.1
#: Kinds of grant that go with an appointment, and how common they are.
KINDS = {"doctor": 60, "hospital": 25, "care": 15}
SHARE_SHORT, SHARE_REVOKED = 0.06, 0.07
SHORT, LONG = timedelta(days=10), timedelta(days=365)
EVERYTHING = tuple(Scope.values)
#: Without what one keeps to oneself.
LESS = (Scope.PROFILE.value, Scope.LAB_REPORT.value, Scope.PRESCRIPTION.value)

#: Why a doctor opened a record without consent, how long ago, and what a reviewer said of it.
EMERGENCIES = (
    (
        timedelta(days=23),
        "Brought in unconscious from the airport; no relatives to be reached. Allergies and anticoagulants needed at "
        "once.",
        "The admission note of the hospital confirms it.",
    ),
    (
        timedelta(hours=7),
        "Collapsed in the waiting room before the consultation, severe chest pain. Previous findings needed.",
        "",
    ),
)


def load(now: datetime) -> int:
    """How many consents were given."""
    chance = casting.dice("consents")
    giver = _Giver(now, chance)
    for appointment in _appointments(now - JUST_BOOKED):
        giver.for_appointment(appointment)
    giver.to_coordination()
    giver.of_the_shown_patient()
    _emergencies(now)
    return ConsentGrant.objects.count()


def _appointments(before: datetime) -> list[Appointment]:
    found = Appointment.objects.filter(created_at__lt=before).exclude(status__in=CARE_OVER)
    found = found.exclude(patient__onboarded_at=None)
    return list(found.select_related("patient__user", "doctor__user", "hospital").order_by("created_at", "pk"))


class _Giver:
    def __init__(self, now: datetime, chance: random.Random) -> None:
        self._now = now
        self._chance = chance
        self._version = ConsentText.objects.newest(now).version
        self._given: set[tuple[Any, Any]] = set()

    def for_appointment(self, appointment: Appointment) -> None:
        patient = appointment.patient
        is_shown = patient.user.email == patients.SHOWN
        who = (patient.pk, appointment.doctor_id)
        if is_shown or who in self._given or self._chance.random() > SHARE_CONSENTING:
            return
        self._given.add(who)
        at = max(appointment.created_at, patient.onboarded_at or appointment.created_at)
        at = min(at + timedelta(minutes=self._chance.randint(3, 240)), self._now - timedelta(minutes=20))
        kind = self._chance.choices(list(KINDS), weights=list(KINDS.values()))[0]
        lasts = SHORT if self._chance.random() < SHARE_SHORT else LONG
        named: dict[str, Any] = {
            "doctor": {"grantee": "doctor", "doctor_id": appointment.doctor_id, "until": at + lasts},
            "hospital": {"grantee": "hospital", "hospital_id": appointment.hospital_id, "until": at + lasts},
            "care": {
                "grantee": "doctor",
                "doctor_id": appointment.doctor_id,
                "subject_type": SUBJECT,
                "subject_id": appointment.pk,
            },
        }[kind]
        grant = self.give(patient, at, scopes=self._chance.choice([EVERYTHING, EVERYTHING, LESS]), **named)
        if self._chance.random() < SHARE_REVOKED:
            self.revoke(grant, at + timedelta(days=self._chance.uniform(0.1, 6)))

    def to_coordination(self) -> None:
        """Some let Medivoy's coordinators prepare their journey."""
        found = Patient.objects.exclude(onboarded_at=None).exclude(user__email=patients.SHOWN)
        for patient in found.select_related("user").order_by("user__email"):
            if self._chance.random() < SHARE_FOR_COORDINATION and patient.onboarded_at:
                at = min(patient.onboarded_at + timedelta(minutes=12), self._now - timedelta(minutes=20))
                self.give(patient, at, grantee="coordination", scopes=EVERYTHING, until=at + LONG)

    def of_the_shown_patient(self) -> None:
        """A doctor who sees everything, a hospital that sees less, coordinators, one that is over and one withdrawn."""
        mine = Appointment.objects.filter(patient__user__email=patients.SHOWN).order_by("starts_at")
        first = mine.select_related("patient__user", "doctor", "hospital")[0]
        patient, at = first.patient, first.created_at + timedelta(minutes=9)
        self.give(patient, at, grantee="doctor", doctor_id=first.doctor_id, scopes=EVERYTHING, until=at + LONG)
        at += timedelta(minutes=2)
        self.give(patient, at, grantee="hospital", hospital_id=first.hospital_id, scopes=LESS, until=at + LONG)
        at += timedelta(minutes=3)
        self.give(patient, at, grantee="coordination", scopes=EVERYTHING, until=at + LONG)
        earlier = at - timedelta(days=60)
        others = [doctor for doctor in doctors.bookable() if doctor.pk != first.doctor_id]
        self.give(patient, earlier, grantee="doctor", doctor_id=others[0].pk, scopes=LESS, until=earlier + SHORT)
        withdrawn = self.give(patient, at, grantee="doctor", doctor_id=others[1].pk, scopes=EVERYTHING, until=at + LONG)
        self.revoke(withdrawn, at + timedelta(days=2))

    def give(self, patient: Patient, at: datetime, **named: Any) -> ConsentGrant:
        guardian = patient.guardians.first() if clinical_rules.is_minor(patient, today=at.date()) else None
        with clock.acting(patient.user, at):
            return clinical_services.give_consent(
                patient.pk,
                by=patient.user,
                text_version=self._version,
                language=patient.user.language,
                guardian_id=guardian.pk if guardian else None,
                **named,
            )

    def revoke(self, grant: ConsentGrant, at: datetime) -> None:
        at = min(at, self._now - timedelta(minutes=10))
        with clock.acting(grant.given_by, at):
            clinical_services.revoke_consent(grant.patient_id, grant.pk, by=grant.given_by)


def _emergencies(now: datetime) -> None:
    admin = staff.admin()
    strangers = _strangers()
    for (ago, reason, review), (doctor, patient) in zip(EMERGENCIES, strangers, strict=True):
        at = now - ago
        with clock.acting(doctor.user, at):
            emergency, _is_new = clinical_services.open_in_emergency(
                by=doctor.user, reason=reason, patient_id=patient.pk
            )
        if review:
            with clock.acting(admin, at + timedelta(hours=20)):
                clinical_services.review_emergency(
                    emergency.pk, by=admin, verdict=EmergencyAccess.Verdict.JUSTIFIED, note=review
                )


def _strangers() -> list[tuple[Doctor, Patient]]:
    """Doctors, and onboarded patients who were never in their care."""
    free = [doctor for doctor in doctors.bookable() if doctor.user.email != doctors.SHOWN]
    chosen = [free[3], free[17]]
    found: list[tuple[Doctor, Patient]] = []
    for doctor in chosen:
        cared_for = CareRelationship.objects.filter(doctor=doctor).values("patient")
        people = Patient.objects.exclude(onboarded_at=None).exclude(pk__in=cared_for)
        taken = [patient.pk for _doctor, patient in found]
        people = people.exclude(user__email=patients.SHOWN).exclude(pk__in=taken)
        found.append((doctor, people.select_related("user").order_by("user__email")[5]))
    return found
