"""The papers by which doctors and hospitals prove what they say: each is drawn, stored and hung where it belongs.

Files are stored outside of any transaction, so every paper is a step of its own. One that hangs there already is left
alone: a run that was killed goes on where it ended.
"""

from datetime import date, datetime

from django.core.files.base import ContentFile
from django_countries import countries

from apps.accounts.models import User
from apps.common import audit
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Accreditation, Doctor, DoctorDocument, Hospital, HospitalDocument, Licence
from apps.hospitals.workflow import Verification
from apps.media import services as media_services
from apps.media.models import StoredFile

from . import casting, clock, doctors, sources, specimens

#: A doctor was so old in the first year of practice.
AGE_AT_FIRST = 25
REGISTRATION_NUMBER = "######"
CARD_NUMBER = "#########"

#: What a hospital is verified by: each paper's title and who issues it.
HOSPITAL_PAPERS = {
    HospitalDocument.Kind.REGISTRATION: ("Commercial registration", "Commercial Register"),
    HospitalDocument.Kind.LICENCE: ("Licence to run a hospital", "Ministry of Health"),
}


def hang_on_licence(licence: Licence, *, at: datetime) -> None:
    """The licence has its document, as its doctor sent it in."""
    if licence.document_id is not None:
        return
    doctor = licence.doctor
    content = specimens.certificate(
        "Licence to practise medicine",
        issuer=licence.authority,
        holder=str(doctor),
        text="Entered in the register of practitioners",
        fields={
            "Number": licence.number,
            "Specialty": sources.text_of(doctor.specialty, "name") if doctor.specialty else "",
            "Issued on": _day(licence.issued_on),
            "Valid until": _day(licence.expires_on),
        },
        seed=licence.number,
    )
    with clock.acting(doctor.user, at):
        file = _store(content, f"licence-{licence.number}.pdf", doctor.user)
    # In the present: of an approved licence bookings hear, and ask their clock. And nobody but an admin changes one.
    is_approved = licence.verification == Verification.APPROVED
    with audit.acting(actor=doctor.user) if is_approved else clock.acting(doctor.user, at):
        hospital_services.update_licence(licence, by=None, document=file)


def hang_on_accreditation(accreditation: Accreditation, member: User, *, at: datetime) -> None:
    """The accreditation has its certificate, as the hospital's staff sent it in."""
    if accreditation.document_id is not None:
        return
    with clock.acting(member, at):
        file = store_certificate(
            accreditation.hospital,
            member,
            body=accreditation.body.name,
            number=accreditation.number,
            issued_on=accreditation.issued_on,
            expires_on=accreditation.expires_on,
        )
        # By the hospital's staff it would wait to be verified again.
        hospital_services.update_accreditation(accreditation, by=None, document=file)


def store_certificate(
    hospital: Hospital, member: User, *, body: str, number: str, issued_on: date | None, expires_on: date | None
) -> StoredFile:
    content = specimens.certificate(
        "Certificate of accreditation",
        issuer=body,
        holder=sources.text_of(hospital, "name"),
        text="The standards for hospitals are met by",
        fields={
            "Certificate": number,
            "City": sources.text_of(hospital, "city"),
            "Given on": _day(issued_on),
            "Valid until": _day(expires_on),
        },
        seed=number,
    )
    return _store(content, f"certificate-{number}.pdf", member)


def hang_on_applicant(doctor: Doctor, *, at: datetime) -> None:
    """Licence, diplomas, identity card and certificate of good standing of a doctor who waits to be verified."""
    for licence in doctor.licences.all():
        hang_on_licence(licence, at=at)
    _hang_on_degrees(doctor, at=at)
    for kind, draw in (
        (DoctorDocument.Kind.IDENTITY, _card),
        (DoctorDocument.Kind.GOOD_STANDING, _good_standing),
    ):
        if not doctor.documents.filter(kind=kind).exists():
            with clock.acting(doctor.user, at):
                content, name = draw(doctor, at)
                file = _store(content, name, doctor.user)
                hospital_services.add_document(doctor, by=doctor.user, kind=kind, file_id=file.pk)


def _hang_on_degrees(doctor: Doctor, *, at: datetime) -> None:
    degrees = list(doctor.qualifications.all())
    if all(degree.document_id for degree in degrees):
        return
    with clock.acting(doctor.user, at):
        given = []
        for degree in degrees:
            content = specimens.certificate(
                sources.text_of(degree, "name"),
                issuer="Faculty of Medicine",
                holder=doctor.full_name,
                text="The degree is conferred upon",
                fields={"Year": str(degree.year), "Country": _name_of(str(degree.country))},
                seed=f"{doctor.full_name} {sources.text_of(degree, 'name')}",
            )
            file = _store(content, f"diploma-{degree.year}.pdf", doctor.user)
            given.append({"id": degree.pk, "document_id": file.pk})
        hospital_services.update_doctor(doctor, by=doctor.user, qualifications=given)


def _card(doctor: Doctor, at: datetime) -> tuple[bytes, str]:
    chance = casting.dice(f"card of {doctor.full_name}")
    born = date((doctor.practising_since or at.year) - AGE_AT_FIRST, chance.randint(1, 12), chance.randint(1, 28))
    content = specimens.identity_card(
        holder=doctor.full_name,
        number=casting.filled(CARD_NUMBER, chance),
        country=doctors.country_of(doctor),
        gender=doctors.gender_of(doctor),
        born=_day(born),
        seed=doctor.user.email,
    )
    return content, "identity-card.jpg"


def _good_standing(doctor: Doctor, at: datetime) -> tuple[bytes, str]:
    licence = doctor.licences.all()[0]
    content = specimens.certificate(
        "Certificate of good standing",
        issuer=licence.authority,
        holder=doctor.full_name,
        text="No proceedings are pending against",
        fields={"Licence": licence.number, "Given on": _day(at.date())},
        seed=f"standing {licence.number}",
    )
    return content, "good-standing.pdf"


def hang_on_hospital(hospital: Hospital, member: User, *, at: datetime) -> None:
    """Registration and operating licence of a hospital that waits to be verified."""
    for kind, (title, issuer) in HOSPITAL_PAPERS.items():
        if hospital.documents.filter(kind=kind).exists():
            continue
        number = casting.filled(REGISTRATION_NUMBER, casting.dice(f"{kind} of {sources.text_of(hospital, 'name')}"))
        content = specimens.certificate(
            title,
            issuer=issuer,
            holder=sources.text_of(hospital, "name"),
            text="Entered in the register",
            fields={"Number": number, "Address": hospital.address, "Beds": str(hospital.beds)},
            seed=f"{kind} {number}",
        )
        with clock.acting(member, at):
            file = _store(content, f"{kind}-{number}.pdf", member)
            hospital_services.add_hospital_document(hospital, by=member, kind=kind, file_id=file.pk)


def _store(content: bytes, name: str, by: User) -> StoredFile:
    return media_services.store_document(ContentFile(content, name=name), by=by)


def _name_of(country: str) -> str:
    return str(countries.name(country))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
