"""What clinical tells people: one function a message. Nothing medical in any context: a number, read in the app."""

from django.utils.translation import gettext_lazy as _

from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .models import Prescription

GROUP = "health"

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
