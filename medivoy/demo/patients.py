"""Room: three hundred patients from many countries, who registered over the past year."""

import random
from datetime import date, datetime, timedelta

from apps.accounts.roles import Role
from apps.clinical.models import Patient

from . import casting, sources, staff

DOMAIN = f"patients.{casting.DOMAIN}"
#: The patient whose sign-in is shown: the first one, an English reader.
SHOWN = f"patient@{casting.DOMAIN}"
SHOWN_COUNTRY = "KE"
COUNT = 300
FIRST_DAYS_AGO = 365
SHARE_WITH_VERIFIED_EMAIL = 0.9
#: The shown patient's age at registration.
SHOWN_AGE = 54
#: Who is not of age, by number: how old, whoever answers for them has opened the account.
MINORS = {11: 7, 23: 13, 37: 16, 52: 4}
#: Ages of the others at registration and how common they are.
AGES = ((18, 29, 18), (30, 44, 30), (45, 59, 30), (60, 74, 18), (75, 86, 4))


def load(now: datetime) -> int:
    chance = casting.dice("patients")
    cast = casting.Cast(chance, DOMAIN)
    countries = sorted(code for code, source in sources.countries().items() if "patient" in source["roles"])
    for number in range(COUNT):
        # The square makes more of them recent: the platform grows.
        registered = now - timedelta(days=1 + (FIRST_DAYS_AGO - 1) * chance.random() ** 2)
        if number == 0:
            registered = now - timedelta(days=FIRST_DAYS_AGO)
        person = cast.person(SHOWN_COUNTRY if number == 0 else chance.choice(countries))
        staff.account(
            person,
            Role.PATIENT,
            at=registered,
            email=SHOWN if number == 0 else None,
            verified=number == 0 or chance.random() < SHARE_WITH_VERIFIED_EMAIL,
            birth_date=_birth_date(chance, registered.date(), number),
        )
    return COUNT


def everyone() -> list[Patient]:
    """The patients, in an order that does not depend on ids."""
    return list(Patient.objects.select_related("user").order_by("user__email"))


def _birth_date(chance: random.Random, today: date, number: int) -> date:
    youngest, oldest, _weight = chance.choices(AGES, weights=[weight for _from, _to, weight in AGES])[0]
    years = chance.randint(youngest, oldest)
    years = SHOWN_AGE if number == 0 else MINORS.get(number, years)
    return today - timedelta(days=int(365.25 * years) + chance.randrange(365))
