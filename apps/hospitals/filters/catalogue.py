"""The filters of treatments, offers and packages."""

from datetime import date
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from apps.hospitals.models import Hospital, Offer, Package, Specialty, Treatment, TreatmentCategory

from . import directory, parameters, prices, searching

LONGEST_DAYS = 365
_DAYS = {"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS, "example": 14}


def _recognise_category(code: str) -> None:
    if not TreatmentCategory.objects.filter(code=code).exists():
        raise parameters.WrongValueError(_("There is no category “%(code)s”.") % {"code": code})


def offered(rows: QuerySet, **offer: Any) -> QuerySet:
    """Treatments that a listed hospital offers so."""
    return rows.filter(Exists(Offer.objects.listed().filter(treatment=OuterRef("pk"), **offer)))


def days(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:4]) <= LONGEST_DAYS and len(value) <= 3):
        raise parameters.WrongValueError(_("Give a whole number from 1 to %(maximum)d.") % {"maximum": LONGEST_DAYS})
    return int(value)


def day(value: str) -> date:
    try:
        found = date.fromisoformat(value)
    except ValueError as error:
        raise parameters.WrongValueError(_("This is not a day, such as 2027-01-31.")) from error
    if not 2000 <= found.year <= 2100:
        raise parameters.WrongValueError(_("This is not a day, such as 2027-01-31."))
    return found


def _with_treatment(rows: QuerySet, value: str) -> QuerySet:
    named = Treatment.objects.filter(code=value).order_by().values("pk")
    parts: Any = Package.treatments.through
    return rows.filter(Exists(parts.objects.filter(treatment__in=named, package=OuterRef("pk"))))


def _recognise_treatment(code: str) -> None:
    if not Treatment.objects.listed().filter(code=code).exists():
        raise parameters.WrongValueError(_("There is no treatment “%(code)s”.") % {"code": code})


def _at_hospital(rows: QuerySet, value: Any) -> QuerySet:
    listed = Hospital.objects.listed().filter(pk=value).order_by().values("pk")
    places: Any = Package.hospitals.through
    return rows.filter(Exists(places.objects.filter(hospital__in=listed, package=OuterRef("pk"))))


_IS_ACTIVE = parameters.Parameter(
    parameters.boolean,
    partial(parameters.by, "is_active"),
    "Everything public is active; those who keep the rows also see, with `false`, what is not.",
    parameters.BOOLEAN,
)
TREATMENT_PARAMETERS = {
    "category": parameters.Parameter(
        parameters.text,
        partial(parameters.by_code, "category", TreatmentCategory),
        "Code of a category, as in /treatment-categories.",
        parameters.CODE | {"example": "cardiac-care"},
        _recognise_category,
    ),
    "specialty": parameters.Parameter(
        parameters.text,
        partial(parameters.by_code, "specialty", Specialty),
        "Code of a specialty, as in /specialties.",
        parameters.CODE,
        directory.recognise_specialty,
    ),
    "is_active": _IS_ACTIVE,
    "search": searching.search_parameter("name, category, specialty, procedures or description"),
    "country": parameters.Parameter(
        parameters.country,
        lambda rows, value: offered(rows, hospital__country=value),
        "A hospital in this country (ISO 3166) offers it; prices are then of this country's hospitals.",
        parameters.COUNTRY,
    ),
    **prices.price_parameters(),
}

#: Of one treatment at all hospitals.
TREATMENT_OFFER_PARAMETERS = {
    "country": parameters.Parameter(
        parameters.country,
        partial(parameters.by, "hospital__country"),
        "Where the hospital is (ISO 3166).",
        parameters.COUNTRY,
    ),
    **prices.price_parameters(),
}

#: Of one hospital's treatments.
HOSPITAL_OFFER_PARAMETERS = {
    "category": parameters.Parameter(
        parameters.text,
        partial(parameters.by_code, "treatment__category", TreatmentCategory),
        "Code of a category, as in /treatment-categories.",
        parameters.CODE | {"example": "cardiac-care"},
        _recognise_category,
    ),
    "is_active": _IS_ACTIVE,
    **prices.price_parameters(),
}

PACKAGE_PARAMETERS = {
    "country": parameters.Parameter(
        parameters.country, partial(parameters.by, "country"), "Where the journey goes (ISO 3166).", parameters.COUNTRY
    ),
    "duration": parameters.Parameter(days, partial(parameters.by, "days"), "Lasts so many days.", _DAYS),
    "duration_min": parameters.Parameter(
        days, partial(parameters.by, "days__gte"), "Lasts at least so many days.", _DAYS
    ),
    "duration_max": parameters.Parameter(
        days, partial(parameters.by, "days__lte"), "Lasts at most so many days.", _DAYS
    ),
    "treatment": parameters.Parameter(
        parameters.text,
        _with_treatment,
        "Code of a treatment that it contains.",
        parameters.CODE | {"example": "knee-replacement"},
        _recognise_treatment,
    ),
    "hospital_id": parameters.Parameter(parameters.uuid, _at_hospital, "At this hospital.", parameters.ID),
    "search": searching.search_parameter("name, city, country, treatments, hospitals or description"),
    "is_active": _IS_ACTIVE,
    "price_on": parameters.Parameter(
        day,
        prices.stays,
        "The price is that of a journey beginning on this day (today, if not said): seasons have their own.",
        {"type": "string", "format": "date", "example": "2027-01-31"},
    ),
    **prices.price_parameters(),
}
