"""A prescription on paper."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from babel import Locale
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.clinical import exceptions
from apps.clinical.models import Prescription
from apps.clinical.workflow import PrescriptionStatus
from apps.common import documents, texts, wall_time
from apps.hospitals.models import Doctor, Hospital, Licence

TEMPLATE = "clinical/documents/prescription.typ"


def as_signed(prescription: Prescription, *, today: date) -> dict[str, Any]:
    """The names, the licences and the letterhead of this moment, in the language of the prescription."""
    language, patient = prescription.language, prescription.patient
    with translation.override(language):
        return {
            "patient": patient.user.full_name,
            "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
            **_doctor(prescription.doctor, language, today),
            "hospital": _hospital(prescription.hospital, language),
        }


def _doctor(doctor: Doctor, language: str, today: date) -> dict[str, Any]:
    title = texts.chosen(doctor, "title", language).text
    specialty = texts.chosen(doctor.specialty, "practitioner", language).text if doctor.specialty else ""
    return {
        "doctor": f"{title} {doctor.full_name}".strip(),
        "specialty": specialty,
        "licences": [
            {"country": str(licence.country), "number": licence.number}
            for licence in Licence.objects.approved().filter(doctor=doctor).order_by("country", "number")
            if licence.expires_on is None or licence.expires_on >= today
        ],
    }


def _hospital(hospital: Hospital | None, language: str) -> dict[str, str]:
    if hospital is None:
        return {"name": "", "address": "", "city": "", "country": "", "phone": "", "zone": "UTC"}
    return {
        "name": texts.chosen(hospital, "name", language).text,
        "address": texts.chosen(hospital, "address", language).text,
        "city": texts.chosen(hospital, "city", language).text,
        "country": str(hospital.country),
        "phone": str(hospital.phone),
        "zone": hospital.time_zone,
    }


def country_name(code: str, language: str) -> str:
    return Locale.parse(language).territories.get(code, code) if code else ""


def public_address(prescription: Prescription) -> str:
    """Where anyone checks that it is genuine."""
    return f"{settings.PUBLIC_URL}{reverse('verify-prescription', args=[prescription.token])}"


def prescription_pdf(prescription: Prescription) -> bytes:
    """The PDF of a signed prescription, in the language that it was signed in. The same prescription gives the same
    bytes, but for the line across it once it is void. Not to be called in a transaction.

    Raises NotSigned, DocumentError.
    """
    language, signed_at = prescription.language, prescription.signed_at
    if signed_at is None:
        raise exceptions.NotSigned()
    with translation.override(language):
        data = _data(prescription, language, signed_at)
    return documents.render(TEMPLATE, data, language, at=signed_at)


def _data(prescription: Prescription, language: str, signed_at: datetime) -> dict[str, Any]:
    signed, hospital = prescription.signed_as, prescription.signed_as["hospital"]
    address = public_address(prescription)
    name = hospital["name"] or "Medivoy"
    born = wall_time.day(date.fromisoformat(signed["birth_date"]), language) if signed["birth_date"] else ""
    return {
        "labels": _labels(),
        "number": prescription.number,
        "head": {"name": name, "lines": _lines(hospital, language)},
        "foot": [prescription.number, signed["patient"], name],
        "banner": _banner(prescription),
        "patient": [[_("Patient"), signed["patient"]], [_("Date of birth"), born]],
        "medications": list(
            prescription.medications.order_by("position").values(
                "name", "form", "dosage", "frequency", "duration", "quantity", "notes"
            )
        ),
        "instructions": prescription.instructions,
        "doctor": {"name": signed["doctor"], "lines": [signed["specialty"], *_licences(signed["licences"], language)]},
        "signature": [
            [_("Signed at"), str(wall_time.read(signed_at, hospital["zone"], language))],
            [_("Valid until"), wall_time.day(prescription.valid_until, language)],
        ],
        "address": address,
        "qr": documents.qr_code(address),
    }


def _labels() -> dict[str, str]:
    return {
        "title": _("Prescription"),
        "medicines": _("Medicines"),
        "medicine": _("Medicine"),
        "frequency": pgettext("prescription", "How often"),
        "duration": pgettext("prescription", "For how long"),
        "quantity": pgettext("prescription", "Quantity"),
        "instructions": _("Instructions"),
        "signed_by": _("Prescribed and signed electronically by"),
        "verify": _("Anyone can check here that this prescription is genuine:"),
    }


def _lines(hospital: dict[str, str], language: str) -> list[str]:
    place = ", ".join(part for part in (hospital["city"], country_name(hospital["country"], language)) if part)
    return [line for line in (hospital["address"], place, hospital["phone"]) if line]


def _licences(licences: Iterable[dict[str, str]], language: str) -> list[str]:
    return [
        _("Licence %(number)s (%(country)s)")
        % {"number": licence["number"], "country": country_name(licence["country"], language)}
        for licence in licences
    ]


def _banner(prescription: Prescription) -> str:
    if prescription.status == PrescriptionStatus.VOID:
        return _("This prescription is void. Do not use it.")
    return ""
