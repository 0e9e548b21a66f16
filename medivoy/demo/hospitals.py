"""Room: the hospitals, each with one person who works for it in the admin, approved by the platform's admin."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Hospital, HospitalStaff
from apps.hospitals.workflow import Verification

from . import casting, clock, sources, staff

#: The hospitals whose staff's sign-in is shown, with its address.
SHOWN_STAFF = {
    "coromandel-bay-chennai": f"hospital.chennai@{casting.DOMAIN}",
    "bogazkaya-istanbul": f"hospital.istanbul@{casting.DOMAIN}",
}
JOINED_DAYS_AGO = 420
VERIFIED_AFTER = timedelta(days=3)


def load(now: datetime) -> int:
    admin = staff.admin()
    chance = casting.dice("hospitals")
    for number, row in enumerate(sources.hospitals()):
        joined = now - timedelta(days=JOINED_DAYS_AGO - 5 * number, minutes=chance.randrange(600))
        cast = casting.Cast(casting.dice(row["code"]), domain_of(row))
        person = cast.person(row["country"])
        with clock.acting(admin, joined):
            hospital = _create(row, admin)
        staff.account(person, Role.HOSPITAL_ADMIN, at=joined, email=SHOWN_STAFF.get(row["code"]), hospital=hospital)
        with clock.acting(admin, joined + VERIFIED_AFTER):
            hospital_services.verify_hospital(hospital, by=admin, verification=Verification.APPROVED)
    return len(sources.hospitals())


def domain_of(row: dict[str, Any]) -> str:
    """A hospital's own domain: that of its address."""
    return str(row["email"]).partition("@")[2]


def by_code() -> dict[str, Hospital]:
    """The loaded hospitals by the code that the other files call them by. A hospital's address is its own."""
    rows = {hospital.email: hospital for hospital in Hospital.objects.all()}
    return {row["code"]: rows[row["email"]] for row in sources.hospitals()}


def staff_of() -> dict[Any, User]:
    """The person who works for each hospital, by the hospital's id."""
    links = HospitalStaff.objects.select_related("user")
    return {link.hospital_id: link.user for link in links}


def _create(row: dict[str, Any], admin: User) -> Hospital:
    return hospital_services.create_hospital(
        by=admin,
        name=row["name"],
        city=row["city"],
        description=row["description"],
        country=row["country"],
        time_zone=row["time_zone"],
        currency=row["currency"],
        specialties=row["specialties"],
        type=row["type"],
        address=row["address"],
        latitude=Decimal(row["latitude"]),
        longitude=Decimal(row["longitude"]),
        phone=row["phone"],
        email=row["email"],
        website=row["website"],
        founded_year=row["founded_year"],
        beds=row["beds"],
    )
