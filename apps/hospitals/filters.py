"""The filters of the public lists: each parsed by one function, a wrong value refused by name with 400.

These lists are the hottest pages, so they do without forms: a table of parameters is both the parser and the schema.

Search looks into names in every language, specialty and city; every word must be found. It reads the listed rows (there
is no trigram index without an extension): accent folding and full text come with the search of the directory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from apps.common import money
from apps.common.exceptions import Invalid

from . import selectors
from .models import Affiliation, Specialty
from .validators import SPOKEN

LANGUAGES = [code for code, _label in settings.LANGUAGES]
MAX_TEXT = 100
MAX_WORDS = 6
HIGHEST_RATING = 5


class WrongValueError(ValueError):
    """What was given cannot be meant; the text says what could be."""


@dataclass(frozen=True)
class Parameter:
    """One filter: how its text is read (WrongValueError refuses it), and how it narrows the rows."""

    parse: Callable[[str], Any]
    narrow: Callable[[QuerySet, Any], QuerySet]
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "maxLength": MAX_TEXT})
    #: Refuses a value that may be unknown; asked only where nothing was found, as then alone it can be.
    recognise: Callable[[Any], None] | None = None


class ParameterBackend(BaseFilterBackend):
    """Narrows by the view's `parameters` (name -> Parameter); one not given, or given empty, does nothing."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        asked = request.query_params
        for name, parameter in view.parameters.items():
            text = asked.get(name)
            if text:
                try:
                    queryset = parameter.narrow(queryset, parameter.parse(text))
                except WrongValueError as error:
                    raise Invalid(errors={name: [str(error)]}) from error
        return queryset

    @staticmethod
    def refuse_unknown(request: Request, view: Any) -> None:
        """Where nothing was found: whether that is because a value names nothing that exists. Raises Invalid."""
        for name, parameter in view.parameters.items():
            text = request.query_params.get(name)
            if text and parameter.recognise:
                try:
                    parameter.recognise(parameter.parse(text))
                except WrongValueError as error:
                    raise Invalid(errors={name: [str(error)]}) from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": parameter.description,
                "schema": dict(parameter.schema),
            }
            for name, parameter in view.parameters.items()
        ]


def text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise WrongValueError(
            ngettext("At most %(count)d character.", "At most %(count)d characters.", MAX_TEXT) % {"count": MAX_TEXT}
        )
    return value.strip()


def boolean(value: str) -> bool:
    if value not in {"true", "false"}:
        raise WrongValueError(_("Choose one of: %(names)s.") % {"names": "true, false"})
    return value == "true"


def uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise WrongValueError(_("This is not an id.")) from error


def country(value: str) -> str:
    if value not in countries.countries:
        raise WrongValueError(_("This is not a country code, such as IN."))
    return value


def currency(value: str) -> str:
    if value not in money.numbers.list_currencies():
        raise WrongValueError(_("This is not a currency code, such as USD."))
    return value


def spoken_language(value: str) -> str:
    if value not in SPOKEN:
        raise WrongValueError(_("This is not a language code, such as en."))
    return value


