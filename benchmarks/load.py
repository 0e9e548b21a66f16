"""Rows for the benchmark: a directory of doctors, hospitals, treatments, offers and packages; patients with a session
each. In bulk and without triggers; what these would derive is worked out at the end, as the nightly job does."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pgtrigger
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.models import Session, User
from apps.accounts.roles import Role
from apps.bookings.models import DoctorSchedule, WeeklyHours
from apps.clinical.models import Patient
from apps.common.models import ExchangeRate
from apps.hospitals import services
from apps.hospitals.models import (
    Affiliation,
    Doctor,
    Hospital,
    Offer,
    Package,
    Specialty,
    Treatment,
    TreatmentCategory,
)

BATCH = 2_000
#: Country, city, the same in Arabic, time zone, currency, latitude, longitude.
CITIES = [
    ("IN", "Chennai", "تشيناي", "Asia/Kolkata", "INR", 13.08, 80.27),
    ("TR", "Istanbul", "إسطنبول", "Europe/Istanbul", "TRY", 41.01, 28.97),
    ("ES", "Madrid", "مدريد", "Europe/Madrid", "EUR", 40.42, -3.70),
    ("MX", "Monterrey", "مونتيري", "America/Monterrey", "MXN", 25.67, -100.31),
    ("TH", "Bangkok", "بانكوك", "Asia/Bangkok", "THB", 13.76, 100.50),
    ("AE", "Dubai", "دبي", "Asia/Dubai", "AED", 25.20, 55.27),
]
RATES = {"INR": "98", "TRY": "48", "MXN": "21", "THB": "38", "AED": "4.2", "USD": "1.15"}
SPECIALTIES = [
    ("Cardiology", "Cardiologist", "طب القلب"), ("Orthopaedics", "Orthopaedic surgeon", "جراحة العظام"),
    ("Oncology", "Oncologist", "طب الأورام"), ("Urology", "Urologist", "طب المسالك البولية"),
    ("Dermatology", "Dermatologist", "طب الجلد"), ("Neurology", "Neurologist", "طب الأعصاب"),
    ("Ophthalmology", "Ophthalmologist", "طب العيون"), ("Dentistry", "Dentist", "طب الأسنان"),
]  # fmt: skip
ACTS = ["replacement", "repair", "biopsy", "transplant", "implant", "reconstruction", "laser treatment", "check-up"]
PARTS = ["Knee", "Hip", "Heart valve", "Shoulder", "Kidney", "Liver", "Retina", "Skin", "Dental", "Spine", "Prostate"]
GIVEN = ["Amina", "Bruno", "Chitra", "Deniz", "Elena", "Farid", "Grace", "Hassan", "Inés", "Jorge", "Kavita", "Leyla"]
FAMILY = ["Acar", "Bauer", "Castro", "Dutta", "Erdem", "Flores", "Ghosh", "Haddad", "Iyer", "Jain", "Kaya", "López"]
BIO = "Trained in {city}, has treated more than {n} patients and speaks on {field} at conferences. Sees children too."
#: Spoken by one doctor in so many.
LANGUAGES = {"en": 1, "hi": 2, "ar": 5, "es": 7, "tr": 11, "ru": 97, "sw": 997}


def _save(rows: list[Any]) -> None:
    type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)


def directory(doctors: int) -> None:
    """So many listed doctors at a fifth as many hospitals, twice as many offers of 200 treatments, and 200 packages."""
    rates()
    with pgtrigger.ignore():
        specialties = _specialties()
        hospitals = _hospitals(max(1, doctors // 5))
        _doctors(doctors, specialties, hospitals)
        _catalogue(specialties, hospitals, 2 * doctors)
    services.mend_derived(now=timezone.now())


def rates() -> None:
    today = timezone.now().date()
    _save(
        [
            ExchangeRate(currency=currency, on=today, per_euro=Decimal(rate), source="ECB")
            for currency, rate in RATES.items()
        ]
    )


def _specialties() -> list[Specialty]:
    rows = [
        Specialty(code=f"bench-{n}", name_en=name, practitioner_en=practitioner, name_ar=arabic)
        for n, (name, practitioner, arabic) in enumerate(SPECIALTIES)
    ]
    _save(rows)
    return rows


def _hospitals(count: int) -> list[Hospital]:
    now = timezone.now()
    rows = []
    for n in range(count):
        country, city, arabic, zone, currency, latitude, longitude = CITIES[n % len(CITIES)]
        rows.append(
            Hospital(
                name_en=f"{FAMILY[n % len(FAMILY)]} {'Heart ' if n % 9 == 0 else ''}Hospital {n}",
                city_en=city, city_ar=arabic, country=country, time_zone=zone, currency=currency,
                latitude=round(latitude + n % 83 / 100, 6), longitude=round(longitude + n % 89 / 100, 6),
                description_en=f"A hospital of {n % 400} beds in {city}.",
                verification="approved", verified_at=now, rating=3 + n % 20 / 10, rating_count=n % 500,
            )
        )  # fmt: skip
    _save(rows)
    return rows


def _doctors(count: int, specialties: list[Specialty], hospitals: list[Hospital]) -> None:
    """Open seven days a week from 8 to 18."""
    now = timezone.now()
    people = [
        User(
            email=f"doctor{n}@bench.example.com", first_name=GIVEN[n % len(GIVEN)],
            last_name=f"{FAMILY[n // 7 % len(FAMILY)]}{n // 84 or ''}", role=Role.DOCTOR,
        )
        for n in range(count)
    ]  # fmt: skip
    _save(people)
    places = [hospitals[n % len(hospitals)] for n in range(count)]
    rows = [
        Doctor(
            user=person, first_name=person.first_name, last_name=person.last_name, title_en="Dr.",
            specialty=specialties[n % len(specialties)], practising_since=1985 + n % 35,
            consultation_fee=500 + n * 37 % 5000, currency=place.currency,
            bio_en=BIO.format(city=place.city_en, n=n % 900, field=specialties[n % len(specialties)].name_en.lower()),
            languages=[code for code, one_in in LANGUAGES.items() if n % one_in == 0], licensed_until=date(2099, 1, 1),
            verification="approved", verified_at=now, rating=3 + n % 20 / 10, rating_count=n % 300,
            offers_teleconsult=n % 2 == 0, is_bookable=True, next_free_at=now + timedelta(hours=n % 500 + 1),
        )
        for n, (person, place) in enumerate(zip(people, places, strict=True))
    ]  # fmt: skip
    _save(rows)
    _save(
        [
            Affiliation(doctor=doctor, hospital=place, status="active", is_primary=True)
            for doctor, place in zip(rows, places, strict=True)
        ]
    )
    schedules = [DoctorSchedule(doctor=doctor, hospital=place) for doctor, place in zip(rows, places, strict=True)]
    _save(schedules)
    _save(
        [
            WeeklyHours(schedule=schedule, weekday=weekday, starts=time(8), ends=time(18))
            for schedule in schedules
            for weekday in range(7)
        ]
    )


def _catalogue(specialties: list[Specialty], hospitals: list[Hospital], offers: int) -> None:
    category = TreatmentCategory(code="bench", name_en="Operations")
    _save([category])
    treatments = [
        Treatment(
            code=f"bench-{n}", name_en=f"{PARTS[n % len(PARTS)]} {ACTS[n // len(PARTS) % len(ACTS)]} {n}",
            name_ar=f"علاج {n}", category=category, specialty=specialties[n % len(specialties)],
            hospital_days=n % 9 + 1,
        )
        for n in range(200)
    ]  # fmt: skip
    _save(treatments)
    each = max(1, offers // len(hospitals))
    _save(
        [
            Offer(
                hospital=hospital, treatment=treatments[(n * 7 + m) % len(treatments)], currency=hospital.currency,
                price=10_000 + (n * 31 + m * 977) % 400_000,
            )
            for n, hospital in enumerate(hospitals)
            for m in range(each)
        ]
    )  # fmt: skip
    packages = [
        Package(
            code=f"bench-{n}", name_en=f"{treatment.name_en} and rest", country=CITIES[n % len(CITIES)][0],
            city_en=CITIES[n % len(CITIES)][1], days=n % 20 + 3, price=3_000 + n * 13, currency="USD",
        )
        for n, treatment in enumerate(treatments)
    ]  # fmt: skip
    _save(packages)
    parts, sites = Package.treatments.through, Package.hospitals.through
    _save([parts(package=package, treatment=treatments[n]) for n, package in enumerate(packages)])
    _save([sites(package=package, hospital=hospitals[n % len(hospitals)]) for n, package in enumerate(packages)])


@pgtrigger.ignore()
def patients(count: int) -> list[str]:
    """`count` patients; gives an access token of each."""
    now = timezone.now()
    people = [
        User(email=f"patient{n}@bench.example.com", first_name=f"Given{n}", last_name=f"Family{n}", role=Role.PATIENT)
        for n in range(count)
    ]
    _save(people)
    _save([Patient(user=person, country="NG") for person in people])
    sessions = [
        Session(user=person, rotated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7)) for person in people
    ]
    _save(sessions)
    return [tokens.access_token(session, now) for session in sessions]
