"""Verbs on prescriptions. All of them hold their patient's lock, and so does whoever changes an allergy."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import allergy_classes, documents, exceptions, notifications, rules, signals
from apps.clinical.models import Allergy, CareRelationship, Patient, PrescribedMedication, Prescription
from apps.clinical.workflow import PrescriptionStatus
from apps.common import documents as common_documents
from apps.common.exceptions import DomainError, Invalid, NotFound, raise_if
from apps.hospitals.models import Doctor

log = structlog.get_logger(__name__)

MEDICATION_FIELDS = ("name", "form", "dosage", "frequency", "duration", "quantity", "notes")
Content = Mapping[str, Any]


@transaction.atomic
def draft_prescription(
    *,
    by: User,
    patient_id: UUID,
    medications: Sequence[Mapping[str, str]],
    hospital_id: UUID | None = None,
    instructions: str = "",
    valid_until: date | None = None,
    subject: tuple[str, UUID] | None = None,
    now: datetime | None = None,
) -> Prescription:
    """There is a draft of this doctor for a patient in their care, compared with the patient's allergies. It is in the
    patient's language, at the hospital of the care unless another of theirs is named. `subject` is what it belongs to,
    as the app above names it.

    Raises NotFound, NotInYourCare, MayNotPrescribe, Invalid, CharactersNotSupported.
    """
    now = now or timezone.now()
    if not Patient.objects.visible_to(by).filter(pk=patient_id).exists():
        raise NotFound()
    patient = _locked_patient(patient_id)
    care = _care(patient, by, now, hospital_id)
    doctor = Doctor.objects.filter(user=by).first()
    raise_if(rules.why_not_prescribe(doctor, is_in_care=care is not None, today=now.date()))
    hospital = care.hospital if care else None
    prescription = Prescription(patient=patient, doctor=doctor, hospital=hospital, language=patient.user.language)
    if subject is not None:
        prescription.subject_type, prescription.subject_id = subject
    today = today_of(prescription, now)
    content = {"instructions": instructions, "valid_until": valid_until or today + timedelta(days=rules.VALID_DAYS)}
    _write(prescription, content, medications, today=today)
    return prescription


@transaction.atomic
def edit_prescription(
    prescription_id: UUID,
    *,
    by: User,
    medications: Sequence[Mapping[str, str]] | None = None,
    now: datetime | None = None,
    **changes: Any,
) -> Prescription:
    """The draft says what is given (instructions, valid_until, medications as a whole), and is compared anew: with the
    allergies of a patient who is still in the doctor's care.

    Raises NotFound, Forbidden, PrescriptionIsFinal, PrescriptionIsOver, NotInYourCare, MayNotPrescribe, Invalid,
    CharactersNotSupported.
    """
    now = now or timezone.now()
    prescription = _locked(prescription_id, by)
    raise_if(rules.why_not_edit(prescription, by=by))
    care = _care(prescription.patient, by, now, prescription.hospital_id)
    raise_if(rules.why_not_prescribe(prescription.doctor, is_in_care=care is not None, today=now.date()))
    rows = medications if medications is not None else _rows(prescription)
    _write(prescription, changes, rows, today=today_of(prescription, now))
    return prescription


def sign_prescription(
    prescription_id: UUID,
    *,
    by: User,
    acknowledged_warnings: bool = False,
    reason: str = "",
    now: datetime | None = None,
) -> Prescription:
    """The prescription is signed, says who and where as of now, and never changes again; the patient is told.

    The medicines are compared with the allergies as they are at this moment: what the doctor has not seen yet is kept
    with the draft, and refuses the signature once more. Raises NotFound, Forbidden, NotInYourCare, MayNotPrescribe,
    MoveNotAllowed, AllergyWarning, Invalid, CharactersNotSupported.
    """
    now = now or timezone.now()
    with transaction.atomic():
        prescription, refusal = _signed(prescription_id, by, acknowledged_warnings, reason.strip(), now)
    raise_if(refusal)  # after the commit: the draft keeps what was found, and the doctor sees it there
    return prescription


@transaction.atomic
def void_prescription(
    prescription_id: UUID, *, by: User, reason: str = "", now: datetime | None = None
) -> Prescription:
    """The prescription is void from now on, and stays readable; of one that was signed the patient is told.

    Raises NotFound, Forbidden, MoveNotAllowed.
    """
    return _voided(_locked(prescription_id, by), by=by, reason=reason.strip(), now=now or timezone.now())


@transaction.atomic
def replace_prescription(
    prescription_id: UUID,
    *,
    by: User,
    reason: str,
    medications: Sequence[Mapping[str, str]] | None = None,
    now: datetime | None = None,
    **changes: Any,
) -> Prescription:
    """The signed prescription is void, and a draft that names it stands in its place, with its content where nothing
    else is given. Gives the draft. Raises what voiding and drafting raise.
    """
    now = now or timezone.now()
    old = _locked(prescription_id, by)
    if old.status == PrescriptionStatus.DRAFT:
        raise exceptions.NotSigned(_("A draft is changed, not replaced."))
    care = _care(old.patient, by, now, old.hospital_id)
    raise_if(rules.why_not_prescribe(old.doctor, is_in_care=care is not None, today=now.date()))
    rows = medications if medications is not None else _rows(old)
    _voided(old, by=by, reason=reason.strip(), now=now)
    new = Prescription(
        patient=old.patient,
        doctor=old.doctor,
        hospital=old.hospital,
        language=old.patient.user.language,
        subject_type=old.subject_type,
        subject_id=old.subject_id,
        replaces=old,
    )
    today = today_of(new, now)
    kept = {"instructions": old.instructions, "valid_until": old.valid_until}
    if old.valid_until < today:
        kept["valid_until"] = today + timedelta(days=rules.VALID_DAYS)
    _write(new, kept | changes, rows, today=today)
    return new


@transaction.atomic
def dispense_prescription(prescription_id: UUID, *, by: User, now: datetime | None = None) -> Prescription:
    """The medicines were handed out. Raises NotFound, Forbidden, MoveNotAllowed, PrescriptionExpired."""
    now = now or timezone.now()
    prescription = _locked(prescription_id, by)
    hospitals = set(by.hospital_links.values_list("hospital", flat=True)) if by.role == Role.HOSPITAL_ADMIN else set()
    raise_if(rules.why_not_dispense(prescription, by=by, hospitals=hospitals, today=today_of(prescription, now)))
    prescription.dispensed_at, prescription.dispensed_by = now, by
    prescription.move_to(PrescriptionStatus.DISPENSED, by=by, at=now, fields=("dispensed_at", "dispensed_by"))
    return prescription


# --- inside ---


def _signed(
    prescription_id: UUID, by: User, acknowledged: bool, reason: str, now: datetime
) -> tuple[Prescription, DomainError | None]:
    prescription = _locked(prescription_id, by)
    raise_if(rules.why_not_sign(prescription, by=by))
    care = _care(prescription.patient, by, now, prescription.hospital_id)
    raise_if(rules.why_not_prescribe(prescription.doctor, is_in_care=care is not None, today=now.date()))
    today = today_of(prescription, now)
    raise_if(rules.why_not_valid_until(prescription.valid_until, today=today))
    seen = prescription.allergy_findings
    rows = _rows(prescription)
    _compare(prescription, rows)
    refusal = rules.why_not_sign_over(
        prescription.allergy_check, prescription.allergy_findings, seen, acknowledged=acknowledged, reason=reason
    )
    if refusal is not None:
        prescription.save(update_fields=["allergy_check", "allergy_findings", "updated_at"])
        return prescription, refusal
    prescription.language = prescription.patient.user.language
    prescription.signed_at = now
    prescription.signed_as = documents.as_signed(prescription, today=today)
    common_documents.require_supported({"signed_as": prescription.signed_as})
    if prescription.allergy_check == Prescription.AllergyCheck.WARNING:
        prescription.acknowledgement = reason
    fields = ("language", "signed_at", "signed_as", "acknowledgement", "allergy_check", "allergy_findings")
    prescription.move_to(PrescriptionStatus.SIGNED, by=by, at=now, fields=fields)
    notifications.prescription_signed(prescription)
    signals.prescription_signed.send(Prescription, prescription=prescription, by=by, now=now)
    return prescription, None


def _voided(prescription: Prescription, *, by: User, reason: str, now: datetime) -> Prescription:
    raise_if(rules.why_not_void(prescription, by=by))
    was_signed = prescription.status == PrescriptionStatus.SIGNED
    prescription.voided_at, prescription.void_reason = now, reason
    prescription.move_to(PrescriptionStatus.VOID, by=by, at=now, fields=("voided_at", "void_reason"))
    if was_signed:
        notifications.prescription_voided(prescription)
    return prescription


def _write(prescription: Prescription, content: Content, rows: Sequence[Mapping[str, str]], *, today: date) -> None:
    """The draft with this content and these medicines, compared with the allergies, saved."""
    for name, value in content.items():
        setattr(prescription, name, value)
    raise_if(rules.why_not_medications(rows))
    if "valid_until" in content:
        raise_if(rules.why_not_valid_until(prescription.valid_until, today=today))
    rows = [{name: (row.get(name) or "").strip() for name in MEDICATION_FIELDS} for row in rows]
    common_documents.require_supported({"instructions": prescription.instructions, "medications": rows})
    _compare(prescription, rows)
    prescription.clean_fields(exclude=["patient", "doctor", "hospital", "replaces", "dispensed_by", "token", "number"])
    prescription.save()
    if rows == _rows(prescription):
        return
    prescription.medications.all().delete()
    medications = [
        PrescribedMedication(prescription=prescription, position=position, **row)
        for position, row in enumerate(rows, start=1)
    ]
    errors: dict[str, list[str]] = {}
    for medication in medications:
        errors |= _errors_of(medication)
    if errors:
        raise Invalid(errors=errors)
    PrescribedMedication.objects.bulk_create(medications)


def _errors_of(medication: PrescribedMedication) -> dict[str, list[str]]:
    return {
        f"medications.{medication.position - 1}.{name}": [_("This is missing.")]
        for name in ("name", "dosage", "frequency", "duration")
        if not getattr(medication, name)
    }


def _rows(prescription: Prescription) -> list[dict[str, str]]:
    return list(prescription.medications.order_by("position").values(*MEDICATION_FIELDS))


def _compare(prescription: Prescription, rows: Sequence[Mapping[str, str]]) -> None:
    """What the check says now stands in the prescription. The patient is locked: no allergy is added meanwhile."""
    try:
        classes = allergy_classes.classes()
    except (OSError, ValueError, KeyError) as error:
        log.error("allergy_classes_unreadable", error=type(error).__name__)
        classes = None
    patient = prescription.patient
    unlike_medicines = {Allergy.Kind.FOOD, Allergy.Kind.ENVIRONMENT}
    allergies = [
        (substance, kind not in unlike_medicines)
        for substance, kind in patient.allergies.standing().values_list("substance", "kind")
    ]
    prescription.allergy_check, prescription.allergy_findings = rules.check_allergies(
        [row["name"] for row in rows], allergies, was_asked=patient.onboarded_at is not None, classes=classes
    )


def _care(patient: Patient, by: User, now: datetime, hospital_id: UUID | None) -> CareRelationship | None:
    """The care by which this doctor prescribes: at the hospital that is named, or the newest."""
    care = CareRelationship.objects.of_carer(by).live(now).filter(patient=patient).select_related("hospital")
    if hospital_id is not None:
        care = care.filter(hospital=hospital_id)
    found: CareRelationship | None = care.order_by("-starts_at", "-pk").first()
    return found


def today_of(prescription: Prescription, now: datetime) -> date:
    """The day by the hospital's calendar."""
    return now.astimezone(ZoneInfo(prescription.hospital.time_zone if prescription.hospital else "UTC")).date()


def _locked_patient(patient_id: UUID) -> Patient:
    try:
        patient: Patient = Patient.objects.select_related("user").lock(patient_id)
    except Patient.DoesNotExist:
        raise NotFound() from None
    return patient


def _locked(prescription_id: UUID, by: User) -> Prescription:
    """The prescription that this person sees, its patient locked before it."""
    visible = Prescription.objects.visible_to(by)
    patient_id = visible.filter(pk=prescription_id).values_list("patient", flat=True).first()
    if patient_id is None:
        raise NotFound()
    patient = _locked_patient(patient_id)
    prescription: Prescription = Prescription.objects.select_related("doctor", "hospital").lock(prescription_id)
    prescription.patient = patient
    return prescription
