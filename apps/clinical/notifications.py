"""What clinical tells people: one function a message. Nothing medical in any context: a number, read in the app."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .models import (
    ConsentGrant,
    EmergencyAccess,
    InsurancePolicy,
    LabResult,
    LabTest,
    MedicalRecord,
    Patient,
    Prescription,
)

GROUP = "health"

# --- patients and records ---

ONBOARDING_COMPLETE = catalogue.register(
    Kind(
        name="clinical.onboarding_complete",
        group=GROUP,
        label=_("Onboarding complete"),
        subject=_("Your health record has been set up"),
        summary=_("You find your medical information in the app. Nobody sees it whom you have not allowed to."),
        transactional=True,
        example={},
    )
)
RECORD_ADDED = catalogue.register(
    Kind(
        name="clinical.record_added",
        group=GROUP,
        label=_("New medical record"),
        subject=_("There is something new in your health record"),
        summary=_("You find it in the app."),
        transactional=True,
        example={},
    )
)
INSURANCE_TO_VERIFY = catalogue.register(
    Kind(
        name="clinical.insurance_to_verify",
        group=GROUP,
        label=_("Insurance to verify"),
        subject=_("A patient's insurance is to be verified"),
        summary=_("It stands in the list of policies to verify."),
        transactional=True,
        example={"page": "/admin/clinical/insurancepolicy/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60/change/"},
    )
)
INSURANCE_DECIDED = catalogue.register(
    Kind(
        name="clinical.insurance_decided",
        group=GROUP,
        label=_("Insurance verified"),
        subject=_("We have heard from your insurer"),
        summary=_("You find the answer in the app."),
        transactional=True,
        example={},
    )
)


def onboarding_complete(patient: Patient) -> None:
    """The patient reads that the record has been set up."""
    services.notify(
        kind=ONBOARDING_COMPLETE, recipient=patient.user, event=f"patient.onboarded:{patient.pk}", context={}
    )


def record_added(record: MedicalRecord) -> None:
    """The patient reads that somebody else has added to the record."""
    services.notify(kind=RECORD_ADDED, recipient=record.patient.user, event=f"record.added:{record.series}", context={})


def insurance_to_verify(policy: InsurancePolicy, coordinators: Iterable[User]) -> None:
    """The coordinators read that an insurer is to be asked."""
    at = policy.requested_at
    services.notify_all(
        kind=INSURANCE_TO_VERIFY,
        recipients=list(coordinators),
        event=f"insurance.requested:{policy.pk}:{at.isoformat() if at else ''}",
        context={"page": reverse("admin:clinical_insurancepolicy_change", args=[policy.pk])},
    )


def insurance_decided(policy: InsurancePolicy) -> None:
    """The patient reads that there is an answer; what it is, in the app."""
    at = policy.decided_at
    services.notify(
        kind=INSURANCE_DECIDED,
        recipient=policy.patient.user,
        event=f"insurance.decided:{policy.pk}:{at.isoformat() if at else ''}",
        context={},
    )


# --- prescriptions ---

PRESCRIPTION_SIGNED = catalogue.register(
    Kind(
        name="clinical.prescription_signed",
        group=GROUP,
        label=_("New prescription"),
        subject=_("Your prescription %(number)s is ready"),
        summary=_("Prescription %(number)s has been signed. You find it in the app."),
        transactional=True,
        example={"number": "RX-7K3Q9F2M"},
    )
)
PRESCRIPTION_VOIDED = catalogue.register(
    Kind(
        name="clinical.prescription_voided",
        group=GROUP,
        label=_("Prescription declared void"),
        subject=_("Prescription %(number)s is no longer valid"),
        summary=_("Prescription %(number)s has been declared void. Please do not use it."),
        transactional=True,
        example={"number": "RX-7K3Q9F2M"},
    )
)


def prescription_signed(prescription: Prescription) -> None:
    """The patient reads that there is a prescription."""
    _tell_of_prescription(PRESCRIPTION_SIGNED, prescription)


def prescription_voided(prescription: Prescription) -> None:
    """The patient reads that a prescription must not be used any more."""
    _tell_of_prescription(PRESCRIPTION_VOIDED, prescription)


def _tell_of_prescription(kind: Kind, prescription: Prescription) -> None:
    services.notify(
        kind=kind,
        recipient=prescription.patient.user,
        event=f"{kind.name}:{prescription.pk}",
        context={"number": prescription.number},
    )


# --- laboratories ---


def _lab_kind(name: str, label: Any, subject: Any, **more: Any) -> Kind:
    """All of them name the test by its number, and nothing of what is or was examined."""
    example = {"number": "LT-7K3Q9F2M"} | more
    return catalogue.register(
        Kind(name=f"clinical.{name}", group=GROUP, label=label, subject=subject, summary=_("You find it in the app."),
             transactional=True, example=example)
    )  # fmt: skip


_TEST_PAGE = {"page": "/admin/clinical/labtest/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60/change/"}
_PLAN = {"laboratory": "Lotus Laboratory", "at": "2031-01-06T03:30:00+00:00", "zone": "Asia/Kolkata"}
_WAITING = {"doctor": "Dr. Asha Rao", "hours": 4}
LAB_TEST_REQUESTED = _lab_kind(
    "lab_test_requested", _("Laboratory test requested"), _("New laboratory test %(number)s"), **_TEST_PAGE
)
LAB_TEST_SCHEDULED = _lab_kind(
    "lab_test_scheduled", _("Laboratory test scheduled"), _("Your laboratory test %(number)s is scheduled"), **_PLAN
)
LAB_TEST_CANCELLED = _lab_kind(
    "lab_test_cancelled", _("Laboratory test cancelled"), _("Laboratory test %(number)s has been cancelled")
)
RESULT_READY = _lab_kind(
    "lab_result_ready", _("Laboratory result"), _("The result of laboratory test %(number)s is ready")
)
RESULT_TO_ACKNOWLEDGE = _lab_kind(
    "lab_result_to_acknowledge",
    _("Laboratory result that needs your acknowledgement"),
    _("Laboratory test %(number)s needs your acknowledgement"),
)
RESULT_UNACKNOWLEDGED = _lab_kind(
    "lab_result_unacknowledged",
    _("Laboratory result that no doctor has acknowledged"),
    _("Laboratory test %(number)s waits for the doctor's acknowledgement"),
    **_WAITING,
)
RESULT_CORRECTED = _lab_kind(
    "lab_result_corrected",
    _("Laboratory result corrected"),
    _("The result of laboratory test %(number)s has been corrected"),
)
RESULT_RELEASED = _lab_kind(
    "lab_result_released", _("Your laboratory result"), _("The result of your laboratory test %(number)s is there")
)
RELEASED_RESULT_CORRECTED = _lab_kind(
    "lab_released_result_corrected",
    _("Your laboratory result corrected"),
    _("The result of your laboratory test %(number)s has been corrected"),
)


def lab_test_requested(test: LabTest) -> None:
    """The staff of the laboratory's hospital read that there is a test to plan."""
    page = reverse("admin:clinical_labtest_change", args=[test.pk])
    _tell_of_test(LAB_TEST_REQUESTED, test, _laboratory_staff(test), page=page)


