"""Rooms: the public holidays of the hospitals' countries, and a hospital that closes for some days."""

from datetime import datetime, timedelta

from apps.bookings import services as booking_services

from . import clock, hospitals

#: Beyond the days on which the demo has appointments.
CLOSES_IN_DAYS = 40
CLOSED_FOR = timedelta(days=2)
REASON = "The operating theatres are being refitted"


def load_holidays(now: datetime) -> int:
    return booking_services.load_holidays(today=now.date())


def load(now: datetime) -> int:
    """The first hospital announces next month's closure."""
    _code, hospital = min(hospitals.by_code().items())
    person = hospitals.staff_of()[hospital.pk]
    first = now.date() + timedelta(days=CLOSES_IN_DAYS)
    with clock.acting(person, now - timedelta(days=3)):
        booking_services.add_closure(hospital.pk, by=person, starts_on=first, ends_on=first + CLOSED_FOR, reason=REASON)
    return 1
