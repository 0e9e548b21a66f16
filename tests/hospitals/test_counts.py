"""How the rows of a list are counted: with what narrows it, and without what its rows only show."""

import pytest

from apps.common.api import pagination
from apps.hospitals.models import Doctor
from tests.factories.hospitals import DoctorFactory, LicenceFactory

pytestmark = pytest.mark.django_db


def test_the_total_is_counted_without_what_rows_only_show():
    shown = Doctor.objects.filter(is_active=True).values("id", "specialty__name_en", "user__email")
    narrowed = shown.filter(specialty__code="cardiology")
    assert "JOIN" in str(shown.query)
    assert "hospitals_specialty" not in str(pagination.ids_alone(shown).query)
    assert "hospitals_specialty" in str(pagination.ids_alone(narrowed).query)
    DoctorFactory.create_batch(3)
    DoctorFactory(specialty=None)
    assert len(pagination.ids_alone(shown)) == 4
    assert len(pagination.ids_alone(narrowed)) == 3


def test_a_join_that_multiplies_rows_is_counted():
    doctor = DoctorFactory()
    LicenceFactory(doctor=doctor)
    licences = Doctor.objects.values("id", "licences__number")
    assert len(pagination.ids_alone(licences)) == len(licences) == 2
