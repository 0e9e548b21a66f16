"""What the directory tells doctors and hospital staff: one function a message."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from .models import Affiliation, Doctor, Hospital
from .workflow import AffiliationStatus

DOCTOR_APPROVED = catalogue.register(
    Kind(
        name="hospitals.doctor_approved",
        group="directory",
        label=_("Profile approved"),
        subject=_("Your profile has been approved"),
        summary=_("Patients can find you in the directory now."),
        transactional=True,
        example={},
    )
)
DOCTOR_REJECTED = catalogue.register(
    Kind(
        name="hospitals.doctor_rejected",
        group="directory",
        label=_("Profile not approved"),
        subject=_("Your profile could not be approved"),
        summary=_("Reason: %(reason)s"),
        transactional=True,
        example={"reason": "The licence number could not be found."},
    )
)
HOSPITAL_APPROVED = catalogue.register(
    Kind(
        name="hospitals.hospital_approved",
        group="directory",
        label=_("Hospital approved"),
        subject=_("%(hospital)s has been approved"),
        summary=_("Patients can find %(hospital)s in the directory now."),
        transactional=True,
        example={"hospital": "Lotus Heart Centre"},
    )
)
HOSPITAL_REJECTED = catalogue.register(
    Kind(
        name="hospitals.hospital_rejected",
        group="directory",
        label=_("Hospital not approved"),
        subject=_("%(hospital)s could not be approved"),
        summary=_("Reason: %(reason)s"),
        transactional=True,
        example={"hospital": "Lotus Heart Centre", "reason": "The address is incomplete."},
    )
)
AFFILIATION_ADDED = catalogue.register(
    Kind(
        name="hospitals.affiliation_added",
        group="directory",
        label=_("New affiliation"),
        subject=_("%(hospital)s has added you to its doctors"),
        summary=_("%(hospital)s has added you to its doctors."),
        example={"hospital": "Lotus Heart Centre", "waits": True},
    )
)
AFFILIATION_ENDED = catalogue.register(
    Kind(
        name="hospitals.affiliation_ended",
        group="directory",
        label=_("Affiliation ended"),
        subject=_("Your affiliation with %(hospital)s has ended"),
        summary=_("%(hospital)s no longer shows you among its doctors."),
        example={"hospital": "Lotus Heart Centre"},
    )
)


def doctor_approved(doctor: Doctor, *, at: datetime) -> None:
    services.notify(
        kind=DOCTOR_APPROVED,
        recipient=doctor.user,
        event=f"doctor.approved:{doctor.pk}:{at.isoformat()}",
        context={},
    )


def doctor_rejected(doctor: Doctor, *, at: datetime) -> None:
    services.notify(
        kind=DOCTOR_REJECTED,
        recipient=doctor.user,
        event=f"doctor.rejected:{doctor.pk}:{at.isoformat()}",
        context={"reason": doctor.rejection_reason},
    )


def hospital_approved(hospital: Hospital, member: User, *, at: datetime) -> None:
    services.notify(
        kind=HOSPITAL_APPROVED,
        recipient=member,
        event=f"hospital.approved:{hospital.pk}:{at.isoformat()}",
        context={"hospital": _name(hospital, member)},
    )


def hospital_rejected(hospital: Hospital, member: User, *, at: datetime) -> None:
    services.notify(
        kind=HOSPITAL_REJECTED,
        recipient=member,
        event=f"hospital.rejected:{hospital.pk}:{at.isoformat()}",
        context={
            "hospital": _name(hospital, member),
            "reason": hospital.rejection_reason,
        },
    )


def affiliation_added(affiliation: Affiliation) -> None:
    doctor = affiliation.doctor
    services.notify(
        kind=AFFILIATION_ADDED,
        recipient=doctor.user,
        event=f"affiliation.added:{affiliation.pk}",
        context={
            "hospital": _name(affiliation.hospital, doctor.user),
            "waits": affiliation.status == AffiliationStatus.PENDING,
        },
    )


def affiliation_ended(affiliation: Affiliation, *, at: datetime) -> None:
    doctor = affiliation.doctor
    services.notify(
        kind=AFFILIATION_ENDED,
        recipient=doctor.user,
        event=f"affiliation.ended:{affiliation.pk}:{at.isoformat()}",
        context={"hospital": _name(affiliation.hospital, doctor.user)},
    )


def _name(hospital: Hospital, reader: User) -> str:
    """The hospital's name in the reader's language."""
    with translation.override(reader.language):
        return hospital.name
