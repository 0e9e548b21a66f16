"""Rows for the benchmark: doctors with hospital and hours, and patients with a session each, in bulk."""

from datetime import time, timedelta
from typing import Any

import pgtrigger
from django.utils import timezone

from apps.accounts import tokens
from apps.accounts.models import Session, User
from apps.accounts.roles import Role
from apps.bookings.models import DoctorSchedule, WeeklyHours
from apps.clinical.models import Patient
from apps.hospitals.models import Affiliation, Doctor, Hospital, Specialty

BATCH = 2_000
CITIES = [
    ("IN", "Chennai", "Asia/Kolkata", "INR"), ("TR", "Istanbul", "Europe/Istanbul", "TRY"),
    ("ES", "Madrid", "Europe/Madrid", "EUR"), ("MX", "Monterrey", "America/Monterrey", "MXN"),
]  # fmt: skip


def _save(rows: list[Any]) -> None:
    type(rows[0])._base_manager.bulk_create(rows, batch_size=BATCH)


@pgtrigger.ignore()
def doctors(count: int) -> None:
    """`count` listed doctors over count/25 hospitals and 20 specialties, open seven days a week from 8 to 18."""
    now = timezone.now()
    specialties = [
        Specialty(code=f"bench-{n}", name=f"Specialty {n}", practitioner=f"Specialist {n}") for n in range(20)
    ]
    _save(specialties)
    hospitals = []
    for n in range(max(1, count // 25)):
        country, city, zone, currency = CITIES[n % len(CITIES)]
        hospitals.append(
            Hospital(
                name=f"Hospital {n}",
                city=city,
                country=country,
                time_zone=zone,
                currency=currency,
                verification="approved",
                verified_at=now,
                rating=3 + n % 20 / 10,
            )
        )
    _save(hospitals)
    people = [
        User(email=f"doctor{n}@bench.example.com", first_name=f"Given{n}", last_name=f"Family{n}", role=Role.DOCTOR)
        for n in range(count)
    ]
    _save(people)
    rows = [
        Doctor(
            user=person, specialty=specialties[n % 20], practising_since=1985 + n % 35, consultation_fee=500 + n % 50,
            currency="INR", languages=["en", "hi"], verification="approved", verified_at=now, rating=3 + n % 20 / 10,
            rating_count=n % 300, offers_teleconsult=n % 2 == 0, is_bookable=True,
        )
        for n, person in enumerate(people)
    ]  # fmt: skip
    _save(rows)
    places = [hospitals[n % len(hospitals)] for n in range(count)]
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
