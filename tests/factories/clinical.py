"""Patients, what their pages list, and files of their records."""

from datetime import date
from decimal import Decimal

import factory
from django.utils import timezone

from apps.accounts.roles import Role
from apps.clinical import models

from .accounts import UserFactory
from .media import DocumentFactory


class PatientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Patient

    user = factory.SubFactory(UserFactory, role=Role.PATIENT)
    country = "NG"


class OnboardedFactory(PatientFactory):
    """An adult whose medical information was given."""

    birth_date = date(1980, 2, 29)
    gender = "female"
    height_cm = Decimal("170.0")
    weight_kg = Decimal("70.0")
    blood_group = "A+"
    onboarded_at = factory.LazyFunction(timezone.now)


class GuardianFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Guardian

    patient = factory.SubFactory(PatientFactory)
    name = "Ngozi Bello"
    relation = "mother"
    phone = "+2348031234567"


class AllergyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Allergy

    patient = factory.SubFactory(OnboardedFactory)
    substance = factory.Sequence(lambda n: f"Substance {n}")


class PolicyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.InsurancePolicy

    patient = factory.SubFactory(PatientFactory)
    insurer = "Lagoon Health"
    number = factory.Sequence(lambda n: f"LH-7788-{n:06d}")


class MedicalFileFactory(DocumentFactory):
    """A PDF that somebody uploaded for a record; no object lies behind it."""

    purpose = "medical_record"


class InsurerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.InsuranceProvider

    code = factory.Sequence(lambda n: f"insurer-{n}")
    name_en = factory.Sequence(lambda n: f"Insurer {n}")
    country = "DE"


class VerificationFactory(factory.django.DjangoModelFactory):
    """A coordinator is to ask."""

    class Meta:
        model = models.InsuranceVerification

    policy = factory.SubFactory(PolicyFactory)
    kind = "manual"
    status = "staff"
    asked_at = factory.LazyFunction(timezone.now)
