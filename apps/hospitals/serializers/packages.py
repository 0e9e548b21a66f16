"""Packages and their seasons."""

from datetime import date
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.hospitals.models import Package, PackageSeason
from apps.hospitals.rules import MAX_HOSPITALS, MAX_SEASONS, MAX_TREATMENTS
from apps.hospitals.selectors import AskedPrices
from apps.media import links
from apps.media.serializers import PictureSerializer

from .catalogue import ItemsByLanguage, ItemsField, items_of, translated_items
from .fields import MAX_DESCRIPTION, CountryField, Row, TextsField, Translated, texts_of, translated
from .prices import CurrencyField, Price, PriceField

LONGEST_PACKAGE = 180


class PackageTreatment(Translated):
    """A treatment of a package."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()


class PackageHospital(Translated):
    """A hospital where a package can be had."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()
    rating = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)
    rating_count = serializers.IntegerField()


class Season(Translated):
    """Days with a price of their own."""

    name = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    price = Price()


class PackageSummary(Translated):
    """A package in the list. `price` is for one patient whose journey begins on `price_on`."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    days = serializers.IntegerField()
    price = Price()
    price_on = serializers.DateField()
    regular_price = Price(help_text="Outside the seasons.")
    seasons = Season(many=True, help_text="Those that are not over on `price_on`.")
    treatments = PackageTreatment(many=True)
    hospitals = PackageHospital(many=True)
    includes_flights = serializers.BooleanField()
    includes_stay = serializers.BooleanField()
    includes_transfers = serializers.BooleanField()
    inclusions = serializers.ListField(child=serializers.CharField())
    exclusions = serializers.ListField(child=serializers.CharField())
    picture = PictureSerializer(allow_null=True)

    @staticmethod
    def of(row: Row, language: str, prices: AskedPrices, today: date, on: date, *texts: str) -> dict[str, Any]:
        currency, written = row["currency"], ("name", "city", *texts)
        plain = ("id", "code", "country", "days", "includes_flights", "includes_stay", "includes_transfers")
        return {
            **{name: row[name] for name in plain},
            **translated_items(row, "inclusions", "exclusions", language=language, texts=written),
            "price": Price.of(_effective(row, on), currency, prices, today),
            "price_on": on,
            "regular_price": Price.of(row["price"], currency, prices, today),
            "seasons": [
                {
                    **translated(season, "name", language=language),
                    "starts_on": season["starts_on"],
                    "ends_on": season["ends_on"],
                    "price": Price.of(season["amount"], currency, prices, today),
                }
                for season in row["coming_seasons"]
            ],
            "treatments": [
                {"id": part["id"], "code": part["code"], **translated(part, "name", language=language)}
                for part in row["parts"]
            ],
            "hospitals": [_hospital(place, language) for place in row["places"]],
            "picture": links.picture(row["picture__key"], row["picture__variants"]),
        }


def _effective(row: Row, on: date) -> Decimal | str:
    """The price of a journey that begins on this day. The seasons are those not over by then, the first first."""
    first = next(iter(row["coming_seasons"]), None)
    return first["amount"] if first and first["starts_on"] <= on.isoformat() else row["price"]


def _hospital(place: Row, language: str) -> dict[str, Any]:
    return {
        "id": place["id"],
        **translated(place, "name", "city", language=language),
        "rating": place["rating"] if place["rating_count"] else None,
        "rating_count": place["rating_count"],
    }


class PackageTexts(ItemsByLanguage):
    name = TextsField(max_length=160)
    description = TextsField(max_length=MAX_DESCRIPTION)
    city = TextsField(max_length=120)


class SeasonManagement(serializers.Serializer):
    """A season as it is written, past ones too."""

    name = TextsField(max_length=120)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    price = serializers.CharField()

    @staticmethod
    def of(season: PackageSeason, currency: str) -> dict[str, Any]:
        return {
            **texts_of(season, "name"),
            "starts_on": season.starts_on,
            "ends_on": season.ends_on,
            "price": Price.of(season.price, currency, AskedPrices(), season.starts_on)["amount"],
        }


class PackageManagement(serializers.Serializer):
    """What staff of the platform see beside the public page: also hospitals that are not listed at present."""

    is_active = serializers.BooleanField()
    treatments = serializers.ListField(child=serializers.UUIDField())
    hospitals = serializers.ListField(child=serializers.UUIDField())
    seasons = SeasonManagement(many=True)
    texts = PackageTexts()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")

    @staticmethod
    def of(package: Package) -> dict[str, Any]:
        return {
            "is_active": package.is_active,
            "treatments": [treatment.pk for treatment in package.treatments.all()],
            "hospitals": [hospital.pk for hospital in package.hospitals.all()],
            "seasons": [SeasonManagement.of(season, package.currency) for season in package.seasons.all()],
            "texts": {
                **texts_of(package, "name", "description", "city"),
                **items_of(package, "inclusions", "exclusions"),
            },
            "text_status": package.text_status,
        }


class PackageDetail(PackageSummary):
    """A package's page. `management` is null but for staff of the platform."""

    description = serializers.CharField()
    management = PackageManagement(allow_null=True)

    @staticmethod
    def of(
        row: Row,
        language: str,
        prices: AskedPrices,
        today: date,
        on: date,
        *texts: str,
        managed: Package | None = None,
    ) -> dict[str, Any]:
        return {
            **PackageSummary.of(row, language, prices, today, on, "description", *texts),
            "management": PackageManagement.of(managed) if managed else None,
        }


class SeasonInput(serializers.Serializer):
    """A season, in the package's currency. It is known by its first day: one that stays keeps texts not named."""

    name = TextsField(max_length=120)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    price = PriceField()


class PackageChanges(serializers.Serializer):
    """What changes of a package; what is not named stays. Treatments, hospitals and seasons replace those before."""

    name = TextsField(max_length=160)
    description = TextsField(max_length=MAX_DESCRIPTION, required=False)
    country = CountryField()
    city = TextsField(max_length=120, required=False)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_PACKAGE)
    price = PriceField()
    currency = CurrencyField()
    treatments = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_TREATMENTS, help_text="Ids of treatments."
    )
    hospitals = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_HOSPITALS, help_text="Ids of hospitals."
    )
    seasons = SeasonInput(many=True, required=False, max_length=MAX_SEASONS)
    includes_flights = serializers.BooleanField(required=False)
    includes_stay = serializers.BooleanField(required=False)
    includes_transfers = serializers.BooleanField(required=False)
    inclusions = ItemsField(required=False)
    exclusions = ItemsField(required=False)
    picture_id = serializers.UUIDField(required=False, allow_null=True, help_text="A public image of your uploads.")
    is_active = serializers.BooleanField(required=False)


class PackageInput(PackageChanges):
    """A new package. The code is made of the English name where none is given, and never changes."""

    name = TextsField(max_length=160, needs_english=True)
    code = serializers.SlugField(max_length=60, required=False)
