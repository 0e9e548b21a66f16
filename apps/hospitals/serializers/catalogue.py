"""Treatments and what hospitals offer of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.hospitals.models import Hospital, Offer, Treatment
from apps.hospitals.rules import LONGEST_ITEM, MAX_ITEMS
from apps.hospitals.selectors import AskedPrices, lines_of
from apps.media import links
from apps.media.serializers import PictureSerializer

from .fields import (
    LANGUAGES,
    MAX_DESCRIPTION,
    Row,
    SpecialtySummary,
    TextsField,
    Translated,
    texts_of,
    translated,
)
from .prices import CurrencyField, Price, PriceField

LONGEST_STAY = 365
MAX_PROCEDURES = 40


class CodeAndName(Translated):
    """A category or a procedure."""

    code = serializers.CharField()
    name = serializers.CharField()

    @staticmethod
    def of(row: Row, language: str, prefix: str = "") -> dict[str, Any]:
        return {"code": row[f"{prefix}code"], **translated(row, f"{prefix}name", language=language)}


class TreatmentSummary(Translated):
    """A treatment in the catalogue. The lowest price is that of the cheapest offer; null while nobody offers it."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    category = CodeAndName()
    specialty = SpecialtySummary()
    picture = PictureSerializer(allow_null=True)
    hospital_days = serializers.IntegerField(allow_null=True, help_text="As is usual; each hospital says its own.")
    stay_days = serializers.IntegerField(allow_null=True, help_text="Days in the country, those in hospital included.")
    offer_count = serializers.IntegerField(help_text="At how many hospitals.")
    lowest_price = Price(allow_null=True)

    @staticmethod
    def of(row: Row, language: str, prices: AskedPrices, today: date, *texts: str) -> dict[str, Any]:
        return {
            **{name: row[name] for name in ("id", "code", "hospital_days", "stay_days", "offer_count")},
            **translated(row, "name", *texts, language=language),
            "category": CodeAndName.of(row, language, "category__"),
            "specialty": SpecialtySummary.of(row, language, "specialty__"),
            "picture": links.picture(row["picture__key"], row["picture__variants"]),
            "lowest_price": _price(row["lowest"], prices, today),
        }


def _price(found: Mapping[str, str] | None, prices: AskedPrices, today: date) -> dict[str, Any] | None:
    return Price.of(found["amount"], found["currency"], prices, today) if found else None


class TreatmentTexts(serializers.Serializer):
    name = TextsField(max_length=160)
    description = TextsField(max_length=MAX_DESCRIPTION)
    recovery = TextsField(max_length=MAX_DESCRIPTION)


class TreatmentManagement(serializers.Serializer):
    """What staff of the platform see beside the public page."""

    is_active = serializers.BooleanField()
    texts = TreatmentTexts()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")

    @staticmethod
    def of(treatment: Treatment) -> dict[str, Any]:
        return {
            "is_active": treatment.is_active,
            "texts": texts_of(treatment, "name", "description", "recovery"),
            "text_status": treatment.text_status,
        }


class TreatmentDetail(TreatmentSummary):
    """A treatment's page. `management` is null but for staff of the platform."""

    description = serializers.CharField()
    recovery = serializers.CharField()
    procedures = CodeAndName(many=True)
    highest_price = Price(allow_null=True)
    management = TreatmentManagement(allow_null=True)

    @staticmethod
    def of(
        row: Row,
        language: str,
        prices: AskedPrices,
        today: date,
        *texts: str,
        managed: Treatment | None = None,
    ) -> dict[str, Any]:
        return {
            **TreatmentSummary.of(row, language, prices, today, "description", "recovery", *texts),
            "procedures": [CodeAndName.of(procedure, language) for procedure in row["made_of"]],
            "highest_price": _price(row["highest"], prices, today),
            "management": TreatmentManagement.of(managed) if managed else None,
        }


class OfferTerms(Translated):
    """What a hospital offers of a treatment, for how much."""

    id = serializers.UUIDField()
    price = Price()
    hospital_days = serializers.IntegerField(allow_null=True)
    stay_days = serializers.IntegerField(allow_null=True, help_text="Days in the country, those in hospital included.")
    success_rate = serializers.DecimalField(
        max_digits=4, decimal_places=1, allow_null=True, help_text="In percent, as the hospital states it."
    )
    inclusions = serializers.ListField(child=serializers.CharField())
    exclusions = serializers.ListField(child=serializers.CharField())

    @staticmethod
    def of(row: Row, language: str, prices: AskedPrices, today: date) -> dict[str, Any]:
        days = {
            name: row[name] if row[name] is not None else row[f"treatment__{name}"]
            for name in ("hospital_days", "stay_days")
        }
        return {
            "id": row["id"],
            "price": Price.of(row["price"], row["currency"], prices, today),
            **days,
            "success_rate": row["success_rate"],
            **translated_items(row, "inclusions", "exclusions", language=language),
        }


def translated_items(row: Row, *names: str, language: str, texts: tuple[str, ...] = ()) -> dict[str, Any]:
    """As `translated`, with `names` as lists of items, and `texts` as they are."""
    shown = translated(row, *texts, *names, language=language)
    return {**shown, **{name: lines_of(shown[name]) for name in names}}


