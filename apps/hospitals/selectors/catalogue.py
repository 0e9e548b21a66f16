"""Treatments, offers and packages as the public and their keepers read them: one query a page."""

from datetime import date
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DecimalField, Exists, F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, JSONObject

from apps.hospitals import models
from apps.hospitals.models import Accreditation, Hospital, Offer, Package, PackageSeason, Procedure, Treatment
from apps.hospitals.querysets import WHOLE_DIRECTORY

from .prices import AskedPrices
from .rows import all_columns, as_json, columns, text_statuses, written_once

_PRICE = JSONObject(amount=Cast("price", TextField()), currency="currency")  # a number of JSON would become a float
_IN_EURO = DecimalField(max_digits=16, decimal_places=4, null=True)
_OF_TREATMENT = ("category__name", "specialty__name", "specialty__practitioner")
_OF_HOSPITAL = ("hospital__name", "hospital__city")


# --- treatments ------------------------------------------------------------------------------------------------------


@cache
def _extreme_offer(order: str, country: str | None = None) -> RawSQL:
    """The price of a treatment's cheapest offer, or of its dearest, at the listed hospitals (of a country)."""
    offers = Offer.objects.listed().filter(treatment=OuterRef("pk"))
    if country:
        offers = offers.filter(hospital__country=country)
    by_price = (
        F("price_in_euro").asc(nulls_last=True) if order == "lowest" else F("price_in_euro").desc(nulls_last=True)
    )
    return written_once(Treatment, Subquery(offers.order_by(by_price, "pk").raw_values(json=_PRICE)[:1]))


@cache
def _treatments(language: str, country: str | None = None, *more: str) -> Any:
    rows = Treatment.objects.alias(sort_name=models.sort_name(language)).raw_values(
        "id", "code", "hospital_days", "stay_days", "offer_count", "category__code", "specialty__code",
        "picture__key", "picture__variants", *more,
        *columns("name", *_OF_TREATMENT, language=language),
        lowest=_extreme_offer("lowest", country),
    )  # fmt: skip
    return rows.annotate(**text_statuses("", "category__", "specialty__", language=None if more else language))


def treatment_rows(language: str, prices: AskedPrices, *, user: Any, every: bool, country: str | None) -> QuerySet:
    """The catalogue as rows; with `every`, all that `user` may read. A range of prices finds the treatments with an
    offer in it. With a country, prices are of its hospitals alone, the order by price (`lowest_in_order`) included."""
    rows = _treatments(language, country)
    rows = rows.readable_by(user) if every else rows.listed()
    there = Offer.objects.listed().filter(treatment=OuterRef("pk"))
    if country:
        there = there.filter(hospital__country=country)
        lowest: Any = Subquery(there.order_by("price_in_euro").raw_values("price_in_euro")[:1], output_field=_IN_EURO)
    else:
        lowest = F("lowest_in_euro")
    if prices.minimum is None and not country:
        rows = rows.filter(**prices.lookups("lowest_in_euro"))
    elif prices.has_range:
        rows = rows.filter(Exists(there.filter(**prices.lookups("price_in_euro"))))
    return rows.alias(lowest_in_order=lowest)


@cache
def _procedures(language: str) -> RawSQL:
    rows = Procedure.objects.filter(treatments=OuterRef("pk")).order_by("code")
    shown = as_json("code", *columns("name", language=language), **text_statuses("", language=language))
    return written_once(Treatment, ArraySubquery(rows.raw_values(json=shown)))


def treatment_row(pk: UUID, *, user: Any, language: str) -> dict[str, Any]:
    """One treatment as `user` may read it. Raises DoesNotExist."""
    rows = _treatments(language, None, *all_columns("description", "recovery"))
    rows = rows.annotate(made_of=_procedures(language), highest=_extreme_offer("highest"))
    return rows.readable_by(user).get(pk=pk)


def managed_treatment(pk: UUID, user: Any) -> Treatment | None:
    """The treatment as the platform's staff see it; None for everyone else."""
    return Treatment.objects.visible_to(user).filter(pk=pk).first() if _keeps_catalogue(user) else None


# --- offers ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _accreditations(today: date) -> RawSQL:
    """By whom an offer's hospital is accredited: approved, and not lapsed on `today` (UTC)."""
    rows = Accreditation.objects.filter(hospital=OuterRef("hospital_id"), verification="approved").exclude(
        expires_on__lt=today
    )
    codes = rows.order_by("body__code").values_list("body__code", flat=True).distinct()
    return written_once(Offer, ArraySubquery(codes))


_OFFER = (
    "id", "price", "currency", "hospital_days", "stay_days", "success_rate", "is_active",
    "treatment__hospital_days", "treatment__stay_days",
)  # fmt: skip


@lru_cache(maxsize=20)
def _offers_of_treatment(language: str, today: date) -> Any:
    rows = Offer.objects.raw_values(
        *_OFFER, "hospital__id", "hospital__type", "hospital__country", "hospital__rating", "hospital__rating_count",
        "hospital__cover__key", "hospital__cover__variants",
        *columns("inclusions", "exclusions", *_OF_HOSPITAL, language=language),
        accredited_by=_accreditations(today),
    )  # fmt: skip
    return rows.annotate(**text_statuses("", "hospital__", language=language))