def lab_test_scheduled(test: LabTest) -> None:
    """The patient reads when and where the sample is taken."""
    at = test.scheduled_at.isoformat() if test.scheduled_at else ""
    zone = test.laboratory.hospital.time_zone
    with translation.override(test.patient.user.language):
        laboratory = test.laboratory.name
    _tell_of_test(LAB_TEST_SCHEDULED, test, [test.patient.user], of=at, laboratory=laboratory, at=at, zone=zone)


def lab_test_cancelled(test: LabTest) -> None:
    """The patient and the laboratory read that it is not to be made."""
    _tell_of_test(LAB_TEST_CANCELLED, test, [test.patient.user, *_laboratory_staff(test)])


def result_reported(test: LabTest, result: LabResult) -> None:
    """The doctor reads that there is a result, or another than before; a critical one waits for their word. A patient
    who has the one before reads that it was corrected."""
    of = str(result.version)
    kind = RESULT_READY if result.version == 1 else RESULT_CORRECTED
    _tell_of_test(kind, test, _doctor_of(test), of=of)
    if result.is_critical:
        _tell_of_test(RESULT_TO_ACKNOWLEDGE, test, _doctor_of(test), of=of)
    if result.version > 1 and test.released_at is not None:
        _tell_of_test(RELEASED_RESULT_CORRECTED, test, [test.patient.user], of=of)


def result_released(test: LabTest) -> None:
    _tell_of_test(RESULT_RELEASED, test, [test.patient.user])


def result_unacknowledged(result: LabResult, *, step: int, hours: int, coordinators: Sequence[User]) -> None:
    """The doctor reads it once more; others read whom to call, and not what was found."""
    test = result.lab_test
    of = f"{result.version}:{step}"
    _tell_of_test(RESULT_TO_ACKNOWLEDGE, test, _doctor_of(test), of=of)
    doctor = str(test.doctor) if test.doctor else ""
    others = [*_laboratory_staff(test), *coordinators]
    _tell_of_test(RESULT_UNACKNOWLEDGED, test, others, of=of, doctor=doctor, hours=hours)


def _tell_of_test(kind: Kind, test: LabTest, readers: Sequence[User], *, of: str = "", **more: Any) -> None:
    """Once for each test and what of it there may be several: a time, a version, a step."""
    event = f"{kind.name}:{test.pk}" + (f":{of}" if of else "")
    services.notify_all(kind=kind, recipients=readers, event=event, context={"number": test.number} | more)


def _doctor_of(test: LabTest) -> list[User]:
    return [test.doctor.user] if test.doctor else []


def _laboratory_staff(test: LabTest) -> list[User]:
    staff = User.objects.filter(hospital_links__hospital=test.laboratory.hospital_id, is_active=True)
    return list(staff.distinct())


