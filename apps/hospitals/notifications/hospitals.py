"""What a hospital's staff are told of its verification."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Hospital
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import wording

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


def hospital_approved(hospital: Hospital, member: User, *, at: datetime) -> None:
    services.notify(
        kind=HOSPITAL_APPROVED,
        recipient=member,
        event=f"hospital.approved:{hospital.pk}:{at.isoformat()}",
        context={"hospital": wording.hospital_name(hospital, member)},
    )


def hospital_rejected(hospital: Hospital, member: User, *, at: datetime) -> None:
    services.notify(
        kind=HOSPITAL_REJECTED,
        recipient=member,
        event=f"hospital.rejected:{hospital.pk}:{at.isoformat()}",
        context={
            "hospital": wording.hospital_name(hospital, member),
            "reason": hospital.rejection_reason,
        },
    )
