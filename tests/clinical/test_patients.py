"""A patient exists from registration on; who sees whom."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from apps.accounts import services as account_services
from apps.accounts.roles import Role
from apps.clinical import selectors, services
from apps.clinical.models import Patient
from apps.common.exceptions import Invalid
from apps.common.models import AuditEntry
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def register(role, **details):
    return account_services.create_user(
        email=f"{role}@example.com", first_name="Ada", last_name="Eze", role=role, details=details
    )


def test_registering_as_a_patient_makes_one_with_what_was_given():
    user = register(Role.PATIENT, country="NG", birth_date=date(1990, 4, 1), gender="female", device="phone")
    patient = selectors.patient_of(user)
    assert (patient.country, patient.birth_date, patient.gender, patient.city) == (
        "NG", date(1990, 4, 1), "female", "",
    )  # fmt: skip


def test_nothing_needs_to_be_given():
    assert selectors.patient_of(register(Role.PATIENT)).gender == Patient.Gender.UNKNOWN


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.PATIENT}))
def test_registering_in_another_role_makes_no_patient(role, hospital):
    assert selectors.patient_of(register(role, hospital_id=str(hospital.pk))) is None
    assert not Patient.objects.exists()


def test_a_person_is_one_patient(patient):
    with pytest.raises(Invalid):
        services.create_patient(patient.user, by=None)
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.PATIENT}))
def test_only_someone_in_the_role_becomes_a_patient(role):
    with pytest.raises(Invalid):
        services.create_patient(UserFactory(role=role), by=None)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"country": "XX"}, {"gender": "robot"}, {"birth_date": date(2999, 1, 1)}, {"city": "x" * 121}]
)
def test_a_detail_that_cannot_be_changes_nothing(patient, coordinator, changes):
    with pytest.raises((ValidationError, Invalid)):
        services.update_patient(patient, by=coordinator, **changes)
    patient.refresh_from_db()
    assert (patient.country, patient.gender, patient.birth_date, patient.city) == ("NG", "unknown", None, "")


def test_a_coordinator_corrects_a_patient_and_the_trail_masks_what_is_medical(patient, coordinator):
    services.update_patient(patient, by=coordinator, city="Lagos", birth_date=date(1990, 4, 1))
    patient.refresh_from_db()
    assert (patient.city, patient.birth_date) == ("Lagos", date(1990, 4, 1))
    changes = AuditEntry.objects.filter(object_type="clinical.patient", action="changed").get().changes
    assert changes["city"] == ["", "Lagos"]
    assert "1990" not in str(changes)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("platform_admin", 2), ("coordinator", 2), ("support_agent", 0), ("translator", 0), ("hospital_admin", 0),
    ],
)  # fmt: skip
def test_who_sees_the_register_of_patients(request, patient, other_patient, who, sees):
    assert Patient.objects.visible_to(request.getfixturevalue(who)).count() == sees


def test_a_patient_sees_themself_and_a_doctor_nobody(patient, other_patient, doctor):
    assert list(Patient.objects.visible_to(patient.user)) == [patient]
    assert not Patient.objects.visible_to(doctor.user).exists()
