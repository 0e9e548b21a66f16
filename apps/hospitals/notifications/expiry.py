"""What doctors, hospital staff and platform admins are told of licences and accreditations that end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.hospitals.models import Licence
from apps.hospitals.rules import LAPSED
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import wording

#: Lines of the digest; the others are counted.
LINES = 40

LICENCE_EXPIRES = catalogue.register(
    Kind(
        name="hospitals.licence_expires",
        group="directory",
        label=_("Licence expires"),
        subject=_("Your licence for %(country)s expires on %(expires_on)s"),
        summary=_("Please send the renewed licence in good time."),
        transactional=True,
        example={"country": "India", "expires_on": "31 January 2031", "is_licensed": False},
    )
)
LICENCE_LAPSED = catalogue.register(
    Kind(
        name="hospitals.licence_lapsed",
        group="directory",
        label=_("Licence expired"),
        subject=_("Your licence for %(country)s has expired"),
        summary=_("It was valid until %(expires_on)s."),
        transactional=True,
        example={"country": "India", "expires_on": "31 January 2031", "is_licensed": False},
    )
)
_ACCREDITATION = {"hospital": "Lotus Heart Centre", "body": "JCI", "expires_on": "31 January 2031"}
ACCREDITATION_EXPIRES = catalogue.register(
    Kind(
        name="hospitals.accreditation_expires",
        group="directory",
        label=_("Accreditation expires"),
        subject=_("The %(body)s accreditation of %(hospital)s expires on %(expires_on)s"),
        summary=_("After %(expires_on)s patients no longer see it unless the renewed one has been approved."),
        transactional=True,
        example=_ACCREDITATION,
    )
)
ACCREDITATION_LAPSED = catalogue.register(
    Kind(
        name="hospitals.accreditation_lapsed",
        group="directory",
        label=_("Accreditation expired"),
        subject=_("The %(body)s accreditation of %(hospital)s has expired"),
        summary=_("It was valid until %(expires_on)s."),
        transactional=True,
        example=_ACCREDITATION,
    )
)
DIGEST = catalogue.register(
    Kind(
        name="hospitals.expiry_digest",
        group="directory",
        label=_("Licences and accreditations that end"),
        subject=_("Licences and accreditations that end"),
        summary=_("Some of them expire soon or have expired: the details are in the e-mail."),
        example={
            "lines": [
                {"name": "Dr. Asha Rao", "of": "India", "expires_on": "31 January 2031", "has_lapsed": False},
                {"name": "Lotus Heart Centre", "of": "JCI", "expires_on": "15 December 2030", "has_lapsed": True},
            ],
            "more": 3,
        },
    )
)


@dataclass(frozen=True)
class Ending:
    """One licence or accreditation with a last day, of which `warning` (days, or LAPSED) is due now."""

    credential: Any
    warning: int

    @property
    def event(self) -> str:
        kind = type(self.credential).__name__.lower()
        return f"{kind}.ends:{self.credential.pk}:{self.credential.expires_on}:{self.warning}"

    @property
    def has_lapsed(self) -> bool:
        return self.warning == LAPSED


def licences_end(endings: Sequence[Ending], *, today: date) -> None:
    """Each doctor is told of the own licence, once a warning and last day. `credential.doctor.user` is at hand."""
    for has_lapsed, kind in [(False, LICENCE_EXPIRES), (True, LICENCE_LAPSED)]:
        letters = [
            services.Letter(ending.credential.doctor.user, ending.event, _licence(ending.credential, today))
            for ending in endings
            if ending.has_lapsed == has_lapsed
        ]
        services.notify_each(kind=kind, letters=letters)


def _licence(licence: Any, today: date) -> dict[str, Any]:
    """`is_licensed` says whether another licence, which has not ended itself, lasts longer."""
    reader, until = licence.doctor.user, licence.doctor.licensed_until
    return {
        "country": wording.country_name(str(licence.country), reader.language),
        "expires_on": wording.day(licence.expires_on, reader),
        "is_licensed": until > licence.expires_on and until >= today,
    }


def accreditations_end(endings: Sequence[Ending], staff: Mapping[UUID, Sequence[User]]) -> None:
    """Each hospital's staff, by its id, are told of its accreditation, once a warning and last day."""
    for has_lapsed, kind in [(False, ACCREDITATION_EXPIRES), (True, ACCREDITATION_LAPSED)]:
        letters = [
            services.Letter(reader, ending.event, _accreditation(ending.credential, reader))
            for ending in endings
            if ending.has_lapsed == has_lapsed
            for reader in staff.get(ending.credential.hospital_id, [])
        ]
        services.notify_each(kind=kind, letters=letters)


def _accreditation(accreditation: Any, reader: User) -> dict[str, Any]:
    return {
        "hospital": wording.hospital_name(accreditation.hospital, reader),
        "body": accreditation.body.code,
        "expires_on": wording.day(accreditation.expires_on, reader),
    }


def admins_digest(endings: Sequence[Ending], admins: Sequence[User], *, at: datetime) -> None:
    """Platform admins are told of all of them in one message, those that ended first, then those that end next."""
    shown = sorted(endings, key=lambda ending: (not ending.has_lapsed, ending.credential.expires_on))[:LINES]
    letters = [
        services.Letter(
            recipient=reader,
            event=f"expiry.digest:{at.isoformat()}",
            context={"lines": [_line(ending, reader) for ending in shown], "more": len(endings) - len(shown)},
        )
        for reader in admins
    ]
    services.notify_each(kind=DIGEST, letters=letters)


def _line(ending: Ending, reader: User) -> dict[str, Any]:
    credential = ending.credential
    if isinstance(credential, Licence):
        name = wording.doctor_name(credential.doctor, reader)
        of = wording.country_name(str(credential.country), reader.language)
    else:
        name, of = wording.hospital_name(credential.hospital, reader), credential.body.code
    return {
        "name": name,
        "of": of,
        "expires_on": wording.day(credential.expires_on, reader),
        "has_lapsed": ending.has_lapsed,
    }
