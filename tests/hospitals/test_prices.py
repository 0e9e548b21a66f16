"""Prices that can be compared: by the newest rates, also after new ones, and also where triggers did not run."""

from datetime import timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.utils import timezone

from apps.common import search
from apps.common.exchange import Rate
from apps.common.exchange import services as exchange_services
from apps.common.models import AuditEntry
from apps.hospitals import services, tasks
from apps.hospitals.models import Affiliation, Doctor, Hospital, PackageSeason
from apps.hospitals.services import derived
from tests.factories.catalogue import OfferFactory, PackageFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory

pytestmark = pytest.mark.django_db


def store(day, **per_euro):
    today = timezone.now().date()
    rates = [Rate(currency, today - timedelta(days=day), Decimal(rate), "ECB") for currency, rate in per_euro.items()]
    exchange_services.store_rates(rates, today=today)


@pytest.fixture
def priced(db):
    """One of everything that has a price, at 100 rupees for a euro."""
    store(1, INR="100", USD="1.25")
    doctor = DoctorFactory(consultation_fee=1500, currency="INR")
    offer = OfferFactory(price=300_000, currency="INR")
    package = PackageFactory(price=500_000, currency="INR", treatments=[offer.treatment], hospitals=[offer.hospital])
    season = PackageSeason.objects.create(
        package=package, name="Peak", starts_on="2030-06-01", ends_on="2030-08-31", price=600_000
    )
    return doctor, offer, offer.treatment, package, season


def in_euro(rows):
    for row in rows:
        row.refresh_from_db()
    doctor, offer, treatment, package, season = rows
    return (
        doctor.fee_in_euro, offer.price_in_euro, treatment.lowest_in_euro, package.price_in_euro, season.price_in_euro
    )  # fmt: skip


def test_new_rates_reprice_everything_once_they_are_stored(priced, django_capture_on_commit_callbacks):
    assert in_euro(priced) == (15, 3000, 3000, 5000, 6000)
    with django_capture_on_commit_callbacks(execute=True):
        store(0, INR="80")
    assert in_euro(priced) == (Decimal("18.75"), 3750, 3750, 6250, 7500)


def test_repricing_again_writes_nothing_and_repricing_leaves_no_trace_in_the_audit_trail(priced):
    store(0, INR="80")
    entries = AuditEntry.objects.count()
    assert sum(services.reprice().values()) == 4
    assert sum(services.reprice().values()) == 0
    assert AuditEntry.objects.count() == entries


def test_a_rate_that_is_kept_out_reprices_nothing(priced, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        store(0, INR="1000")
    assert in_euro(priced)[0] == 15


def test_a_price_without_a_rate_gets_one_with_the_first(priced):
    doctor = DoctorFactory(consultation_fee=10, currency="KWD")
    store(0, KWD="0.25")
    services.reprice()
    doctor.refresh_from_db()
    assert doctor.fee_in_euro == 40


def test_repricing_goes_through_all_batches(priced, monkeypatch):
    monkeypatch.setattr(derived, "BATCH", 2)
    DoctorFactory.create_batch(5, consultation_fee=1500, currency="INR")
    store(0, INR="80")
    assert services.reprice()["hospitals_doctor"] == 6
    assert set(Doctor.objects.values_list("fee_in_euro", flat=True)) == {Decimal("18.75")}


def test_rows_written_without_triggers_are_mended_by_the_nightly_job(priced):
    with pgtrigger.ignore():
        hospital = HospitalFactory(name="Jasmine Clinic", city="Kochi")
        doctor = DoctorFactory(consultation_fee=2500, currency="INR")
        AffiliationFactory(doctor=doctor, hospital=hospital)
    Doctor.objects.filter(pk=doctor.pk).update(verification="approved")
    tasks.mend_derived()
    doctor.refresh_from_db()
    assert (doctor.hospital_ids, doctor.cities, doctor.fee_in_euro) == ([hospital.pk], ["kochi"], 25)
    wanted = search.query("jasmine", "en")
    assert doctor in Doctor.objects.filter(search=wanted)
    assert hospital in Hospital.objects.filter(search=wanted)


def test_a_hospital_and_a_practice_changed_unseen_by_each_other_are_mended(priced):
    affiliation = AffiliationFactory(doctor=priced[0])
    with pgtrigger.ignore("hospitals.Hospital:reach_others"):
        Hospital.objects.filter(pk=affiliation.hospital_id).update(name_en="Jasmine Clinic", updated_at=timezone.now())
    wanted = Doctor.objects.filter(search=search.query("jasmine", "en"))
    assert not wanted.exists()
    services.mend_derived(now=timezone.now())
    assert wanted.exists()


def test_what_was_changed_long_ago_is_not_looked_at_again(priced):
    AffiliationFactory(doctor=priced[0])
    long_ago = timezone.now() - timedelta(days=3)
    Affiliation.objects.update(updated_at=long_ago)
    assert services.mend_derived(now=timezone.now())["hospitals_doctor"] == 0
