"""Verbs on packages. All of them hold their package's lock, so that two changes of its seasons never mix."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.common import audit
from apps.common.exceptions import Invalid
from apps.hospitals import exceptions, rules
from apps.hospitals.models import Hospital, Offer, Package, PackageSeason, Treatment

from . import codes, items, texts

LISTS = frozenset({"inclusions", "exclusions"})
PLAIN = frozenset(
    {
        "country", "days", "price", "currency", "includes_flights", "includes_stay", "includes_transfers", "picture",
        "is_active",
    }
)  # fmt: skip
SEASON_TEXTS = frozenset({"name"})
SEASON_PLAIN = frozenset({"starts_on", "ends_on", "price"})
#: A change of these is looked at as a whole.
COMPOSITION = frozenset({"country", "treatments", "hospitals"})


@transaction.atomic
def create_package(
    *,
    by: User | None,
    name: texts.Texts,
    country: str,
    days: int,
    price: Decimal,
    currency: str,
    treatments: Collection[UUID],
    hospitals: Collection[UUID],
    code: str | None = None,
    seasons: Sequence[Mapping[str, Any]] = (),
    **details: Any,
) -> Package:
    """The package is there, and listed while active. Treatments and hospitals are ids; a season is {"name": {...},
    "starts_on", "ends_on", "price"}; the code comes of the English name where none is given.

    Raises Forbidden, CodeTaken, Invalid.
    """
    refusal = rules.why_not_keep_catalogue({"code"}, rules.PACKAGE_TEXTS, by=by)
    if refusal:
        raise refusal
    package = Package()
    given = {"name": name, "country": country, "days": days, "price": price, "currency": currency, **details}
    _write(package, given)
    codes.give(package, code)
    package.save()
    _compose(package, treatments, hospitals)
    _set_seasons(package, seasons)
    return package


@transaction.atomic
def update_package(package: Package, *, by: User | None, **changes: Any) -> Package:
    """The package says what `changes` say; the rest stays, and so does its code. Treatments, hospitals and seasons are
    lists that replace the ones before. A new currency comes with a new price, and with the seasons if there are any.

    Raises Forbidden, SeasonsOverlap, Invalid.
    """
    package = Package.objects.lock(package.pk)
    refusal = rules.why_not_keep_catalogue(changes, rules.PACKAGE_TEXTS, by=by)
    refusal = refusal or rules.why_not_change_currency(package, changes, has_seasons=package.seasons.exists())
    if refusal:
        raise refusal
    recomposed = COMPOSITION & changes.keys()
    treatments, hospitals = changes.pop("treatments", None), changes.pop("hospitals", None)
    seasons = changes.pop("seasons", None)
    _write(package, changes)
    package.save()
    if recomposed:
        _compose(package, treatments, hospitals)
    if seasons is not None:
        _set_seasons(package, seasons)
    return package


@transaction.atomic
def deactivate_package(package: Package, *, by: User | None) -> Package:
    """The package is off the list and stays. Once more changes nothing. Raises Forbidden."""
    package = Package.objects.lock(package.pk)
    refusal = rules.why_not_keep_catalogue({"is_active"}, rules.PACKAGE_TEXTS, by=by)
    if refusal:
        raise refusal
    if package.is_active:
        package.is_active = False
        package.save(update_fields=["is_active", "updated_at"])
    return package


def _write(package: Package, changes: Mapping[str, Any]) -> None:
    changes = items.tidy(changes, LISTS)
    texts.write(package, changes, texts=rules.PACKAGE_TEXTS, plain=PLAIN)
    texts.require_english(package, ["name"])
    if "price" in changes or "currency" in changes:
        refusal = rules.why_wrong_price(package.price, package.currency)
        if refusal:
            raise refusal


def _compose(package: Package, treatments: Collection[UUID] | None, hospitals: Collection[UUID] | None) -> None:
    """The package is made of these; None leaves what is. The caller holds the package's lock."""
    parts = list(package.treatments.all()) if treatments is None else _named(Treatment, treatments, "treatments")
    places = list(package.hospitals.all()) if hospitals is None else _named(Hospital, hospitals, "hospitals")
    offered = defaultdict(set)
    offers = Offer.objects.filter(hospital__in=places, treatment__in=parts, is_active=True)
    for hospital, treatment in offers.order_by().values_list("hospital", "treatment"):
        offered[hospital].add(treatment)
    refusal = rules.why_not_compose(package, parts, places, offered)
    if refusal:
        raise refusal
    before = {"treatments": package.treatments.all(), "hospitals": package.hospitals.all()}
    after = {"treatments": parts, "hospitals": places}
    changed = {name: [_ids(rows), _ids(after[name])] for name, rows in before.items()}
    package.treatments.set(parts)
    package.hospitals.set(places)
    changed = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    if changed:
        audit.record("package.composed", package, **changed)


def _ids(rows: Iterable[Any]) -> list[str]:
    return sorted(str(row.pk) for row in rows)


def _named(model: Any, ids: Collection[UUID], field: str) -> list[Any]:
    found = model.objects.in_bulk(ids)
    if any(pk not in found for pk in ids):
        raise Invalid(errors={field: [_("There is no such entry.")]})
    return list(found.values())


def _set_seasons(package: Package, seasons: Sequence[Mapping[str, Any]]) -> None:
    """The package has these seasons and no others. The caller holds the package's lock.

    A season is known by its first day: one that stays keeps the texts that are not named. In this order (those that go,
    those that stay, those that are new) no two of them overlap on the way either.
    """
    refusal = rules.why_wrong_seasons(seasons, package.currency)
    if refusal:
        raise refusal
    known: dict[date, PackageSeason] = {season.starts_on: season for season in package.seasons.all()}
    wanted = {given["starts_on"] for given in seasons}
    try:
        with transaction.atomic():
            package.seasons.exclude(starts_on__in=wanted).delete()
            for index, given in sorted(enumerate(seasons), key=lambda entry: entry[1]["starts_on"] not in known):
                season = known.get(given["starts_on"]) or PackageSeason(package=package)
                _write_season(season, given, field=f"seasons.{index}")
    except IntegrityError as error:
        if isinstance(error.__cause__, psycopg.errors.ExclusionViolation):
            raise exceptions.SeasonsOverlap(errors={"seasons": [exceptions.SeasonsOverlap.message]}) from error
        raise


def _write_season(season: PackageSeason, given: Mapping[str, Any], *, field: str) -> None:
    try:
        texts.write(season, given, texts=SEASON_TEXTS, plain=SEASON_PLAIN)
        texts.require_english(season, ["name"])
    except Invalid as refusal:
        raise Invalid(errors={f"{field}.{name}": said for name, said in refusal.errors.items()}) from refusal
    season.save()
