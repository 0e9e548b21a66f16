"""What doctors are told of their profile and their licences."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.hospitals.models import Doctor, Licence
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import wording

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
LICENCE_APPROVED = catalogue.register(
    Kind(
        name="hospitals.licence_approved",
        group="directory",
        label=_("Licence approved"),
        subject=_("Your licence has been approved"),
        summary=_("Your licence for %(country)s has been approved."),
        transactional=True,
        example={"country": "India", "until": "31 January 2031"},
    )
)
LICENCE_REJECTED = catalogue.register(
    Kind(
        name="hospitals.licence_rejected",
        group="directory",
        label=_("Licence not approved"),
        subject=_("Your licence could not be approved"),
        summary=_("Reason: %(reason)s"),
        transactional=True,
        example={"country": "India", "reason": "The scan cannot be read.", "is_licensed": False},
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


def licence_approved(licence: Licence, *, at: datetime) -> None:
    reader = licence.doctor.user
    services.notify(
        kind=LICENCE_APPROVED,
        recipient=reader,
        event=f"licence.approved:{licence.pk}:{at.isoformat()}",
        context={
            "country": wording.country_name(str(licence.country), reader.language),
            "until": wording.day(licence.expires_on, reader) if licence.expires_on else "",
        },
    )


def licence_rejected(licence: Licence, *, is_licensed: bool, at: datetime) -> None:
    """`is_licensed` says whether another licence keeps the doctor in the directory."""
    reader = licence.doctor.user
    services.notify(
        kind=LICENCE_REJECTED,
        recipient=reader,
        event=f"licence.rejected:{licence.pk}:{at.isoformat()}",
        context={
            "country": wording.country_name(str(licence.country), reader.language),
            "reason": licence.rejection_reason,
            "is_licensed": is_licensed,
        },
    )
