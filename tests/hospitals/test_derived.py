"""What the database derives: found by which words, in which places, at which price, whoever writes what."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.common import search
from apps.common.models import AuditEntry, ExchangeRate
from apps.hospitals.models import (
    Affiliation,
    Doctor,
    Hospital,
    Offer,
    Package,
    PackageSeason,
    Procedure,
    Qualification,
    Specialty,
    Treatment,
    TreatmentCategory,
)
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db


def found(model, text, language="en"):
    return set(model.objects.filter(search=search.query(text, language)).values_list("pk", flat=True))


def finds(row, text, language="en"):
    return row.pk in found(type(row), text, language)


def rate(currency, per_euro, on=None):
    return ExchangeRate.objects.create(
        currency=currency, on=on or timezone.now().date(), per_euro=per_euro, source="ECB"
    )


def raw(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def hospital(db):
    return HospitalFactory(
        name_en="Lotus Heart Centre", name_ar="مركز لوتس للقلب", city_en="Chennai", city_ar="تشيناي", country="IN",
        latitude="13.08", longitude="80.27", description_en="Quiet rooms by the sea.",
    )  # fmt: skip


@pytest.fixture
def doctor(hospital):
    specialty = SpecialtyFactory(name_ar="طب القلب", practitioner_ar="طبيب قلب", name_es="Cardiología")
    doctor = DoctorFactory(
        user__first_name="Zoë", user__last_name="Müller", specialty=specialty, bio_en="Treats arrhythmia."
    )
    AffiliationFactory(doctor=doctor, hospital=hospital)
    doctor.refresh_from_db()
    return doctor


@pytest.fixture
def treatment(db):
    category = TreatmentCategory.objects.create(code="bones", name_en="Bones and joints", name_hi="हड्डियाँ और जोड़")
    treatment = Treatment.objects.create(
        code="knee-replacement", name_en="Knee replacement", name_ar="استبدال الركبة", category=category,
        specialty=SpecialtyFactory(code="orthopaedics", name_en="Orthopaedics", practitioner_en="Orthopaedist"),
        description_en="An artificial joint.",
    )  # fmt: skip
    procedure = Procedure.objects.create(
        code="arthroplasty", name_en="Total arthroplasty", specialty=treatment.specialty
    )
    treatment.procedures.add(procedure)
    return treatment


@pytest.fixture
def package(hospital, treatment):
    package = Package.objects.create(
        code="new-knee", name_en="A new knee in a fortnight", name_fr="Un genou neuf", country="TR", city_en="Istanbul",
        days=14, price=5000, currency="USD",
    )  # fmt: skip
    package.treatments.add(treatment)
    package.hospitals.add(hospital)
    return package


# --- found by --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("muller", "en"), ("zoe", "en"), ("MÜLLER Zoë", "fr"), ("mull", "en"),
        ("cardiologist", "en"), ("cardiologia", "es"), ("طبيب القلب", "ar"), ("cardiology", "ar"),
        ("lotus", "en"), ("تشيناي", "ar"), ("india", "en"), ("الهند", "ar"), ("भारत", "hi"), ("arrhythmias", "en"),
        ("muller chennai cardiology", "en"),
    ],
)  # fmt: skip
def test_a_doctor_is_found_by_name_specialty_hospital_place_and_biography(doctor, text, language):
    assert finds(doctor, text, language)


@pytest.mark.parametrize("text", ["muller istanbul", "urologist", "sea", "dentist", "'; DROP TABLE x; --"])
def test_a_doctor_is_not_found_by_what_is_not_so(doctor, text):
    assert not finds(doctor, text)


@pytest.mark.parametrize(
    ("text", "language"),
    [("lotus heart", "en"), ("مركز القلب", "ar"), ("chennai", "ar"), ("India", "en"), ("sea", "en"), ("cardio", "en")],
)
def test_a_hospital_is_found_by_name_place_specialty_and_description(hospital, text, language):
    hospital.specialties.add(SpecialtyFactory())
    assert finds(hospital, text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("knee", "en"), ("الركبة", "ar"), ("knee", "ar"), ("जोड़", "hi"), ("bones", "en"), ("orthopaedist", "en"),
        ("arthroplasty", "en"), ("artificial", "en"),
    ],
)  # fmt: skip
def test_a_treatment_is_found_by_name_category_specialty_procedures_and_description(treatment, text, language):
    assert finds(treatment, text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("genou", "fr"),
        ("Istanbul", "en"),
        ("turkey", "en"),
        ("تركيا", "ar"),
        ("knee replacement", "en"),
        ("lotus", "en"),
    ],
)
def test_a_package_is_found_by_name_place_treatments_and_hospitals(package, text, language):
    assert finds(package, text, language)


def changes_of_doctor(doctor, hospital):
    affiliation = doctor.affiliations.get()
    sql = "UPDATE hospitals_hospital SET name_en = 'Jasmine Clinic' WHERE id = %s"
    return {
        "an account renamed": ("okafor", lambda: User.objects.filter(pk=doctor.user_id).update(last_name="Okafor")),
        "a biography in bulk": ("tremor", lambda: Doctor.objects.all().update(bio_en="Treats tremor.")),
        "another specialty": (
            "urologist",
            lambda: Doctor.objects.update(specialty=SpecialtyFactory(code="uro", practitioner_en="Urologist")),
        ),
        "a specialty's text": (
            "heartmender",
            lambda: Specialty.objects.update(practitioner_en="Heartmender"),
        ),
        "a hospital renamed by hand": ("jasmine", lambda: raw(sql, hospital.pk)),
        "a hospital moved": ("kochi", lambda: Hospital.objects.update(city_en="Kochi")),
        "a degree": (
            "harvard", lambda: Qualification.objects.create(doctor=doctor, name_en="MD", institution_en="Harvard")
        ),
        "another hospital": (
            "tulip", lambda: AffiliationFactory(doctor=doctor, is_primary=False, hospital=HospitalFactory(name="Tulip"))
        ),
        "an affiliation elsewhere": (
            "orchid",
            lambda: Affiliation.objects.filter(pk=affiliation.pk).update(hospital=HospitalFactory(name_en="Orchid")),
        ),
    }  # fmt: skip


def test_a_doctor_is_found_by_new_words_whoever_writes_them(doctor, hospital, subtests):
    for name, (word, change) in changes_of_doctor(doctor, hospital).items():
        with subtests.test(name):
            assert not finds(doctor, word)
            change()
            assert finds(doctor, word)


def test_words_that_are_gone_find_nothing(doctor, hospital):
    degree = Qualification.objects.create(doctor=doctor, name_en="Doctor of medicine", institution_en="Heidelberg")
    assert finds(doctor, "heidelberg")
    assert finds(doctor, "lotus")
    degree.delete()
    doctor.affiliations.all().delete()
    assert not finds(doctor, "heidelberg")
    assert not finds(doctor, "lotus")


def test_links_reach_the_documents_of_both_ends(package, treatment, hospital):
    treatment.procedures.clear()
    assert not finds(treatment, "arthroplasty")
    Treatment.objects.update(name_en="Hip resurfacing")
    assert finds(package, "hip")
    package.treatments.clear()
    assert not finds(package, "hip")
    package.hospitals.clear()
    assert not finds(package, "lotus")


def test_texts_of_reference_data_reach_treatments(treatment):
    TreatmentCategory.objects.update(name_en="Skeleton")
    Procedure.objects.update(name_en="Endoprosthesis")
    Specialty.objects.update(practitioner_en="Bonesetter")
    assert all(finds(treatment, word) for word in ("skeleton", "endoprosthesis", "bonesetter"))


# --- where -----------------------------------------------------------------------------------------------------------


def test_a_doctors_places_are_those_of_listed_hospitals_the_primary_one_on_the_map(doctor, hospital):
    other = HospitalFactory(country="TR", city_en="İstanbul", city_fr="", latitude="41.01", longitude="28.97")
    AffiliationFactory(doctor=doctor, hospital=other, is_primary=False)
    doctor.refresh_from_db()
    assert set(doctor.hospital_ids) == {hospital.pk, other.pk}
    assert doctor.countries == ["IN", "TR"]
    assert set(doctor.cities) == {"chennai", "تشيناي", "istanbul"}
    assert (doctor.latitude, doctor.longitude) == (Decimal("13.08"), Decimal("80.27"))
    Hospital.objects.filter(pk=hospital.pk).update(is_active=False)
    doctor.refresh_from_db()
    assert (doctor.hospital_ids, doctor.countries) == ([other.pk], ["TR"])
    assert doctor.latitude == Decimal("41.01")
    doctor.affiliations.update(status="ended")
    doctor.refresh_from_db()
    assert (doctor.hospital_ids, doctor.countries, doctor.cities, doctor.latitude) == ([], [], [], None)


def test_an_affiliation_that_waits_says_nothing_of_a_doctor(hospital):
    doctor = DoctorFactory()
    AffiliationFactory(doctor=doctor, hospital=hospital, status="pending")
    doctor.refresh_from_db()
    assert doctor.hospital_ids == []
    assert not finds(doctor, "lotus")


# --- prices ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rates(db):
    yesterday = timezone.now().date() - timedelta(days=1)
    rate("INR", 80, yesterday), rate("INR", 100), rate("USD", "1.25"), rate("JPY", 160)
    ExchangeRate.objects.create(
        currency="USD", on=timezone.now().date() + timedelta(days=1), per_euro=9, source="ECB", is_kept_out=True
    )


@pytest.mark.parametrize(
    ("fee", "currency", "in_euro"),
    [(1500, "INR", 15), ("99.99", "EUR", "99.99"), (1000, "JPY", "6.25"), (100, "USD", 80), (5, "XAF", None),
     (None, "", None), (0, "USD", 0)],
)  # fmt: skip
def test_a_fee_is_comparable_by_the_newest_rate_that_is_used(rates, fee, currency, in_euro):
    doctor = DoctorFactory(consultation_fee=fee, currency=currency)
    doctor.refresh_from_db()
    assert doctor.fee_in_euro == (None if in_euro is None else Decimal(in_euro))


def test_a_changed_fee_or_currency_is_comparable_at_once(rates):
    doctor = DoctorFactory(consultation_fee=1500, currency="INR")
    Doctor.objects.update(consultation_fee=2000)
    doctor.refresh_from_db()
    assert doctor.fee_in_euro == 20
    raw("UPDATE hospitals_doctor SET currency = 'JPY'")
    doctor.refresh_from_db()
    assert doctor.fee_in_euro == Decimal("12.5")


def test_a_package_and_its_seasons_are_comparable(rates, package):
    season = PackageSeason.objects.create(
        package=package, name="Peak", starts_on=date(2030, 6, 1), ends_on=date(2030, 8, 31), price=6000
    )
    package.refresh_from_db(), season.refresh_from_db()
    assert (package.price_in_euro, season.price_in_euro) == (4000, 4800)
    Package.objects.update(currency="EUR")
    package.refresh_from_db(), season.refresh_from_db()
    assert (package.price_in_euro, season.price_in_euro) == (5000, 6000)


def test_a_treatment_knows_its_lowest_price_and_how_many_listed_hospitals_offer_it(rates, treatment, hospital):
    def seen():
        treatment.refresh_from_db()
        return treatment.offer_count, treatment.lowest_in_euro

    def offer(at, price, currency):
        return Offer.objects.create(hospital=at, treatment=treatment, price=price, currency=currency)

    assert seen() == (0, None)
    other = HospitalFactory(country="US")
    waiting = HospitalFactory(verification="pending")
    offer(hospital, 500_000, "INR"), offer(other, 5000, "USD"), offer(waiting, 1, "EUR")
    assert seen() == (2, Decimal(4000))
    Offer.objects.filter(hospital=hospital).update(price=100_000)
    assert seen() == (2, Decimal(1000))
    Hospital.objects.filter(pk=hospital.pk).update(verification="rejected", rejection_reason="It closed.")
    assert seen() == (1, Decimal(4000))
    raw("UPDATE hospitals_offer SET is_active = false WHERE hospital_id = %s", other.pk)
    assert seen() == (0, None)
    Hospital.objects.update(verification="approved", rejection_reason="")
    assert seen() == (2, Decimal(1))
    Offer.objects.all().delete()
    assert seen() == (0, None)


# --- nobody can spoil it ---------------------------------------------------------------------------------------------


def test_saving_what_was_read_a_while_ago_undoes_nothing(rates, doctor, hospital, treatment):
    old_doctor, old_hospital, old_treatment = (
        type(row).objects.get(pk=row.pk) for row in (doctor, hospital, treatment)
    )
    Hospital.objects.filter(pk=hospital.pk).update(name_en="Jasmine Clinic", country="LK")
    Offer.objects.create(hospital=hospital, treatment=treatment, price=10, currency="EUR")
    old_doctor.save(), old_treatment.save()
    doctor.refresh_from_db(), treatment.refresh_from_db()
    assert finds(doctor, "jasmine")
    assert doctor.countries == ["LK"]
    assert (treatment.offer_count, treatment.lowest_in_euro) == (1, 10)
    old_hospital.save()
    assert not finds(hospital, "jasmine")
    assert not finds(doctor, "jasmine")


def test_values_written_by_hand_into_derived_columns_are_ignored(rates, doctor):
    Doctor.objects.update(fee_in_euro=1, countries=["XX"], search="'spoilt'")
    doctor.refresh_from_db()
    assert (doctor.fee_in_euro, doctor.countries) == (15, ["IN"])
    assert finds(doctor, "muller")


def test_derived_columns_leave_no_trace_in_the_audit_trail(rates, doctor, hospital, treatment, package):
    before = AuditEntry.objects.count()
    Doctor.objects.update(search=None, hospital_ids=None, fee_in_euro=None)
    Hospital.objects.update(search=None, cities=None)
    Treatment.objects.update(search=None, offer_count=None)
    Package.objects.update(search=None, price_in_euro=None)
    assert AuditEntry.objects.count() == before


def test_a_change_that_concerns_no_doctor_writes_none(doctor, hospital):
    def version():
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid FROM hospitals_doctor WHERE id = %s", [doctor.pk])
            return cursor.fetchone()

    before = version()
    Hospital.objects.update(beds=300, description_en="Now with a garden.")
    Hospital.objects.update(name_en="Lotus Heart Centre")
    assert version() == before
