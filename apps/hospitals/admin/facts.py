"""What an admin reads of a doctor, a hospital, a licence or an accreditation before deciding about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from babel import Locale
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.hospitals import rules
from apps.hospitals.models import Accreditation, Doctor, Hospital, Licence

from .base import country_name
from .catalogue import shown_price


@dataclass(frozen=True)
class Fact:
    """A line: what it is, what it says, and a remark where it needs the reader's eye."""

    label: str
    value: str
    remark: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    facts: list[Fact] = field(default_factory=list)


def name_of(subject: Any) -> str:
    """Whom it is about."""
    if isinstance(subject, Licence):
        return str(subject.doctor)
    return str(subject.hospital) if isinstance(subject, Accreditation) else str(subject)


def detail_of(subject: Any) -> str:
    """What a line of the queue says beside the name."""
    if isinstance(subject, Doctor):
        return str(subject.specialty or "")
    if isinstance(subject, Hospital):
        return f"{subject.city}, {_country(subject.country)}"
    if isinstance(subject, Licence):
        return f"{_country(subject.country)} · {subject.number}"
    return f"{subject.body} · {subject.number}"


def sections(subject: Any, user: Any) -> list[Section]:
    """The facts in their order. Everything is read through the reader's scope."""
    makers: dict[Any, Any] = {Doctor: _doctor, Hospital: _hospital, Licence: _licence, Accreditation: _accreditation}
    found = makers[type(subject)](subject, user)
    if subject.rejection_reason:
        found.insert(0, Section(_("Rejected before"), [Fact(_("Reason"), subject.rejection_reason)]))
    return [section for section in found if section.facts]


def _doctor(doctor: Doctor, user: Any) -> list[Section]:
    licences = list(doctor.licences.visible_to(user))
    missing = rules.missing_for_approval(doctor, licences)
    experience = doctor.practising_since
    return [
        Section(_("Still missing"), _lines((_named(doctor, name), str(why[0])) for name, why in missing.items())),
        Section(
            _("Profile"),
            _lines(
                (
                    (_("Specialty"), doctor.specialty),
                    (_("Practising since"), experience),
                    (_("Languages"), ", ".join(map(_language, doctor.languages))),
                    (_("Consultation fee"), doctor.currency and shown_price(doctor.consultation_fee, doctor.currency)),
                    (_("Teleconsultations"), _("yes") if doctor.offers_teleconsult else _("no")),
                    (_("Biography"), doctor.bio),
                )
            ),
        ),
        Section(_("Licences"), [_licence_fact(licence) for licence in licences]),
        Section(
            _("Qualifications"),
            [
                Fact(
                    row.name,
                    " · ".join(str(part) for part in (row.institution, _country(row.country), row.year) if part),
                )
                for row in doctor.qualifications.visible_to(user)
            ],
        ),
        Section(
            _("Hospitals"),
            [
                Fact(row.hospital.name, " · ".join(filter(None, (row.department, row.position))), str(_status(row)))
                for row in doctor.affiliations.visible_to(user).live().select_related("hospital")
            ],
        ),
        Section(
            _("Account"),
            _lines(
                (
                    (_("E-mail"), doctor.user.email),
                    (_("Phone"), doctor.user.phone),
                    (_("Registered"), _day(timezone.localtime(doctor.user.created_at).date())),
                )
            ),
        ),
    ]


