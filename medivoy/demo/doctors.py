"""Room: the doctors with their hours and leave, and some applicants who wait for an admin's decision."""

import dataclasses
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.roles import Role
from apps.bookings import services as booking_services
from apps.bookings import slots
from apps.bookings.models import Weekday
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Doctor, Hospital
from apps.hospitals.workflow import Verification

from . import casting, clock, hospitals, sources, staff

DOMAIN = f"doctors.{casting.DOMAIN}"
#: The doctor whose sign-in is shown: the first post.
SHOWN = f"doctor@{casting.DOMAIN}"
JOINED_DAYS_AGO = (380, 120)
APPLIED_HOURS_AGO = (10, 110)
SHARE_WITH_TELECONSULT = 0.6
YEARS_BETWEEN_DEGREES = 3
#: Of which country's college one becomes a fellow or member, wherever one comes from.
FELLOWSHIPS = {
    "FRCS": "GB", "FRCP": "GB", "MRCP": "GB", "MFDS": "GB", "CCT": "GB", "FACS": "US", "FACP": "US", "FICS": "US",
}  # fmt: skip
#: Licences are given for five years; when the doctor joins, so many days are left.
LICENSED_FOR = timedelta(days=5 * 365)
LICENSED_DAYS = (420, 1500)
#: Languages that a doctor who treats foreigners may speak besides those of the country.
EXTRA_LANGUAGES = ("ar", "fr", "ru", "es", "de")
#: What a doctor is called at the own hospital, and at another one.
POSITIONS: dict[bool, sources.Text] = {
    True: {
        "en": "Consultant", "ar": "استشاري", "hi": "परामर्शदाता", "es": "Médico consultor", "fr": "Médecin consultant",
    },
    False: {
        "en": "Visiting consultant", "ar": "استشاري زائر", "hi": "अतिथि परामर्शदाता", "es": "Médico consultor visitante",
        "fr": "Médecin consultant invité",
    },
}  # fmt: skip
#: Every so many doctors one is away for a week, starting so many days from now.
ONE_AWAY_IN = 12
AWAY_IN_DAYS = 9
#: Every so many doctors one keeps some minutes free after each appointment, takes only so many a day, works on public
#: holidays, or opens on a day on which the week has no hours.
ONE_WITH_BUFFER_IN, BUFFER_MINUTES = 4, 10
ONE_WITH_CAP_IN, DAILY_CAP = 6, 12
ONE_ON_HOLIDAYS_IN = 10
ONE_WITH_EXTRA_DAY_IN, EXTRA_DAY_IN_DAYS, EXTRA_HOURS = 8, 12, (time(10), time(13))


def load(now: datetime) -> int:
    """All posts are held by approved doctors with weekly hours; the applicants' profiles wait."""
    chance = casting.dice("doctors")
    cast = casting.Cast(chance, DOMAIN)
    places, admin = hospitals.by_code(), staff.admin()
    posts = sources.doctors()["posts"]
    for number, post in enumerate(posts):
        joined = now - timedelta(days=chance.randint(JOINED_DAYS_AGO[1], JOINED_DAYS_AGO[0]), minutes=number)
        doctor = _onboard(post, cast, chance, places, at=joined, email=SHOWN if number == 0 else None, variant=number)
        verified = joined + timedelta(hours=chance.randint(20, 120))
        with clock.acting(admin, verified):
            hospital_services.verify_doctor(doctor, by=admin, verification=Verification.APPROVED)
        with clock.acting(doctor.user, verified + timedelta(hours=3)):
            _set_hours(doctor, post, chance, places, number=number, now=now)
            if number % ONE_AWAY_IN == ONE_AWAY_IN - 1:
                _plan_leave(doctor, now)
    applicants = sources.doctors()["applicants"]
    for number, post in enumerate(applicants):
        applied = now - timedelta(hours=chance.randint(*APPLIED_HOURS_AGO))
        _onboard(post, cast, chance, places, at=applied, email=None, variant=number)
    return len(posts) + len(applicants)


def bookable() -> list[Doctor]:
    """The doctors who take appointments, in an order that does not depend on ids."""
    doctors = Doctor.objects.filter(is_bookable=True).select_related("user", "specialty")
    return list(doctors.order_by("user__email"))


def applicants() -> list[Doctor]:
    """Who waits for an admin's decision, in an order that does not depend on ids."""
    waiting = Doctor.objects.filter(verification=Verification.PENDING, user__email__endswith=DOMAIN)
    return list(waiting.exclude(onboarded_at=None).select_related("user", "specialty").order_by("user__email"))


def gender_of(doctor: Doctor) -> str:
    """As the title says it in Spanish; accounts do not know it."""
    titles = sources.doctors()["short_titles"]
    return next(gender for gender, title in titles.items() if title["es"] == sources.text_of(doctor, "title", "es"))


def country_of(doctor: Doctor) -> str:
    """Where the doctor comes from: where the first degree does."""
    return str(doctor.qualifications.all()[0].country)


def _onboard(
    post: dict[str, Any],
    cast: casting.Cast,
    chance: random.Random,
    places: dict[str, Hospital],
    *,
    at: datetime,
    email: str | None,
    variant: int,
) -> Doctor:
    home = places[post["hospital"]]
    person = dataclasses.replace(cast.person(post["from"]), time_zone=home.time_zone)
    user = staff.account(person, Role.DOCTOR, at=at, email=email)
    with clock.acting(user, at + timedelta(hours=2)):
        return hospital_services.onboard_doctor(
            user.doctor,
            by=user,
            proposals=_proposals(post, places, since=at.date()),
            **_profile(post, person, home, chance, today=at.date(), variant=variant),
        )


