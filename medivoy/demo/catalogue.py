"""Rooms: the catalogue of treatments, what the hospitals offer of it, and the packages made of both."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.common.exchange import services as exchange_services
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Treatment

from . import clock, hospitals, sources, staff, translations

CATALOGUE_DAYS_AGO = 430
OFFERED_DAYS_AGO = 200
PACKED_DAYS_AGO = 90


def load_rates(now: datetime) -> int:
    """The rates of the file, by which prices of different currencies are compared."""
    return len(exchange_services.fetch_rates(today=now.date()).taken)


def load_treatments(now: datetime) -> int:
    admin = staff.admin()
    with clock.acting(admin, now - timedelta(days=CATALOGUE_DAYS_AGO)):
        for number, row in enumerate(sources.treatments()):
            hospital_services.create_treatment(by=admin, **translations.first(row, number, translations.TREATMENTS))
    return len(sources.treatments())


def load_offers(now: datetime) -> int:
    """Each hospital's own person has put its offers in."""
    places, people, treatments = hospitals.by_code(), hospitals.staff_of(), _treatments()
    for row in sources.offers():
        hospital = places[row["hospital"]]
        by = people[hospital.pk]
        given = {name: row[name] for name in ("hospital_days", "stay_days", "currency")} | _lines(row)
        rate = row["success_rate"]
        with clock.acting(by, now - timedelta(days=OFFERED_DAYS_AGO)):
            hospital_services.create_offer(
                hospital,
                treatments[row["treatment"]],
                by=by,
                price=Decimal(row["price"]),
                success_rate=None if rate is None else Decimal(rate),
                **given,
            )
    return len(sources.offers())


def load_packages(now: datetime) -> int:
    admin, places, treatments = staff.admin(), hospitals.by_code(), _treatments()
    for number, whole in enumerate(sources.packages()):
        row = translations.first(whole, number, translations.PACKAGES)
        given = {name: value for name, value in row.items() if name not in {"treatments", "hospitals", "seasons"}}
        with clock.acting(admin, now - timedelta(days=PACKED_DAYS_AGO)):
            hospital_services.create_package(
                by=admin,
                **given | _lines(row) | {"price": Decimal(row["price"])},
                treatments=[treatments[code].pk for code in row["treatments"]],
                hospitals=[places[code].pk for code in row["hospitals"]],
                seasons=[_season(season, now) for season in row["seasons"]],
            )
    return len(sources.packages())


def _lines(row: dict[str, Any]) -> dict[str, sources.Text]:
    """What is in and what is not, a line an item."""
    return {
        name: {language: "\n".join(lines) for language, lines in row[name].items()}
        for name in ("inclusions", "exclusions")
    }


def _treatments() -> dict[str, Treatment]:
    return {treatment.code: treatment for treatment in Treatment.objects.all()}


def _season(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "name": row["name"],
        "starts_on": now.date() + timedelta(days=row["starts_on_offset_days"]),
        "ends_on": now.date() + timedelta(days=row["ends_on_offset_days"]),
        "price": Decimal(row["price"]),
    }
