"""Consents, care, emergencies, and the rows of a record that they open."""

from datetime import date, timedelta

import factory
from django.utils import timezone

from apps.clinical import models
from apps.common import ids

from .clinical import PatientFactory
from .hospitals import HospitalFactory


class ConsentTextFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ConsentText
        django_get_or_create = ("version",)

    version = 1
    body_en = "I agree that the people I name here read the parts of my record that I choose."
    body_ar = "أوافق"
    body_hi = "मैं सहमत हूँ"
    body_es = "Acepto"
    body_fr = "J’accepte"
    published_at = factory.LazyFunction(timezone.now)


class CareFactory(factory.django.DjangoModelFactory):
    """A doctor of a hospital cares for a patient since yesterday, with no end yet."""

    class Meta:
        model = models.CareRelationship

    patient = factory.SubFactory(PatientFactory)
    doctor = None
    hospital = factory.SubFactory(HospitalFactory)
    subject_type = "appointment"
    subject_id = factory.LazyFunction(ids.uuid7)
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class GrantFactory(factory.django.DjangoModelFactory):
    """A consent since yesterday, for everything, for a month: to whom must be said."""

    class Meta:
        model = models.ConsentGrant

    patient = factory.SubFactory(PatientFactory)
    grantee = factory.LazyAttribute(
        lambda o: next((who for who in ("doctor", "hospital", "coordinator") if getattr(o, who)), "coordination")
    )
    doctor = None
    hospital = None
    coordinator = None
    scopes = models.Scope.values
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))
    text = factory.SubFactory(ConsentTextFactory)
    language = "en"
    given_by = factory.SelfAttribute("patient.user")
    given_at = factory.SelfAttribute("starts_at")


class EmergencyFactory(factory.django.DjangoModelFactory):
    """Begun a minute ago, for two hours."""

    class Meta:
        model = models.EmergencyAccess

    patient = factory.SubFactory(PatientFactory)
    doctor = None
    reason = "Unconscious in our emergency department."
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=1))
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + timedelta(hours=2))


class RecordFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.MedicalRecord

    patient = factory.SubFactory(PatientFactory)
    type = "mri"
    title = "MRI of the knee"
    recorded_on = date(2026, 11, 2)
    uploaded_by = factory.SelfAttribute("patient.user")
