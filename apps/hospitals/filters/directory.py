"""The filters of hospitals and doctors."""

from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from apps.hospitals import selectors
from apps.hospitals.models import Affiliation, Specialty

from . import parameters


def recognise_specialty(code: str) -> None:
    if not Specialty.objects.filter(code=code).exists():
        raise parameters.WrongValueError(_("There is no specialty “%(code)s”.") % {"code": code})


def _by_specialty(lookup: str, rows: QuerySet, code: str) -> QuerySet:
    """By the specialty's id, looked up in the same query: rows are then found by their own index."""
    return rows.filter(**{lookup: Subquery(Specialty.objects.filter(code=code).order_by().values("pk"))})


def _in_any_language(name: str, lookup: str, value: str) -> Q:
    found = Q()
    for language in parameters.LANGUAGES:
        found |= Q(**{f"{name}_{language}__{lookup}": value})
    return found


def practises_at(rows: QuerySet, **hospital: Any) -> QuerySet:
    """Doctors with an active affiliation with a listed hospital of that kind."""
    active = Affiliation.objects.active().filter(
        doctor=OuterRef("pk"), hospital__verification="approved", hospital__is_active=True, **hospital
    )
    return rows.filter(Exists(active))


def _words(value: str) -> list[str]:
    return value.split()[: parameters.MAX_WORDS]


def _search_doctors(rows: QuerySet, value: str) -> QuerySet:
    for word in _words(value):
        specialties = (
            Specialty.objects.filter(selectors.matching_specialties(word, parameters.LANGUAGES)).order_by().values("pk")
        )
        rows = rows.filter(Q(sort_name__contains=word.lower()) | Q(specialty__in=specialties))
    return rows


def _search_hospitals(rows: QuerySet, value: str) -> QuerySet:
    for word in _words(value):
        specialties = Specialty.objects.filter(selectors.matching_specialties(word, parameters.LANGUAGES))
        rows = rows.filter(
            _in_any_language("name", "icontains", word)
            | _in_any_language("city", "icontains", word)
            | Q(pk__in=specialties.order_by().values("hospitals"))
        )
    return rows


def _by(lookup: str, rows: QuerySet, value: Any) -> QuerySet:
    return rows.filter(**{lookup: value})


def _at_rated(rows: QuerySet, value: Decimal) -> QuerySet:
    return rows.filter(rating__gte=value)


HOSPITAL_PARAMETERS = {
    "country": parameters.Parameter(
        parameters.country, partial(_by, "country"), "ISO 3166 code of the country.", parameters.COUNTRY
    ),
    "city": parameters.Parameter(
        parameters.text,
        lambda rows, value: rows.filter(_in_any_language("city", "iexact", value)),
        "The city's whole name in any of the languages.",
    ),
    "specialization": parameters.Parameter(
        parameters.text,
        partial(_by_specialty, "specialties"),
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
    "search": parameters.Parameter(
        parameters.text, _search_hospitals, "Words in name, city or specialty; each must be found."
    ),
}

DOCTOR_PARAMETERS = {
    "specialty": parameters.Parameter(
        parameters.text,
        partial(_by_specialty, "specialty"),
        "Code of a specialty, as in /specialties.",
        parameters.CODE,
        recognise_specialty,
    ),
    "hospital_id": parameters.Parameter(
        parameters.uuid,
        lambda rows, value: practises_at(rows, hospital=value),
        "Practises at this hospital.",
        parameters.ID,
    ),
    "country": parameters.Parameter(
        parameters.country,
        lambda rows, value: practises_at(rows, hospital__country=value),
        "Practises in this country (ISO 3166).",
        parameters.COUNTRY,
    ),
    "city": parameters.Parameter(
        parameters.text,
        lambda rows, value: rows.filter(
            Exists(
                Affiliation.objects.active()
                .filter(doctor=OuterRef("pk"), hospital__verification="approved", hospital__is_active=True)
                .filter(_in_any_language("hospital__city", "iexact", value))
            )
        ),
        "Practises in this city: its whole name in any of the languages.",
    ),
    "is_available": parameters.Parameter(
        parameters.boolean,
        partial(_by, "is_bookable"),
        "Takes appointments: has consulting hours at a hospital.",
        parameters.BOOLEAN,
    ),
    "min_rating": parameters.Parameter(
        parameters.rating,
        _at_rated,
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
        parameters.boolean, partial(_by, "offers_teleconsult"), "Offers teleconsultations.", parameters.BOOLEAN
    ),
    "currency": parameters.Parameter(
        parameters.currency,
        lambda rows, value: rows.filter(currency=value, consultation_fee__isnull=False),
        "The fee is in this currency (ISO 4217). Needed to sort by fee: fees of two currencies cannot be compared.",
        {"type": "string", "pattern": "^[A-Z]{3}$", "example": "INR"},
    ),
    "search": parameters.Parameter(parameters.text, _search_doctors, "Words in name or specialty; each must be found."),
}