# --- consent and emergencies ---

_CONSENT = {"reference": "5D4E60", "text_version": 1}
CONSENT_RECEIPT = catalogue.register(
    Kind(
        name="clinical.consent_receipt",
        group=GROUP,
        label=_("Receipt of a consent"),
        subject=_("Your consent %(reference)s has been recorded"),
        summary=_("You can read and withdraw it in the app at any time. You agreed to version %(text_version)s."),
        transactional=True,
        example=_CONSENT,
    )
)
CONSENT_WITHDRAWN = catalogue.register(
    Kind(
        name="clinical.consent_withdrawn",
        group=GROUP,
        label=_("Consent withdrawn"),
        subject=_("Your consent %(reference)s has been withdrawn"),
        summary=_("It opens nothing any more."),
        transactional=True,
        example=_CONSENT,
    )
)
CONSENT_RECEIVED = catalogue.register(
    Kind(
        name="clinical.consent_received",
        group=GROUP,
        label=_("A patient has consented"),
        subject=_("A patient lets you see part of their health record"),
        summary=_("You find it in Medivoy under consent %(reference)s."),
        example=_CONSENT,
    )
)
CONSENT_ENDED = catalogue.register(
    Kind(
        name="clinical.consent_ended",
        group=GROUP,
        label=_("A patient has withdrawn a consent"),
        subject=_("A patient has withdrawn a consent"),
        summary=_("Consent %(reference)s opens nothing any more."),
        example=_CONSENT,
    )
)
EMERGENCY_OPENED = catalogue.register(
    Kind(
        name="clinical.emergency_opened",
        group=GROUP,
        label=_("Your record was opened in an emergency"),
        subject=_("A doctor has opened your health record in an emergency"),
        summary=_("%(doctor)s can read it for two hours. If you know of no emergency, please tell us."),
        transactional=True,
        example={"doctor": "Dr. Asha Rao"},
    )
)
EMERGENCY_TO_REVIEW = catalogue.register(
    Kind(
        name="clinical.emergency_to_review",
        group=GROUP,
        label=_("Emergency access to review"),
        subject=_("A doctor has opened a health record in an emergency"),
        summary=_("%(doctor)s has given a reason. Please review it in the admin."),
        transactional=True,
        example={
            "doctor": "Dr. Asha Rao",
            "page": "/admin/clinical/emergencyaccess/019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60/change/",
        },
    )
)
EMERGENCY_NOT_JUSTIFIED = catalogue.register(
    Kind(
        name="clinical.emergency_not_justified",
        group=GROUP,
        label=_("Emergency access that was not right"),
        subject=_("We have reviewed who opened your health record"),
        summary=_("%(doctor)s should not have opened it. We are sorry. The log in the app shows what was read."),
        transactional=True,
        example={"doctor": "Dr. Asha Rao"},
    )
)


def consent_given(grant: ConsentGrant) -> None:
    """The patient gets a receipt; the doctor, the hospital's staff or the coordinator reads that there is a consent.
    Medivoy's coordinators as a whole are not told one by one."""
    _tell_of_consent(CONSENT_RECEIPT, grant, [grant.patient.user])
    _tell_of_consent(CONSENT_RECEIVED, grant, _grantees(grant))


def consent_revoked(grant: ConsentGrant) -> None:
    _tell_of_consent(CONSENT_WITHDRAWN, grant, [grant.patient.user])
    _tell_of_consent(CONSENT_ENDED, grant, _grantees(grant))


def emergency_opened(emergency: EmergencyAccess, *, reviewers: Sequence[User]) -> None:
    """The patient and the privacy reviewers are alerted; why it was opened is read in the app and in the admin."""
    context = {"doctor": str(emergency.doctor)}
    event = f"emergency.opened:{emergency.pk}"
    services.notify(kind=EMERGENCY_OPENED, recipient=emergency.patient.user, event=event, context=context)
    page = reverse("admin:clinical_emergencyaccess_change", args=[emergency.pk])
    services.notify_all(kind=EMERGENCY_TO_REVIEW, recipients=reviewers, event=event, context=context | {"page": page})


def emergency_not_justified(emergency: EmergencyAccess) -> None:
    services.notify(
        kind=EMERGENCY_NOT_JUSTIFIED,
        recipient=emergency.patient.user,
        event=f"emergency.not_justified:{emergency.pk}",
        context={"doctor": str(emergency.doctor)},
    )


def _tell_of_consent(kind: Kind, grant: ConsentGrant, readers: Sequence[User]) -> None:
    context = {"reference": grant.reference, "text_version": grant.text.version}
    services.notify_all(kind=kind, recipients=readers, event=f"{kind.name}:{grant.pk}", context=context)


def _grantees(grant: ConsentGrant) -> list[User]:
    if grant.doctor:
        return [grant.doctor.user]
    if grant.hospital:
        return list(User.objects.filter(hospital_links__hospital=grant.hospital_id, is_active=True).distinct())
    return [grant.coordinator] if grant.coordinator else []
