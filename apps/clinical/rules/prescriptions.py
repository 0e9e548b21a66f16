"""Decisions about prescriptions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.clinical.models import Prescription
from apps.clinical.workflow import PRESCRIPTION, PrescriptionStatus
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.hospitals.models import Doctor
from apps.hospitals.workflow import Verification

#: How long a prescription is good for where the doctor does not say, and at most.
VALID_DAYS, MAX_VALID_DAYS = 30, 366
MAX_MEDICATIONS = 30
#: The shortest reason that says anything.
MIN_REASON = 10


def is_licensed(doctor: Doctor | None, *, today: date) -> bool:
    """A verified doctor practises through the last day of the licence."""
    if doctor is None or doctor.verification != Verification.APPROVED:
        return False
    return doctor.licensed_until is not None and doctor.licensed_until >= today


def why_not_prescribe(doctor: Doctor | None, *, is_in_care: bool, today: date) -> DomainError | None:
    """A verified doctor whose licence has not lapsed prescribes for the patients in their care."""
    if not is_licensed(doctor, today=today):
        return exceptions.MayNotPrescribe()
    return None if is_in_care else exceptions.NotInYourCare()


def is_author(prescription: Prescription, by: User) -> bool:
    return by.role == Role.DOCTOR and prescription.doctor.user_id == by.pk


def why_not_edit(prescription: Prescription, *, by: User) -> DomainError | None:
    """A draft is its doctor's to change; what is signed is replaced, and what is over stays as it is."""
    if not is_author(prescription, by):
        return Forbidden()
    if prescription.status == PrescriptionStatus.SIGNED:
        return exceptions.PrescriptionIsFinal(data={"replace": f"/api/v1/prescriptions/{prescription.pk}/replace"})
    return None if prescription.status == PrescriptionStatus.DRAFT else exceptions.PrescriptionIsOver()


def why_not_valid_until(day: date, *, today: date) -> DomainError | None:
    """A prescription is valid today at least, and for a year at most."""
    if day < today:
        return Invalid(errors={"valid_until": [_("This day is over.")]})
    if day > today + timedelta(days=MAX_VALID_DAYS):
        return Invalid(errors={"valid_until": [_("A prescription is valid for a year at most.")]})
    return None


def why_not_medications(rows: Sequence[Mapping[str, Any]]) -> DomainError | None:
    """A prescription names one medicine at least."""
    if not rows:
        return Invalid(errors={"medications": [_("Name at least one medicine.")]})
    if len(rows) > MAX_MEDICATIONS:
        said = _("At most %(count)d medicines fit into one prescription.") % {"count": MAX_MEDICATIONS}
        return Invalid(errors={"medications": [said]})
    return None


def why_not_sign(prescription: Prescription, *, by: User) -> DomainError | None:
    """Its doctor signs a draft, once."""
    if not is_author(prescription, by):
        return Forbidden()
    return PRESCRIPTION.why_not_move(prescription.status, PrescriptionStatus.SIGNED, by.role)


def why_not_sign_over(
    outcome: str, findings: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]], *, acknowledged: bool,
    reason: str,
) -> DomainError | None:  # fmt: skip
    """A warning that the doctor has seen is passed by saying why; one that has come up since is shown first."""
    if outcome != Prescription.AllergyCheck.WARNING:
        return None
    fresh = [finding for finding in findings if finding["relation"] and finding not in seen]
    if fresh or not acknowledged:
        return exceptions.AllergyWarning(data={"allergy_check": {"outcome": outcome, "findings": list(findings)}})
    if len(reason) < MIN_REASON:
        said = _("Say in at least %(count)d characters why it is right.") % {"count": MIN_REASON}
        return Invalid(errors={"reason": [said]})
    return None


def why_not_void(prescription: Prescription, *, by: User) -> DomainError | None:
    """Its doctor declares a prescription void that is not dispensed; a draft is discarded likewise."""
    if not is_author(prescription, by):
        return Forbidden()
    return PRESCRIPTION.why_not_move(prescription.status, PrescriptionStatus.VOID, by.role)


def why_not_dispense(
    prescription: Prescription, *, by: User, hospitals: Collection[UUID], today: date
) -> DomainError | None:
    """The doctor, the staff of the hospital where it was written, or a platform admin notes that it was dispensed,
    while it is valid."""
    refusal = PRESCRIPTION.why_not_move(prescription.status, PrescriptionStatus.DISPENSED, by.role)
    if refusal is not None:
        return refusal
    if by.role == Role.DOCTOR and not is_author(prescription, by):
        return Forbidden()
    if by.role == Role.HOSPITAL_ADMIN and prescription.hospital_id not in hospitals:
        return Forbidden()
    return exceptions.PrescriptionExpired() if prescription.valid_until < today else None


def may_read_check(ground: str | None) -> bool:
    """What the comparison with the allergies said, and why the doctor signed all the same, is for that doctor, in an
    emergency, and for platform admins: a consent to see prescriptions is none to see allergies."""
    return ground in {"author", "emergency", "administration"}


def public_state(status: str, valid_until: date, *, is_replaced: bool, today: date) -> str:
    """What the public page says: valid, expired, dispensed, replaced or void."""
    if status == PrescriptionStatus.VOID:
        return "replaced" if is_replaced else "void"
    if status == PrescriptionStatus.DISPENSED:
        return "dispensed"
    return "expired" if valid_until < today else "valid"


def why_no_document(prescription: Prescription) -> DomainError | None:
    """There is a PDF of what was signed; of what became void too, and it says so."""
    return None if prescription.signed_at else exceptions.NotSigned()
