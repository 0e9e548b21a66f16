"""A doctor who cares for a patient, a laboratory, and its tests: fixtures of the tests of laboratories."""

import pytest

from apps.clinical.models import ConsentGrant, ConsentText, Scope
from tests.factories.laboratories import LaboratoryFactory, LabTestFactory, in_care


@pytest.fixture
def laboratory(hospital):
    return LaboratoryFactory(hospital=hospital)


@pytest.fixture
def care(patient, doctor, hospital):
    return in_care(patient, doctor, hospital)


@pytest.fixture
def lab_test(patient, doctor, laboratory, care):
    """Asked for by the doctor, its sample taken."""
    return LabTestFactory(patient=patient, doctor=doctor, laboratory=laboratory)


@pytest.fixture
def consent(patient):
    """`consent(doctor=…)`, `consent(coordinator=…)`: the patient lets them see everything for a day."""

    def consent(scopes=Scope.values, **grantee):
        now = patient.created_at
        text, _made = ConsentText.objects.get_or_create(
            version=1, defaults={f"body_{code}": "…" for code in ("en", "ar", "hi", "es", "fr")}
        )
        return ConsentGrant.objects.create(
            patient=patient, grantee=next(iter(grantee)), scopes=scopes, starts_at=now, ends_at=now.replace(year=2090),
            text=text, language="en", given_by=patient.user, given_at=now, **grantee,
        )  # fmt: skip

    return consent