class OfferHospital(Translated):
    """Where a treatment is offered."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    type = serializers.ChoiceField(choices=Hospital.Type.choices)
    cover = PictureSerializer(allow_null=True)
    rating = serializers.DecimalField(max_digits=3, decimal_places=2, allow_null=True)
    rating_count = serializers.IntegerField()
    accreditations = serializers.ListField(child=serializers.CharField(), help_text="Codes, as JCI.")


class TreatmentOffer(OfferTerms):
    """A hospital's offer, in the list of a treatment."""

    hospital = OfferHospital()

    @staticmethod
    def of(row: Row, language: str, prices: AskedPrices, today: date) -> dict[str, Any]:
        plain = ("id", "type", "country", "rating_count")
        hospital = {
            **translated(row, "hospital__name", "hospital__city", language=language),
            **{name: row[f"hospital__{name}"] for name in plain},
            "cover": links.picture(row["hospital__cover__key"], row["hospital__cover__variants"]),
            "rating": row["hospital__rating"] if row["hospital__rating_count"] else None,
            "accreditations": row["accredited_by"],
        }
        return {**OfferTerms.of(row, language, prices, today), "hospital": hospital}


class OfferedTreatment(Translated):
    """What is offered."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    category = CodeAndName()
    specialty = SpecialtySummary()
    picture = PictureSerializer(allow_null=True)


class HospitalOffer(OfferTerms):
    """A hospital's offer, in the list of the hospital. Only those who keep it see one that is not active."""

    treatment = OfferedTreatment()
    is_active = serializers.BooleanField()

    @staticmethod
    def of(row: Row, language: str, prices: AskedPrices, today: date) -> dict[str, Any]:
        treatment = {
            "id": row["treatment__id"],
            "code": row["treatment__code"],
            **translated(row, "treatment__name", language=language),
            "category": CodeAndName.of(row, language, "treatment__category__"),
            "specialty": SpecialtySummary.of(row, language, "treatment__specialty__"),
            "picture": links.picture(row["treatment__picture__key"], row["treatment__picture__variants"]),
        }
        terms = OfferTerms.of(row, language, prices, today)
        return {**terms, "treatment": treatment, "is_active": row["is_active"]}


class ItemsByLanguage(serializers.Serializer):
    """Lists of items as they are written."""

    inclusions = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    exclusions = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


def items_of(obj: Any, *names: str) -> dict[str, dict[str, list[str]]]:
    """A row's lists by language, as they are written."""
    return {name: {code: lines_of(getattr(obj, f"{name}_{code}")) for code in LANGUAGES} for name in names}


class OfferManagement(serializers.Serializer):
    """What those who keep an offer see beside what is public: the days as the offer itself says them."""

    hospital_days = serializers.IntegerField(allow_null=True)
    stay_days = serializers.IntegerField(allow_null=True)
    texts = ItemsByLanguage()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")

    @staticmethod
    def of(offer: Offer) -> dict[str, Any]:
        return {
            "hospital_days": offer.hospital_days,
            "stay_days": offer.stay_days,
            "texts": items_of(offer, "inclusions", "exclusions"),
            "text_status": offer.text_status,
        }


class HospitalOfferDetail(HospitalOffer):
    """One offer. `management` is null but for the hospital's staff and the platform's."""

    management = OfferManagement(allow_null=True)

    @staticmethod
    def of(
        row: Row, language: str, prices: AskedPrices, today: date, *, managed: Offer | None = None
    ) -> dict[str, Any]:
        shown = HospitalOffer.of(row, language, prices, today)
        return {**shown, "management": OfferManagement.of(managed) if managed else None}


# --- what comes in ---------------------------------------------------------------------------------------------------


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string", "maxLength": LONGEST_ITEM},
                                 "maxItems": MAX_ITEMS},
        "description": "Language to list. What is not named stays; an empty list goes, and English is shown instead.",
        "example": {"en": ["Surgeon's fee", "Five nights in a private room"]},
    }
)  # fmt: skip
class ItemsField(serializers.Field):
    """A list of items by language; kept as a text of a line an item."""

    default_error_messages = {
        "object": _("Give an object of lists by language: en, ar, hi, es, fr."),
        "language": _("Choose one of: {names}."),
        "list": _("Give a list of texts."),
    }

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            self.fail("object")
        for language, items in data.items():
            if language not in LANGUAGES:
                self.fail("language", names=", ".join(LANGUAGES))
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                self.fail("list")
        return {language: "\n".join(" ".join(item.split()) for item in items) for language, items in data.items()}

    def to_representation(self, value: Any) -> Any:
        return value


def days_input() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=LONGEST_STAY, required=False, allow_null=True)


class TreatmentChanges(serializers.Serializer):
    """What changes of a treatment; what is not named stays."""

    name = TextsField(max_length=160)
    description = TextsField(max_length=MAX_DESCRIPTION, required=False)
    recovery = TextsField(max_length=MAX_DESCRIPTION, required=False)
    category = serializers.CharField(max_length=60, help_text="Code of a category.")
    specialty = serializers.CharField(max_length=60, help_text="Code of a specialty.")
    procedures = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=MAX_PROCEDURES,
        help_text="Codes of procedures.",
    )
    hospital_days = days_input()
    stay_days = days_input()
    picture_id = serializers.UUIDField(required=False, allow_null=True, help_text="A public image of your uploads.")
    is_active = serializers.BooleanField(required=False)


class TreatmentInput(TreatmentChanges):
    """A new treatment. The code is made of the English name where none is given, and never changes."""

    name = TextsField(max_length=160, needs_english=True)
    code = serializers.SlugField(max_length=60, required=False)


class OfferChanges(serializers.Serializer):
    """What changes of an offer; what is not named stays."""

    price = PriceField()
    currency = CurrencyField(required=False)
    hospital_days = days_input()
    stay_days = days_input()
    success_rate = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=0, max_value=100, required=False, allow_null=True
    )
    inclusions = ItemsField(required=False)
    exclusions = ItemsField(required=False)
    is_active = serializers.BooleanField(required=False)


class OfferInput(OfferChanges):
    """A treatment that a hospital offers from now on; the price is in the hospital's currency unless one is named."""

    treatment_id = serializers.UUIDField()
