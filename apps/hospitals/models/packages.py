"""Packages: several treatments at hospitals of a country, with what belongs to the journey, at one price."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.common import audit, ranges, texts
from apps.common.models import TranslatedModel
from apps.hospitals import querysets
from apps.media.models import StoredFile

from . import derived
from .base import Searchable, currency_field, price_field, price_in_euro_field, search_index
from .hospitals import Hospital
from .treatments import Treatment

LONGEST_PACKAGE_DAYS = 180


class Package(Searchable, TranslatedModel):
    """A journey that is sold as one. The price is for one patient outside the seasons that have their own."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    country = CountryField(_("country"))
    city = models.CharField(_("city"), max_length=120, blank=True)
    days = models.PositiveSmallIntegerField(
        _("days"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST_PACKAGE_DAYS)]
    )
    price = price_field(_("price"))
    currency = currency_field()
    price_in_euro = price_in_euro_field(_("price in euros"))
    treatments = models.ManyToManyField(Treatment, verbose_name=_("treatments"), related_name="packages")
    hospitals = models.ManyToManyField(Hospital, verbose_name=_("hospitals"), related_name="packages")
    includes_flights = models.BooleanField(_("flights included"), default=False)
    includes_stay = models.BooleanField(_("stay included"), default=False)
    includes_transfers = models.BooleanField(_("transfers included"), default=False)
    inclusions = models.TextField(_("included"), blank=True, help_text=_("One item a line."))
    exclusions = models.TextField(_("not included"), blank=True, help_text=_("One item a line."))
    picture = models.ForeignKey(
        StoredFile, verbose_name=_("picture"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Inactive packages are not listed."))

    objects = querysets.PackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        ordering: ClassVar = ["price_in_euro", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(price__gt=0), name="package_has_a_price"),
            models.CheckConstraint(
                condition=models.Q(days__gte=1, days__lte=LONGEST_PACKAGE_DAYS), name="package_lasts_some_days"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["country", "price_in_euro", "id"], name="package_by_country"),
            models.Index(fields=["price_in_euro", "id"], name="package_by_price"),
            search_index("package"),
            texts.status_index("package_text_status"),
        ]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status", "search", "price_in_euro"]),
            texts.kept("name", "description", "city", "inclusions", "exclusions"),
            derived.of_package(),
            derived.package_changed(),
        ]

    def __str__(self) -> str:
        return self.name


class PackageSeason(TranslatedModel):
    """Another price of a package from and through some days; two seasons of a package never overlap."""

    part_of = "package"

    package = models.ForeignKey(Package, verbose_name=_("package"), on_delete=models.CASCADE, related_name="seasons")
    name = models.CharField(_("name"), max_length=120)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("through"))
    price = price_field(_("price"), help_text=_("In the package's currency."))
    price_in_euro = price_in_euro_field(_("price in euros"))

    objects = querysets.SeasonQuerySet.as_manager()

    class Meta:
        verbose_name = _("season")
        verbose_name_plural = _("seasons")
        ordering: ClassVar = ["starts_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(price__gt=0), name="season_has_a_price"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="season_ends_after_it_starts"
            ),
            ExclusionConstraint(
                name="season_no_overlap",
                expressions=[
                    (ranges.itself("package"), RangeOperators.OVERLAPS),
                    (
                        models.Func(
                            "starts_on", "ends_on", models.Value("[]"),
                            function="daterange", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Another season of this package has some of these days."),
            ),
        ]  # fmt: skip
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status", "price_in_euro"]),
            texts.kept("name"),
            derived.of_season(),
        ]

    def __str__(self) -> str:
        return self.name
