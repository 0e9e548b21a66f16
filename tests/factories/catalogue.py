"""Treatments, offers and packages."""

from datetime import date
from decimal import Decimal

import factory

from apps.common import exchange
from apps.common.models import ExchangeRate
from apps.hospitals import models

from .hospitals import HospitalFactory, SpecialtyFactory


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.TreatmentCategory
        django_get_or_create = ("code",)

    code = "cardiac-care"
    name = "Heart care"


class ProcedureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Procedure
        django_get_or_create = ("code",)

    code = "coronary-angiography"
    name = "Coronary angiography"
    specialty = factory.SubFactory(SpecialtyFactory)


class TreatmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Treatment

    code = factory.Sequence(lambda n: f"treatment-{n}")
    name = factory.Sequence(lambda n: f"Treatment {n}")
    category = factory.SubFactory(CategoryFactory)
    specialty = factory.SubFactory(SpecialtyFactory)


class OfferFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Offer

    hospital = factory.SubFactory(HospitalFactory)
    treatment = factory.SubFactory(TreatmentFactory)
    price = Decimal(480_000)
    currency = "INR"


class PackageFactory(factory.django.DjangoModelFactory):
    """By default of one treatment at one hospital of the country, which offers it."""

    class Meta:
        model = models.Package
        skip_postgeneration_save = True

    code = factory.Sequence(lambda n: f"package-{n}")
    name = factory.Sequence(lambda n: f"Package {n}")
    country = "IN"
    days = 14
    price = Decimal(600_000)
    currency = "INR"

    @factory.post_generation
    def treatments(self, create, given, **kwargs):
        self.treatments.set([TreatmentFactory()] if given is None else given)

    @factory.post_generation
    def hospitals(self, create, given, **kwargs):
        self.hospitals.set([HospitalFactory(country=self.country)] if given is None else given)
        for hospital in self.hospitals.all():
            for treatment in self.treatments.all():
                models.Offer.objects.get_or_create(
                    hospital=hospital, treatment=treatment, defaults={"price": 480_000, "currency": "INR"}
                )


class SeasonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.PackageSeason

    package = factory.SubFactory(PackageFactory)
    name = "High season"
    starts_on = date(2027, 1, 1)
    ends_on = date(2027, 1, 31)
    price = Decimal(700_000)


#: What one euro costs in the tests' world.
RATES = {"INR": "100", "USD": "1.25", "TRY": "50", "KWD": "0.35", "JPY": "160"}


def store_rates(on: date = date(2026, 11, 20), source: str = "ECB", **rates: str) -> None:
    """The rates of a day, or those of `RATES`."""
    for currency, per_euro in (rates or RATES).items():
        ExchangeRate.objects.create(currency=currency, on=on, per_euro=Decimal(per_euro), source=source)
    exchange.newest.forget()
