"""The directory."""

import factory
from django.utils import timezone

from apps.accounts.roles import Role
from apps.hospitals import models
from apps.hospitals.workflow import AffiliationStatus, Verification

from .accounts import UserFactory
from .media import DocumentFactory, StoredFileFactory


class SpecialtyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Specialty
        django_get_or_create = ("code",)

    code = "cardiology"
    name = "Cardiology"
    practitioner = "Cardiologist"


class HospitalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Hospital

    name = factory.Sequence(lambda n: f"Hospital {n}")
    country = "IN"
    city = "Chennai"
    time_zone = "Asia/Kolkata"
    currency = "INR"
    verification = Verification.APPROVED


class HospitalStaffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.HospitalStaff

    hospital = factory.SubFactory(HospitalFactory)
    user = factory.SubFactory(UserFactory, role=Role.HOSPITAL_ADMIN)


class LicenceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Licence

    number = factory.Sequence(lambda n: f"TNMC-{n}")
    country = "IN"
    verification = Verification.APPROVED


class DoctorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Doctor

    user = factory.SubFactory(UserFactory, role=Role.DOCTOR)
    specialty = factory.SubFactory(SpecialtyFactory)
    practising_since = 2005
    consultation_fee = 1500
    currency = "INR"
    languages = ["en", "hi"]
    verification = Verification.APPROVED
    licence = factory.RelatedFactory(LicenceFactory, factory_related_name="doctor")

    @classmethod
    def _after_postgeneration(cls, instance, create, results=None):
        """The database says until when the doctor is licensed."""
        if create:
            instance.refresh_from_db(fields=["licensed_until"])


class AffiliationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Affiliation

    doctor = factory.SubFactory(DoctorFactory)
    hospital = factory.SubFactory(HospitalFactory)
    status = AffiliationStatus.ACTIVE
    is_primary = True
    doctor_agreed_at = factory.LazyFunction(timezone.now)
    hospital_agreed_at = factory.LazyAttribute(
        lambda row: row.doctor_agreed_at if row.status == AffiliationStatus.ACTIVE else None
    )


class AccreditationBodyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.AccreditationBody
        django_get_or_create = ("code",)

    code = "JCI"
    name = "Joint Commission International"
    website = "https://www.jointcommissioninternational.org"


class AccreditationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Accreditation

    hospital = factory.SubFactory(HospitalFactory)
    body = factory.SubFactory(AccreditationBodyFactory)
    number = factory.Sequence(lambda n: f"A-{n}")
    verification = Verification.APPROVED


class BankAccountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.BankAccount

    hospital = factory.SubFactory(HospitalFactory)
    holder = "Lotus Hospitals Ltd"
    bank = "Union Bank"
    country = "IN"
    number = factory.Sequence(lambda n: f"3085010{n:08d}")
    bic = "UBININBB"
    currency = "INR"


class HospitalImageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.HospitalImage

    hospital = factory.SubFactory(HospitalFactory)
    file = factory.SubFactory(StoredFileFactory)
    position = factory.Sequence(lambda n: n)


class HospitalDocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.HospitalDocument

    hospital = factory.SubFactory(HospitalFactory)
    file = factory.SubFactory(DocumentFactory)
    kind = models.HospitalDocument.Kind.LICENCE
