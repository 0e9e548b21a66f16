"""What a hospital's staff are told of its verification and accreditations, and platform admins of a page that waits."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Accreditation, Hospital
from apps.hospitals.workflow import Verification
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
HOSPITAL_SUBMITTED = catalogue.register(
    Kind(
        name="hospitals.hospital_submitted",
        group="directory",
        label=_("A hospital waits for verification"),
        subject=_("%(hospital)s waits for verification"),
        summary=_("%(hospital)s (%(country)s) has completed its page: please approve or reject it."),
        transactional=True,
        example={"hospital": "Lotus Heart Centre", "country": "India"},
    )
)
ACCREDITATION_APPROVED = catalogue.register(
    Kind(
        name="hospitals.accreditation_approved",
        group="directory",
        label=_("Accreditation approved"),
        subject=_("The %(body)s accreditation of %(hospital)s has been approved"),
        summary=_("Patients see it on the page of %(hospital)s."),
        transactional=True,
        example={"hospital": "Lotus Heart Centre", "body": "JCI", "until": "31 January 2031"},
    )
)
ACCREDITATION_REJECTED = catalogue.register(
    Kind(
        name="hospitals.accreditation_rejected",
        group="directory",
        label=_("Accreditation not approved"),
        subject=_("The %(body)s accreditation of %(hospital)s could not be approved"),
        summary=_("Reason: %(reason)s"),
        transactional=True,
        example={"hospital": "Lotus Heart Centre", "body": "JCI", "reason": "The certificate cannot be read."},
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


def hospital_submitted(hospital: Hospital, admins: Iterable[User], *, at: datetime) -> None:
    letters = [
        services.Letter(
            recipient=reader,
            event=f"hospital.submitted:{hospital.pk}:{at.isoformat()}",
            context={
                "hospital": wording.hospital_name(hospital, reader),
                "country": wording.country_name(str(hospital.country), reader.language),
            },
        )
        for reader in admins
    ]
    services.notify_each(kind=HOSPITAL_SUBMITTED, letters=letters)


def accreditation_decided(accreditation: Accreditation, staff: Iterable[User], *, at: datetime) -> None:
    """Approved or rejected, as it is now."""
    is_approved = accreditation.verification == Verification.APPROVED
    letters = [
        services.Letter(
            recipient=reader,
            event=f"accreditation.{accreditation.verification}:{accreditation.pk}:{at.isoformat()}",
            context={
                "hospital": wording.hospital_name(accreditation.hospital, reader),
                "body": accreditation.body.code,
                **(_until(accreditation, reader) if is_approved else {"reason": accreditation.rejection_reason}),
            },
        )
        for reader in staff
    ]
    kind = ACCREDITATION_APPROVED if is_approved else ACCREDITATION_REJECTED
    services.notify_each(kind=kind, letters=letters)


def _until(accreditation: Accreditation, reader: User) -> dict[str, str]:
    return {"until": wording.day(accreditation.expires_on, reader) if accreditation.expires_on else ""}
