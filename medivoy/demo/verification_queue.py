"""Room: what waits for a platform admin, with its papers. Step by step, as files are stored outside of transactions:
what is there already is left alone."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.hospitals import services as hospital_services
from apps.hospitals.models import AccreditationBody, Doctor, Hospital, Licence

from . import casting, clock, doctors, hospitals, papers, sources, staff

#: A renewed licence was sent in so long ago by a doctor whose own ends within so many days, and lasts so much longer.
RENEWED_HOURS_AGO = 30
RENEWED_WITHIN = timedelta(days=90)
RENEWED_BY = timedelta(days=3 * 365)
RENEWED_COUNT = 2
#: The hospital's account was opened, and its page submitted, so many days ago.
OPENED_DAYS_AGO, SUBMITTED_DAYS_AGO = 9, 2
#: Hospitals have added their new accreditations so many hours ago, each a day before the next.
ADDED_HOURS_AGO = 20


def load(now: datetime) -> int:
    """Applicants, renewed licences, new accreditations and a hospital wait; how many in all."""
    applicants = doctors.applicants()
    for doctor in applicants:
        papers.hang_on_applicant(doctor, at=doctor.created_at + timedelta(hours=1))
    hospital = _hospital(now)
    return len(applicants) + _renewals(now) + _accreditations(now) + int(hospital.onboarded_at is not None)


def _renewals(now: datetime) -> int:
    """Some of those whose licence ends soon have sent in the next one."""
    ending = Doctor.objects.listed(now.date()).filter(licensed_until__lte=now.date() + RENEWED_WITHIN)
    chosen = ending.select_related("user", "specialty").order_by("user__email")[:RENEWED_COUNT]
    at = now - timedelta(hours=RENEWED_HOURS_AGO)
    for doctor in chosen:
        former = doctor.licences.order_by("expires_on")[0]
        papers.hang_on_licence(former, at=former.created_at)  # while no other is in its way
        expires_on = former.expires_on + RENEWED_BY
        renewed = Licence.objects.filter(doctor=doctor, expires_on=expires_on).first()
        if renewed is None:
            with clock.acting(doctor.user, at):
                renewed = hospital_services.add_licence(
                    doctor,
                    by=doctor.user,
                    number=former.number,
                    country=former.country,
                    authority=former.authority,
                    issued_on=at.date(),
                    expires_on=expires_on,
                )
        papers.hang_on_licence(renewed, at=at)
    return len(chosen)


def _accreditations(now: datetime) -> int:
    rows = sources.verification_queue()["accreditations"]
    places, people = hospitals.by_code(), hospitals.staff_of()
    for number, row in enumerate(rows, start=1):
        hospital = places[row["hospital"]]
        _accredit(hospital, people[hospital.pk], row, now, at=now - timedelta(hours=ADDED_HOURS_AGO + 24 * number))
    return len(rows)


def _accredit(hospital: Hospital, member: User, row: dict[str, str], now: datetime, *, at: datetime) -> None:
    if hospital.accreditations.filter(body__code=row["body"], number=row["number"]).exists():
        return
    body = AccreditationBody.objects.get(code=row["body"])
    dates = hospitals.term(row, now)
    with clock.acting(member, at):
        file = papers.store_certificate(hospital, member, body=body.name, number=row["number"], **dates)
        hospital_services.add_accreditation(
            hospital, by=member, body=row["body"], number=row["number"], document_id=file.pk, **dates
        )


def _hospital(now: datetime) -> Hospital:
    """A hospital has been entered, and the person who works for it has completed its page and submitted it."""
    row = sources.verification_queue()["hospital"]
    opened, submitted = now - timedelta(days=OPENED_DAYS_AGO), now - timedelta(days=SUBMITTED_DAYS_AGO)
    hospital = Hospital.objects.filter(email=row["email"]).first()
    if hospital is None:
        cast = casting.Cast(casting.dice(row["code"]), hospitals.domain_of(row))
        with transaction.atomic():
            hospital, _member = hospitals.open_account(row, staff.admin(), cast.person(row["country"]), at=opened)
    member = hospitals.staff_of()[hospital.pk]
    for accreditation in row["accreditations"]:
        _accredit(hospital, member, accreditation, now, at=submitted - timedelta(hours=2))
    papers.hang_on_hospital(hospital, member, at=submitted - timedelta(hours=1))
    if hospital.onboarded_at is None:
        with clock.acting(member, submitted):
            hospital = hospital_services.submit_hospital(hospital, by=member)
    return hospital
