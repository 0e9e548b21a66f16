"""Laboratories and tests in them."""

from datetime import timedelta

import factory
from django.utils import timezone

from apps.clinical import models, services
from apps.clinical.workflow import LabTestStatus
from apps.notifications.models import Message

from .clinical import PatientFactory
from .hospitals import DoctorFactory, HospitalFactory

#: A potassium on its upper limit, and one far above it.
NORMAL = {"name": "Potassium", "code": "2823-3", "number": "5.1", "unit": "mmol/L", "low": "3.5", "high": "5.1"}
CRITICAL = NORMAL | {"number": "6.9", "critical_low": "2.5", "critical_high": "6.5"}


class LaboratoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Laboratory

    hospital = factory.SubFactory(HospitalFactory)
    name = factory.Sequence(lambda n: f"Laboratory {n}")
    country = "IN"
    city = "Chennai"


class LabTestFactory(factory.django.DjangoModelFactory):
    """The sample is taken; asked for two hours ago."""

    class Meta:
        model = models.LabTest

    patient = factory.SubFactory(PatientFactory)
    doctor = factory.SubFactory(DoctorFactory)
    laboratory = factory.SubFactory(LaboratoryFactory)
    name = "Potassium"
    code = "2823-3"
    status = LabTestStatus.SAMPLE_TAKEN
    sampled_at = factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1))


def with_result(test, staff, *, values=(NORMAL,), **more):
    """The test with a result that the laboratory has reported."""
    result = services.report_result(test.pk, by=staff, values=values, **more)
    test.refresh_from_db()
    return result


def in_care(patient, doctor, hospital, *, subject_id=None, ended_at=None):
    """The doctor cares for the patient at the hospital since yesterday."""
    return models.CareRelationship.objects.create(
        patient=patient, doctor=doctor, hospital=hospital, subject_type="appointment",
        subject_id=subject_id or patient.pk, starts_at=timezone.now() - timedelta(days=1), ends_at=ended_at,
    )  # fmt: skip


def told(user):
    """What a person was told of laboratory tests in the app, in order: kinds of message."""
    rows = Message.objects.filter(recipient=user, channel="in_app", kind__startswith="clinical.lab").order_by("pk")
    return [row.kind.removeprefix("clinical.") for row in rows]
