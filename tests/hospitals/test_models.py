"""The doctor's copy of the account's columns is kept by the database, whoever writes."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.common.models import AuditEntry
from apps.hospitals.models import Affiliation, Doctor
from tests.factories.hospitals import AffiliationFactory, DoctorFactory

pytestmark = pytest.mark.django_db


def test_a_new_doctor_carries_the_accounts_name():
    doctor = DoctorFactory(user__first_name="Ana", user__last_name="de la Cruz")
    doctor.refresh_from_db()
    assert (doctor.first_name, doctor.last_name, doctor.sort_name) == ("Ana", "de la Cruz", "de la cruz ana")
    assert doctor.is_account_active


def test_a_bulk_rename_reaches_the_profile_without_an_audit_entry_of_its_own(doctor):
    entries = AuditEntry.objects.filter(object_type="hospitals.doctor").count()
    User.objects.filter(pk=doctor.user_id).update(last_name="Rao")
    doctor.refresh_from_db()
    assert doctor.last_name == "Rao"
    assert doctor.sort_name.startswith("rao ")
    assert AuditEntry.objects.filter(object_type="hospitals.doctor").count() == entries


def test_a_stale_profile_cannot_write_an_old_name_back(doctor):
    stale = Doctor.objects.get(pk=doctor.pk)
    User.objects.filter(pk=doctor.user_id).update(first_name="Meera")
    stale.save()
    assert Doctor.objects.get(pk=doctor.pk).first_name == "Meera"


def test_deactivating_the_account_takes_the_doctor_off_the_list(doctor):
    today = timezone.now().date()
    assert Doctor.objects.listed(today).filter(pk=doctor.pk).exists()
    User.objects.filter(pk=doctor.user_id).update(is_active=False)
    assert not Doctor.objects.listed(today).filter(pk=doctor.pk).exists()
    User.objects.filter(pk=doctor.user_id).update(is_active=True)
    assert Doctor.objects.listed(today).filter(pk=doctor.pk).exists()


def test_the_database_refuses_a_second_primary_hospital(doctor, other_hospital):
    with pytest.raises(IntegrityError, match="affiliation_one_primary"), transaction.atomic():
        AffiliationFactory(doctor=doctor, hospital=other_hospital)


def test_the_database_refuses_a_second_live_affiliation_with_one_hospital(doctor, hospital):
    with pytest.raises(IntegrityError, match="affiliation_once_at_a_time"), transaction.atomic():
        AffiliationFactory(doctor=doctor, hospital=hospital, is_primary=False)
    Affiliation.objects.filter(doctor=doctor).update(status="ended")
    AffiliationFactory(doctor=doctor, hospital=hospital)


@pytest.mark.parametrize("kind", ["doctor", "hospital"])
def test_the_database_refuses_a_rejection_without_a_reason(kind, request):
    row = request.getfixturevalue(kind)
    with pytest.raises(IntegrityError, match="rejection_has_a_reason"), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(verification="rejected")
