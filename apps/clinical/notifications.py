"""What clinical tells people: one function a message. Nothing medical in any context: a number, read in the app."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .models import InsurancePolicy, MedicalRecord, Patient, Prescription

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
        context={"page": reverse("admin:app_list", args=["clinical"])},
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
