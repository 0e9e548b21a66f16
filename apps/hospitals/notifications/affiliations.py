"""What both sides of an affiliation are told. Whoever acted knows already and is told nothing."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Affiliation
from apps.hospitals.workflow import AffiliationStatus
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import wording

_EXAMPLE = {"hospital": "Lotus Heart Centre", "doctor": "Dr. Asha Rao"}

# --- to the doctor ---

OFFERED = catalogue.register(
    Kind(
        name="hospitals.affiliation_offered",
        group="directory",
        label=_("A hospital asks you to join"),
        subject=_("%(hospital)s would like to show you among its doctors"),
        summary=_("%(hospital)s would like to show you among its doctors: please confirm or decline."),
        transactional=True,
        example={"hospital": "Lotus Heart Centre"},
    )
)
ADDED = catalogue.register(
    Kind(
        name="hospitals.affiliation_added",
        group="directory",
        label=_("New affiliation"),
        subject=_("%(hospital)s has added you to its doctors"),
        summary=_("%(hospital)s has added you to its doctors."),
        example={"hospital": "Lotus Heart Centre", "waits": True},
    )
)
DECLINED = catalogue.register(
    Kind(
        name="hospitals.affiliation_declined",
        group="directory",
        label=_("Affiliation declined"),
        subject=_("No affiliation with %(hospital)s for now"),
        summary=_("%(hospital)s does not show you among its doctors."),
        example={"hospital": "Lotus Heart Centre", "was_offered": False},
    )
)
ENDED = catalogue.register(
    Kind(
        name="hospitals.affiliation_ended",
        group="directory",
        label=_("Affiliation ended"),
        subject=_("Your affiliation with %(hospital)s has ended"),
        summary=_("%(hospital)s no longer shows you among its doctors."),
        example={"hospital": "Lotus Heart Centre"},
    )
)

# --- to the hospital's staff ---

PROPOSED = catalogue.register(
    Kind(
        name="hospitals.affiliation_proposed",
        group="directory",
        label=_("A doctor would like to join"),
        subject=_("%(doctor)s would like to join %(hospital)s"),
        summary=_("%(doctor)s says that they practise at %(hospital)s: please activate or reject the affiliation."),
        transactional=True,
        example=_EXAMPLE,
    )
)
BEGUN = catalogue.register(
    Kind(
        name="hospitals.affiliation_begun",
        group="directory",
        label=_("A doctor has joined"),
        subject=_("%(doctor)s is among the doctors of %(hospital)s now"),
        summary=_("Patients find %(doctor)s on the page of %(hospital)s now."),
        example=_EXAMPLE,
    )
)
WITHDRAWN = catalogue.register(
    Kind(
        name="hospitals.affiliation_withdrawn",
        group="directory",
        label=_("A doctor does not join"),
        subject=_("%(doctor)s does not join %(hospital)s"),
        summary=_("The affiliation of %(doctor)s with %(hospital)s does not come about."),
        example=_EXAMPLE,
    )
)
OVER = catalogue.register(
    Kind(
        name="hospitals.affiliation_over",
        group="directory",
        label=_("A doctor has left"),
        subject=_("%(doctor)s is no longer among the doctors of %(hospital)s"),
        summary=_("The affiliation of %(doctor)s with %(hospital)s has ended."),
        example=_EXAMPLE,
    )
)


def affiliation_offered(affiliation: Affiliation) -> None:
    """Once, however often the hospital asks: the doctor has the word."""
    _tell_doctor(OFFERED, affiliation, f"affiliation.offered:{affiliation.pk}")


def affiliation_added(affiliation: Affiliation) -> None:
    waits = affiliation.status == AffiliationStatus.PENDING
    step = "waits" if waits else "active"
    _tell_doctor(ADDED, affiliation, f"affiliation.added:{affiliation.pk}:{step}", waits=waits)


def affiliation_declined(affiliation: Affiliation) -> None:
    """The hospital does not take up what the doctor proposed, or takes back what it offered."""
    was_offered = affiliation.doctor_agreed_at is None
    _tell_doctor(DECLINED, affiliation, f"affiliation.declined:{affiliation.pk}", was_offered=was_offered)


def affiliation_ended(affiliation: Affiliation, *, at: datetime) -> None:
    _tell_doctor(ENDED, affiliation, f"affiliation.ended:{affiliation.pk}:{at.isoformat()}")


def affiliation_proposed(affiliation: Affiliation) -> None:
    _tell_staff(PROPOSED, affiliation, f"affiliation.proposed:{affiliation.pk}", by=affiliation.doctor.user)


def affiliation_begun(affiliation: Affiliation, *, by: User | None) -> None:
    _tell_staff(BEGUN, affiliation, f"affiliation.begun:{affiliation.pk}", by=by)


def affiliation_withdrawn(affiliation: Affiliation, *, by: User | None) -> None:
    _tell_staff(WITHDRAWN, affiliation, f"affiliation.withdrawn:{affiliation.pk}", by=by)


def affiliation_over(affiliation: Affiliation, *, by: User | None) -> None:
    _tell_staff(OVER, affiliation, f"affiliation.over:{affiliation.pk}", by=by)


def _tell_doctor(kind: Kind, affiliation: Affiliation, event: str, **more: Any) -> None:
    reader = affiliation.doctor.user
    context = {"hospital": wording.hospital_name(affiliation.hospital, reader), **more}
    services.notify(kind=kind, recipient=reader, event=event, context=context)


def _tell_staff(kind: Kind, affiliation: Affiliation, event: str, *, by: User | None) -> None:
    staff = User.objects.filter(hospital_links__hospital=affiliation.hospital_id, is_active=True)
    letters = [
        services.Letter(
            recipient=reader,
            event=event,
            context={
                "hospital": wording.hospital_name(affiliation.hospital, reader),
                "doctor": wording.doctor_name(affiliation.doctor, reader),
            },
        )
        for reader in staff
        if by is None or reader.pk != by.pk
    ]
    services.notify_each(kind=kind, letters=letters)
