"""The filters of hospitals and doctors."""

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet, TextField, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common import search
from apps.hospitals.models import Accreditation, AccreditationBody, Specialty

from . import parameters, places, prices, searching


def recognise_specialty(code: str) -> None:
    if not Specialty.objects.filter(code=code).exists():
        raise parameters.WrongValueError(_("There is no specialty “%(code)s”.") % {"code": code})


def practises_at(rows: QuerySet, hospital: UUID) -> QuerySet:
    """Doctors with an active affiliation with this hospital, while it is listed."""
    return rows.filter(hospital_ids__contains=[hospital])


def _in_city(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(cities__contains=[search.Fold(Value(value, TextField()))])


def _accredited(body: str) -> QuerySet:
    """The hospitals with an accreditation of this body that counts today (UTC)."""
    valid = Accreditation.objects.filter(verification="approved", body__code=body)
    return valid.exclude(expires_on__lt=timezone.now().date()).order_by().values("hospital_id")


def _recognise_body(code: str) -> None:
    if not AccreditationBody.objects.filter(code=code).exists():
        raise parameters.WrongValueError(_("There is no accreditation body “%(code)s”.") % {"code": code})


def instant(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value.replace(" ", "+"))  # a plus that was not encoded comes as a blank
    except ValueError as error:
        raise parameters.WrongValueError(_("This is not an instant, such as 2027-01-31T09:00:00Z.")) from error
    if found.tzinfo is None or not 2000 <= found.year <= 2100:
        raise parameters.WrongValueError(_("This is not an instant, such as 2027-01-31T09:00:00Z."))
    return found.astimezone(UTC)  # PostgreSQL knows no zone beyond 16 hours


_BODY = {"type": "string", "maxLength": 20, "example": "JCI"}
HOSPITAL_PARAMETERS = {
    "country": parameters.Parameter(
        parameters.country, partial(parameters.by, "country"), "ISO 3166 code of the country.", parameters.COUNTRY
    ),
    "city": parameters.Parameter(
        parameters.text,
        _in_city,
        "The city's whole name in any of the languages.",
    ),
    "specialization": parameters.Parameter(
        parameters.text,
        partial(parameters.by_code, "specialties", Specialty),
        "Code of a specialty, as in /specialties.",
        parameters.CODE,
        recognise_specialty,
    ),
    "is_verified": parameters.Parameter(
        parameters.boolean,
        lambda rows, value: rows if value else rows.exclude(verification="approved"),
        "Everything public is verified; staff of the platform see with `false` those that wait or were rejected.",
        parameters.BOOLEAN,
    ),
    "accreditation": parameters.Parameter(
        parameters.text,
        lambda rows, value: rows.filter(pk__in=_accredited(value)),
        "Accredited by this body (its code, as in /accreditation-bodies), today.",
        _BODY,
        _recognise_body,
    ),
    "search": searching.search_parameter("name, city, country, specialties, address or description"),
    **places.PLACE_PARAMETERS,
}

DOCTOR_PARAMETERS = {
    "specialty": parameters.Parameter(
        parameters.text,
        partial(parameters.by_code, "specialty", Specialty),
        "Code of a specialty, as in /specialties.",
        parameters.CODE,
        recognise_specialty,
    ),
    "hospital_id": parameters.Parameter(
        parameters.uuid,
        practises_at,
        "Practises at this hospital.",
        parameters.ID,
    ),
    "country": parameters.Parameter(
        parameters.country,
        lambda rows, value: rows.filter(countries__contains=[value]),
        "Practises in this country (ISO 3166).",
        parameters.COUNTRY,
    ),
    "city": parameters.Parameter(
        parameters.text,
        _in_city,
        "Practises in this city: its whole name in any of the languages.",
    ),
    "is_available": parameters.Parameter(
        parameters.boolean,
        partial(parameters.by, "is_bookable"),
        "Takes appointments: has consulting hours at a hospital.",
        parameters.BOOLEAN,
    ),
    "min_rating": parameters.Parameter(
        parameters.rating,
        partial(parameters.by, "rating__gte"),
        "Rated at least so.",
        {"type": "number", "minimum": 0, "maximum": parameters.HIGHEST_RATING},
    ),
    "language": parameters.Parameter(
        parameters.spoken_language,
        lambda rows, value: rows.filter(languages__contains=[value]),
        "Speaks this language (ISO 639).",
        {"type": "string", "pattern": "^[a-z]{2,3}$", "example": "ar"},
    ),
    "teleconsult": parameters.Parameter(
        parameters.boolean,
        partial(parameters.by, "offers_teleconsult"),
        "Offers teleconsultations.",
        parameters.BOOLEAN,
    ),
    "accreditation": parameters.Parameter(
        parameters.text,
        lambda rows, value: rows.filter(hospital_ids__overlap=ArraySubquery(_accredited(value))),
        "Practises at a hospital that is accredited by this body (its code, as in /accreditation-bodies), today.",
        _BODY,
        _recognise_body,
    ),
    "next_free_before": parameters.Parameter(
        instant,
        lambda rows, value: rows.filter(next_free_at__lte=value, next_free_at__gte=timezone.now()),
        "Can be booked for a time up to this instant.",
        {"type": "string", "format": "date-time", "example": "2027-01-31T09:00:00Z"},
    ),
    "search": searching.search_parameter("name, specialty, hospitals with city and country, degrees or biography"),
    **prices.price_parameters("fee"),
    **places.PLACE_PARAMETERS,
}
