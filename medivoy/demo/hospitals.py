"""Room: the hospitals with their accreditations, each with one person who works for it in the admin, approved by the
platform's admin."""

from datetime import date, datetime, timedelta
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
#: An accreditation holds so long, and is shown to the platform so soon after it was given.
ACCREDITED_FOR = timedelta(days=3 * 365)
SHOWN_AFTER = timedelta(days=12)


def load(now: datetime) -> int:
    admin = staff.admin()
    chance = casting.dice("hospitals")
    for number, row in enumerate(sources.hospitals()):
        joined = now - timedelta(days=JOINED_DAYS_AGO - 5 * number, minutes=chance.randrange(600))
        cast = casting.Cast(casting.dice(row["code"]), domain_of(row))
        hospital, member = open_account(row, admin, cast.person(row["country"]), at=joined)
        with clock.acting(admin, joined + VERIFIED_AFTER):
            hospital_services.verify_hospital(hospital, by=admin, verification=Verification.APPROVED)
        for accreditation in row["accreditations"]:
            _accredit(hospital, accreditation, member, admin, now)
    return len(sources.hospitals())


def domain_of(row: dict[str, Any]) -> str:
    """A hospital's own domain: that of its address."""
    return str(row["email"]).partition("@")[2]


def by_code() -> dict[str, Hospital]:
    """The loaded hospitals by the code that the other files call them by. A hospital's address is its own."""
    rows = {hospital.email: hospital for hospital in Hospital.objects.all()}
    return {row["code"]: rows[row["email"]] for row in sources.hospitals()}


def waiting() -> dict[str, Hospital]:
    """The hospital that waits to be verified, by its code; none before it is there."""
    row = sources.verification_queue()["hospital"]
    hospital = Hospital.objects.filter(email=row["email"]).first()
    return {row["code"]: hospital} if hospital else {}


def staff_of() -> dict[Any, User]:
    """The person who works for each hospital, by the hospital's id."""
    links = HospitalStaff.objects.select_related("user")
    return {link.hospital_id: link.user for link in links}


def open_account(row: dict[str, Any], admin: User, person: casting.Person, *, at: datetime) -> tuple[Hospital, User]:
    """The hospital and the person who works for it are there; the hospital waits to be verified."""
    with clock.acting(admin, at):
        hospital = _create(row, admin)
    email = SHOWN_STAFF.get(row["code"])
    return hospital, staff.account(person, Role.HOSPITAL_ADMIN, at=at, email=email, hospital=hospital)


def term(row: dict[str, Any], now: datetime) -> dict[str, date]:
    """From when until when an accreditation of the file holds."""
    expires_on = now.date() + timedelta(days=row["expires_on_offset_days"])
    return {"issued_on": expires_on - ACCREDITED_FOR, "expires_on": expires_on}


def _accredit(hospital: Hospital, row: dict[str, Any], member: User, admin: User, now: datetime) -> None:
    dates = term(row, now)
    since_issued = now - timedelta(days=(now.date() - dates["issued_on"]).days)
    told = max(since_issued, hospital.created_at) + SHOWN_AFTER
    with clock.acting(member, told):
        accreditation = hospital_services.add_accreditation(
            hospital, by=member, body=row["body"], number=row["number"], **dates
        )
    with clock.acting(admin, told + VERIFIED_AFTER):
        hospital_services.verify_accreditation(accreditation, by=admin, verification=Verification.APPROVED)


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