def rating(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise WrongValueError(_("Give a number from 0 to 5.")) from error
    if not (number.is_finite() and 0 <= number <= HIGHEST_RATING):
        raise WrongValueError(_("Give a number from 0 to 5."))
    return number


def recognise_specialty(code: str) -> None:
    if not Specialty.objects.filter(code=code).exists():
        raise WrongValueError(_("There is no specialty “%(code)s”.") % {"code": code})


def _by_specialty(lookup: str, rows: QuerySet, code: str) -> QuerySet:
    """By the specialty's id, looked up in the same query: rows are then found by their own index."""
    return rows.filter(**{lookup: Subquery(Specialty.objects.filter(code=code).order_by().values("pk"))})


def _in_any_language(name: str, lookup: str, value: str) -> Q:
    found = Q()
    for language in LANGUAGES:
        found |= Q(**{f"{name}_{language}__{lookup}": value})
    return found


def practises_at(rows: QuerySet, **hospital: Any) -> QuerySet:
    """Doctors with an active affiliation with a listed hospital of that kind."""
    active = Affiliation.objects.active().filter(
        doctor=OuterRef("pk"), hospital__verification="approved", hospital__is_active=True, **hospital
    )
    return rows.filter(Exists(active))


def _words(value: str) -> list[str]:
    return value.split()[:MAX_WORDS]


def _search_doctors(rows: QuerySet, value: str) -> QuerySet:
    for word in _words(value):
        specialties = Specialty.objects.filter(selectors.matching_specialties(word, LANGUAGES)).order_by().values("pk")
        rows = rows.filter(Q(sort_name__contains=word.lower()) | Q(specialty__in=specialties))
    return rows


def _search_hospitals(rows: QuerySet, value: str) -> QuerySet:
    for word in _words(value):
        specialties = Specialty.objects.filter(selectors.matching_specialties(word, LANGUAGES))
        rows = rows.filter(
            _in_any_language("name", "icontains", word)
            | _in_any_language("city", "icontains", word)
            | Q(pk__in=specialties.order_by().values("hospitals"))
        )
    return rows


_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$", "example": "IN"}
_BOOLEAN = {"type": "boolean"}
_UUID = {"type": "string", "format": "uuid"}
_CODE = {"type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 60, "example": "cardiology"}


def _by(lookup: str, rows: QuerySet, value: Any) -> QuerySet:
    return rows.filter(**{lookup: value})


def _at_rated(rows: QuerySet, value: Decimal) -> QuerySet:
    return rows.filter(rating__gte=value)


HOSPITAL_PARAMETERS = {
    "country": Parameter(country, partial(_by, "country"), "ISO 3166 code of the country.", _COUNTRY),
    "city": Parameter(
        text,
        lambda rows, value: rows.filter(_in_any_language("city", "iexact", value)),
        "The city's whole name in any of the languages.",
    ),
    "specialization": Parameter(
        text,
        partial(_by_specialty, "specialties"),
        "Code of a specialty, as in /specialties.",
        _CODE,
        recognise_specialty,
    ),
    "is_verified": Parameter(
        boolean,
        lambda rows, value: rows if value else rows.exclude(verification="approved"),
        "Everything public is verified; staff of the platform see with `false` those that wait or were rejected.",
        _BOOLEAN,
    ),
    "search": Parameter(text, _search_hospitals, "Words in name, city or specialty; each must be found."),
}

DOCTOR_PARAMETERS = {
    "specialty": Parameter(
        text,
        partial(_by_specialty, "specialty"),
        "Code of a specialty, as in /specialties.",
        _CODE,
        recognise_specialty,
    ),
    "hospital_id": Parameter(
        uuid, lambda rows, value: practises_at(rows, hospital=value), "Practises at this hospital.", _UUID
    ),
    "country": Parameter(
        country,
        lambda rows, value: practises_at(rows, hospital__country=value),
        "Practises in this country (ISO 3166).",
        _COUNTRY,
    ),
    "city": Parameter(
        text,
        lambda rows, value: rows.filter(
            Exists(
                Affiliation.objects.active()
                .filter(doctor=OuterRef("pk"), hospital__verification="approved", hospital__is_active=True)
                .filter(_in_any_language("hospital__city", "iexact", value))
            )
        ),
        "Practises in this city: its whole name in any of the languages.",
    ),
    "is_available": Parameter(
        boolean, partial(_by, "is_bookable"), "Takes appointments: has consulting hours at a hospital.", _BOOLEAN
    ),
    "min_rating": Parameter(
        rating, _at_rated, "Rated at least so.", {"type": "number", "minimum": 0, "maximum": HIGHEST_RATING}
    ),
    "language": Parameter(
        spoken_language,
        lambda rows, value: rows.filter(languages__contains=[value]),
        "Speaks this language (ISO 639).",
        {"type": "string", "pattern": "^[a-z]{2,3}$", "example": "ar"},
    ),
    "teleconsult": Parameter(boolean, partial(_by, "offers_teleconsult"), "Offers teleconsultations.", _BOOLEAN),
    "currency": Parameter(
        currency,
        lambda rows, value: rows.filter(currency=value, consultation_fee__isnull=False),
        "The fee is in this currency (ISO 4217). Needed to sort by fee: fees of two currencies cannot be compared.",
        {"type": "string", "pattern": "^[A-Z]{3}$", "example": "INR"},
    ),
    "search": Parameter(text, _search_doctors, "Words in name or specialty; each must be found."),
}
