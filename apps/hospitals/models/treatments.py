"""The catalogue of treatments, and what each hospital offers of it."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import audit, texts
from apps.common.models import TranslatedModel
from apps.hospitals import querysets
from apps.media.models import StoredFile

from . import derived
from .base import Searchable, currency_field, days_field, price_field, price_in_euro_field, search_index
from .hospitals import Hospital
from .reference import Procedure, Specialty, TreatmentCategory


class Treatment(Searchable, TranslatedModel):
    """One entry of the catalogue that all hospitals share; days are what is usual, each offer says its own."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    recovery = models.TextField(_("recovery"), blank=True)
    category = models.ForeignKey(
        TreatmentCategory, verbose_name=_("category"), on_delete=models.PROTECT, related_name="treatments"
    )
    specialty = models.ForeignKey(
        Specialty, verbose_name=_("specialty"), on_delete=models.PROTECT, related_name="treatments"
    )
    procedures = models.ManyToManyField(Procedure, verbose_name=_("procedures"), blank=True, related_name="treatments")
    hospital_days = days_field(_("days in hospital"))
    stay_days = days_field(_("days in the country"), help_text=_("Hospital days included."))
    picture = models.ForeignKey(
        StoredFile, verbose_name=_("picture"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Inactive treatments are not listed."))
    # Kept by the database from what listed hospitals offer, for the list's order and filters.
    lowest_in_euro = price_in_euro_field(_("lowest price in euros"))
    offer_count = models.PositiveIntegerField(_("number of offers"), default=0, editable=False)

    objects = querysets.CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")
        ordering: ClassVar = ["name_en", "id"]
        indexes: ClassVar = [
            models.Index(fields=["name_en", "id"], name="treatment_by_name"),
            models.Index(fields=["category", "name_en", "id"], name="treatment_by_category"),
            models.Index(fields=["lowest_in_euro", "id"], name="treatment_by_price"),
            search_index("treatment"),
            texts.status_index("treatment_text_status"),
        ]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status", "search", "lowest_in_euro", "offer_count"]),
            texts.kept("name", "description", "recovery"),
            derived.of_treatment(),
            derived.treatment_changed(),
        ]

    def __str__(self) -> str:
        return self.name


class Offer(TranslatedModel):
    """A hospital does a treatment at a price in its currency. Inclusions and exclusions are texts of a line an item."""

    hospital = models.ForeignKey(Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="offers")
    treatment = models.ForeignKey(
        Treatment, verbose_name=_("treatment"), on_delete=models.PROTECT, related_name="offers"
    )
    price = price_field(_("price"))
    currency = currency_field()
    price_in_euro = price_in_euro_field(_("price in euros"))
    hospital_days = days_field(_("days in hospital"))
    stay_days = days_field(_("days in the country"), help_text=_("Hospital days included."))
    success_rate = models.DecimalField(
        _("success rate (%)"), max_digits=4, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text=_("As the hospital states it, in percent."),
    )  # fmt: skip
    inclusions = models.TextField(_("included"), blank=True, help_text=_("One item a line."))
    exclusions = models.TextField(_("not included"), blank=True, help_text=_("One item a line."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Inactive offers are not listed."))

    objects = querysets.OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering: ClassVar = ["price_in_euro", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hospital", "treatment"], name="offer_once_for_each_treatment"),
            models.CheckConstraint(condition=models.Q(price__gt=0), name="offer_has_a_price"),
            models.CheckConstraint(
                condition=models.Q(success_rate=None) | models.Q(success_rate__gte=0, success_rate__lte=100),
                name="offer_success_rate_is_percent",
            ),
            models.CheckConstraint(
                condition=models.Q(hospital_days=None)
                | models.Q(stay_days=None)
                | models.Q(stay_days__gte=models.F("hospital_days")),
                name="offer_stay_holds_the_hospital_days",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["treatment", "price_in_euro", "id"], name="offer_by_treatment"),
            models.Index(fields=["hospital", "price_in_euro", "id"], name="offer_by_hospital"),
        ]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status", "price_in_euro"]),
            texts.kept("inclusions", "exclusions"),
            derived.of_offer(),
            *derived.offers_changed(),
        ]

    def __str__(self) -> str:
        return f"{self.treatment} · {self.hospital}"