def _hospital(hospital: Hospital, user: Any) -> list[Section]:
    place = ", ".join(filter(None, (hospital.address, hospital.city, _country(hospital.country))))
    coordinates = f"{hospital.latitude}, {hospital.longitude}" if hospital.latitude is not None else ""
    return [
        Section(
            _("Hospital"),
            _lines(
                (
                    (_("Type"), hospital.get_type_display()),
                    (_("Address"), place),
                    (_("Coordinates"), coordinates),
                    (_("Time zone"), hospital.time_zone),
                    (_("Currency"), hospital.currency),
                    (_("Founded in"), hospital.founded_year),
                    (_("Beds"), hospital.beds),
                    (_("Specialties"), ", ".join(map(str, hospital.specialties.all()))),
                    (_("Description"), hospital.description),
                )
            ),
        ),
        Section(
            _("Contact"),
            _lines(((_("Phone"), hospital.phone), (_("E-mail"), hospital.email), (_("Website"), hospital.website))),
        ),
        Section(
            _("Accreditations"),
            [
                Fact(f"{row.body} {row.number}", _term(row), _lapsed(row) or str(row.get_verification_display()))
                for row in hospital.accreditations.visible_to(user).select_related("body")
            ],
        ),
        Section(
            _("Staff"),
            [
                Fact(str(link.user), link.user.email)
                for link in hospital.staff_links.visible_to(user).select_related("user")
            ],
        ),
    ]


def _licence(licence: Licence, user: Any) -> list[Section]:
    others = licence.doctor.licences.visible_to(user).exclude(pk=licence.pk)
    return [
        Section(
            _("Licence"),
            [
                *_lines(
                    (
                        (_("Number"), licence.number),
                        (_("Country"), _country(licence.country)),
                        (_("Authority"), licence.authority),
                    )
                ),
                Fact(_("Valid"), _term(licence), _lapsed(licence)),
            ],
        ),
        Section(
            _("Doctor"),
            _lines(
                (
                    (_("Name"), licence.doctor),
                    (_("Specialty"), licence.doctor.specialty),
                    (_("Licensed until"), _day(licence.doctor.licensed_until)),
                )
            ),
        ),
        Section(_("Other licences"), [_licence_fact(row) for row in others]),
    ]


def _accreditation(accreditation: Accreditation, user: Any) -> list[Section]:
    others = accreditation.hospital.accreditations.visible_to(user).exclude(pk=accreditation.pk).select_related("body")
    body = accreditation.body
    return [
        Section(
            _("Accreditation"),
            [
                Fact(_("Body"), f"{body.name} ({body.code})"),
                *_lines(((_("Website of the body"), body.website), (_("Number"), accreditation.number))),
                Fact(_("Valid"), _term(accreditation), _lapsed(accreditation)),
            ],
        ),
        Section(
            _("Hospital"),
            _lines(
                (
                    (_("Name"), accreditation.hospital),
                    (_("City"), accreditation.hospital.city),
                    (_("Country"), _country(accreditation.hospital.country)),
                )
            ),
        ),
        Section(
            _("Other accreditations"),
            [
                Fact(f"{row.body} {row.number}", _term(row), _lapsed(row) or str(row.get_verification_display()))
                for row in others
            ],
        ),
    ]


def _lines(pairs: Iterable[tuple[Any, Any]]) -> list[Fact]:
    """What there is; empty lines say nothing."""
    return [Fact(str(label), str(value)) for label, value in pairs if value not in (None, "")]


def _named(row: Any, name: str) -> str:
    known = {one.name: one for one in row._meta.get_fields()}
    label = getattr(known.get(name), "verbose_name", None) or name.replace("_", " ")
    return capfirst(str(label))


def _language(code: str) -> str:
    return Locale.parse(get_language() or "en").languages.get(code, code)


def _country(country: Any) -> str:
    return country_name(country.code) if country else ""


def _status(row: Any) -> str:
    return row.get_status_display()


def _licence_fact(licence: Licence) -> Fact:
    said = "\n".join(filter(None, (licence.number, licence.authority, _term(licence))))
    return Fact(_country(licence.country), said, _lapsed(licence) or str(licence.get_verification_display()))


def _day(day: date | None) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else ""


def _term(row: Any) -> str:
    """From when until when it is valid."""
    if row.expires_on is None:
        return _("from %(day)s on") % {"day": _day(row.issued_on)} if row.issued_on else _("without an end")
    if row.issued_on is None:
        return _("until %(day)s") % {"day": _day(row.expires_on)}
    return _("%(first)s to %(last)s") % {"first": _day(row.issued_on), "last": _day(row.expires_on)}


def _lapsed(row: Any) -> str:
    return _("Expired") if rules.is_lapsed(row, timezone.now().date()) else ""