def _proposals(post: dict[str, Any], places: dict[str, Hospital], *, since: date) -> list[dict[str, Any]]:
    codes = [post["hospital"], *([post["also_at"]] if "also_at" in post else [])]
    department = next(row["name"] for row in sources.specialties() if row["code"] == post["specialty"])
    return [
        {
            "hospital_id": places[code].pk,
            "is_primary": code == post["hospital"],
            "department": department,
            "position": POSITIONS[code == post["hospital"]],
            "starts_on": since,
        }
        for code in codes
    ]


def _profile(
    post: dict[str, Any], person: casting.Person, home: Hospital, chance: random.Random, *, today: date, variant: int
) -> dict[str, Any]:
    material = sources.doctors()
    own = material["specialties"][post["specialty"]]
    years = chance.randint(material["experience_years"]["lowest"], material["experience_years"]["highest"])
    country = str(home.country)
    local = sources.countries()[country]["languages"]
    degrees = chance.choice(material["qualifications"][post["from"]][own["training"]])
    expires_on = today + timedelta(days=chance.randint(*LICENSED_DAYS))
    return {
        "title": material["short_titles"][person.gender],
        "bio": _bio(own["bios"][variant % len(own["bios"])], person, home, years),
        "specialty": post["specialty"],
        "qualifications": [
            _degree(degree, post["from"], start=today.year - years + YEARS_BETWEEN_DEGREES * number)
            for number, degree in enumerate(degrees)
        ],
        "practising_since": today.year - years,
        "licences": [
            {
                "number": casting.filled(material["licence_patterns"][country], chance),
                "country": country,
                "authority": material["licence_authorities"][country],
                "issued_on": expires_on - LICENSED_FOR,
                "expires_on": expires_on,
            }
        ],
        "consultation_fee": _fee(material["fees"][home.currency], chance),
        "currency": home.currency,
        "languages": _without_repeats([*person.languages, *local, chance.choice(EXTRA_LANGUAGES)]),
        "offers_teleconsult": chance.random() < SHARE_WITH_TELECONSULT,
    }


def _degree(name: str, country: str, *, start: int) -> dict[str, Any]:
    return {"name": {"en": name}, "country": FELLOWSHIPS.get(name, country), "year": start}


def _bio(template: sources.Text, person: casting.Person, home: Hospital, years: int) -> sources.Text:
    titles = sources.doctors()["titles"][person.gender]
    return {
        language: text.format(
            name=f"{titles[language]} {person.name_in(language)}",
            years=years,
            hospital=getattr(home, f"name_{language}"),
        )
        for language, text in template.items()
    }


def _fee(bounds: dict[str, str], chance: random.Random) -> Decimal:
    lowest, highest, step = (Decimal(bounds[name]) for name in ("lowest", "highest", "step"))
    return lowest + step * chance.randint(0, int((highest - lowest) / step))


def _set_hours(
    doctor: Doctor,
    post: dict[str, Any],
    chance: random.Random,
    places: dict[str, Hospital],
    *,
    number: int,
    now: datetime,
) -> None:
    material = sources.doctors()
    home = places[post["hospital"]]
    pattern = chance.choice(material["hours_by_country"][str(home.country)])
    settings: dict[str, int | None] = {
        "slot_minutes": chance.choice(material["slot_minutes"]),
        "buffer_minutes": BUFFER_MINUTES if number % ONE_WITH_BUFFER_IN == 1 else 0,
        "daily_cap": DAILY_CAP if number % ONE_WITH_CAP_IN == 2 else None,
        "works_on_holidays": number % ONE_ON_HOLIDAYS_IN == 3,
    }
    extra_hours = [_extra_day(pattern, now)] if number % ONE_WITH_EXTRA_DAY_IN == 0 else []
    _open(doctor, home, pattern, settings, extra_hours)
    if "also_at" in post:
        _open(doctor, places[post["also_at"]], material["second_hospital_hours"], settings)


def _extra_day(pattern: str, now: datetime) -> slots.ExtraOpening:
    """Some hours on a Saturday, or on the first day after it on which the week has none."""
    working = {span["weekday"] for span in sources.doctors()["weekly_hours"][pattern]}
    days = [now.date() + timedelta(days=EXTRA_DAY_IN_DAYS + number) for number in range(14)]
    saturday = next(number for number, day in enumerate(days) if day.weekday() == Weekday.SATURDAY)
    day = next(day for day in days[saturday:] if day.weekday() not in working)
    return slots.ExtraOpening(day, *EXTRA_HOURS)


def _open(
    doctor: Doctor,
    hospital: Hospital,
    pattern: str,
    settings: dict[str, int | None],
    extra_hours: Sequence[slots.ExtraOpening] = (),
) -> None:
    openings = [
        slots.Opening(span["weekday"], time.fromisoformat(span["from"]), time.fromisoformat(span["to"]))
        for span in sources.doctors()["weekly_hours"][pattern]
    ]
    booking_services.set_availability(
        doctor.pk, hospital.pk, by=doctor.user, weekly_hours=openings, settings=settings, extra_hours=extra_hours
    )


def _plan_leave(doctor: Doctor, now: datetime) -> None:
    starts_at = (now + timedelta(days=AWAY_IN_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    booking_services.add_time_off(
        doctor.pk, by=doctor.user, starts_at=starts_at, ends_at=starts_at + timedelta(days=7), reason="Annual leave"
    )


def _without_repeats(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))
