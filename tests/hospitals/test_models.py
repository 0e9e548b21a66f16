"""The doctor's copy of the account's columns is kept by the database, whoever writes."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.common.models import AuditEntry
from apps.hospitals.models import Affiliation, Doctor, Licence
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, LicenceFactory

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


def test_a_doctor_is_licensed_until_the_longest_approved_licence_ends_whoever_writes(doctor):
    def until():
        doctor.refresh_from_db()
        return doctor.licensed_until

    doctor.licences.update(expires_on=date(2030, 1, 31))
    assert until() == date(2030, 1, 31)
    longer = LicenceFactory(doctor=doctor, country="TR", expires_on=date(2031, 1, 31), verification="pending")
    assert until() == date(2030, 1, 31), "one that waits does not count"
    Licence.objects.filter(pk=longer.pk).update(verification="approved")
    assert until() == date(2031, 1, 31)
    Licence.objects.filter(pk=longer.pk).update(expires_on=None)
    assert until() == date(9999, 12, 31), "it does not lapse"
    longer.delete()
    assert until() == date(2030, 1, 31)
    doctor.licences.update(verification="rejected", rejection_reason="Revoked.")
    assert until() is None


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"verification": "approved"}, {"verification": "pending", "expires_on": date(2031, 1, 1)}, None),
        ({"verification": "approved"}, {"verification": "pending"}, "licence_once"),
        (
            {"verification": "approved", "expires_on": None},
            {"verification": "pending", "expires_on": None},
            "licence_once",
        ),
        (
            {"verification": "pending"},
            {"verification": "pending", "expires_on": date(2031, 1, 1)},
            "licence_waits_once",
        ),
    ],
)
def test_a_renewed_licence_keeps_its_number_and_waits_once(doctor, first, second, refused):
    same = {"doctor": doctor, "number": "TN-7", "expires_on": date(2030, 1, 1)}
    LicenceFactory(**same | first)
    if refused is None:
        LicenceFactory(**same | second)
    else:
        with pytest.raises(IntegrityError, match=refused), transaction.atomic():
            LicenceFactory(**same | second)
    assert doctor.licences.filter(number="TN-7").count() == (2 if refused is None else 1)