def treatment_offer_rows(treatment: UUID, language: str, prices: AskedPrices, today: date) -> QuerySet:
    """What listed hospitals offer of a treatment, as rows."""
    rows = _offers_of_treatment(language, today).listed().filter(treatment=treatment)
    return rows.filter(**prices.lookups("price_in_euro"))


@cache
def _offers_of_hospital(language: str, *more: str) -> Any:
    rows = Offer.objects.raw_values(
        *_OFFER, "treatment__id", "treatment__code", "treatment__category__code", "treatment__specialty__code",
        "treatment__picture__key", "treatment__picture__variants", *more,
        *columns(
            "inclusions", "exclusions", "treatment__name", *(f"treatment__{name}" for name in _OF_TREATMENT),
            language=language,
        ),
    )  # fmt: skip
    relations = ("", "treatment__", "treatment__category__", "treatment__specialty__")
    return rows.annotate(**text_statuses(*relations, language=language))


def hospital_offer_rows(hospital: UUID, language: str, prices: AskedPrices, *, user: Any, every: bool) -> QuerySet:
    """What a hospital offers, as rows; with `every`, all that `user` may read."""
    rows = _offers_of_hospital(language).filter(hospital=hospital)
    rows = rows.readable_by(user) if every else rows.listed()
    return rows.filter(**prices.lookups("price_in_euro"))


def hospital_offer_row(hospital: UUID, treatment: UUID, *, user: Any, language: str) -> dict[str, Any]:
    """One offer as `user` may read it. Raises DoesNotExist."""
    return _offers_of_hospital(language).readable_by(user).get(hospital=hospital, treatment=treatment)


def managed_offer(pk: UUID, user: Any) -> Offer | None:
    """The offer as the hospital's staff and the platform's see it; None for everyone else."""
    return Offer.objects.visible_to(user).filter(pk=pk).first() if user.is_authenticated else None


# --- packages --------------------------------------------------------------------------------------------------------


@cache
def _parts(language: str) -> RawSQL:
    rows = Treatment.objects.filter(packages=OuterRef("pk")).order_by("name_en", "pk")
    shown = as_json("id", "code", *columns("name", language=language), **text_statuses("", language=language))
    return written_once(Package, ArraySubquery(rows.raw_values(json=shown)))


@cache
def _places(language: str) -> RawSQL:
    rows = Hospital.objects.listed().filter(packages=OuterRef("pk")).order_by("-rating", "pk")
    shown = as_json(
        "id", "rating_count", *columns("name", "city", language=language),
        rating=Cast("rating", TextField()), **text_statuses("", language=language),
    )  # fmt: skip
    return written_once(Package, ArraySubquery(rows.raw_values(json=shown)))


@lru_cache(maxsize=40)
def _seasons(language: str, day: date) -> RawSQL:
    """The seasons that are not over on `day`, the first first."""
    rows = PackageSeason.objects.filter(package=OuterRef("pk"), ends_on__gte=day).order_by("starts_on")
    shown = as_json(
        "starts_on", "ends_on", *columns("name", language=language),
        amount=Cast("price", TextField()), **text_statuses("", language=language),
    )  # fmt: skip
    return written_once(Package, ArraySubquery(rows.raw_values(json=shown)))


@lru_cache(maxsize=40)
def _packages(language: str, day: date, *more: str) -> Any:
    season = PackageSeason.objects.filter(package=OuterRef("pk"), starts_on__lte=day, ends_on__gte=day)
    effective = Coalesce(
        Subquery(season.order_by().raw_values("price_in_euro")[:1]), F("price_in_euro"), output_field=_IN_EURO
    )
    rows = Package.objects.alias(sort_name=models.sort_name(language), effective_in_euro=effective).raw_values(
        "id", "code", "country", "days", "price", "currency", "includes_flights", "includes_stay", "includes_transfers",
        "picture__key", "picture__variants", *more,
        *columns("name", "city", "inclusions", "exclusions", language=language),
        parts=_parts(language), places=_places(language), coming_seasons=_seasons(language, day),
    )  # fmt: skip
    return rows.annotate(**text_statuses("", language=None if more else language))


def package_rows(language: str, prices: AskedPrices, day: date, *, user: Any, every: bool) -> QuerySet:
    """Packages as rows, at the prices of journeys that begin on `day`; with `every`, all that `user` may read."""
    rows = _packages(language, day)
    rows = rows.readable_by(user) if every else rows.listed()
    return rows.filter(**prices.lookups("effective_in_euro"))


def package_row(pk: UUID, day: date, *, user: Any, language: str) -> dict[str, Any]:
    """One package as `user` may read it, at the prices of `day`. Raises DoesNotExist."""
    return _packages(language, day, *all_columns("description")).readable_by(user).get(pk=pk)


def managed_package(pk: UUID, user: Any) -> Package | None:
    """The package as the platform's staff see it; None for everyone else."""
    packages = Package.objects.visible_to(user).prefetch_related("treatments", "hospitals", "seasons")
    return packages.filter(pk=pk).first() if _keeps_catalogue(user) else None


def _keeps_catalogue(user: Any) -> bool:
    return user.is_authenticated and user.role in WHOLE_DIRECTORY
