"""Rooms that are loaded while the site is up already: pictures, and the papers of those who are verified.

Drawing them all takes a minute or two. Each picture is a step of its own, and one that hangs there is left alone, so a
run that was killed goes on where it ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from apps.accounts.models import User
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Accreditation, Doctor, Hospital, HospitalImage, Licence, Package, Treatment
from apps.hospitals.workflow import Verification
from apps.media import services as media_services
from apps.media.models import StoredFile

from . import casting, clock, doctors, hospitals, papers, pictures, sources, staff

TOLD_EVERY = 20
#: Covers are drawn by the light of one of these hours.
HOURS = range(7, 21)
#: So long after they came do hospitals and doctors send pictures and papers, and does the admin find some for the rest.
SENT_AFTER = timedelta(days=1)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where a picture is missing: how it is drawn, whose it is since when, and how it is hung there."""

    name: str
    draw: Callable[[], bytes]
    by: User
    at: datetime
    hang: Callable[[StoredFile], Any]

    def fill(self) -> None:
        content = self.draw()
        with clock.acting(self.by, self.at):
            self.hang(media_services.store_generated(content, name=self.name, by=self.by))


def load_pictures(tell: Tell) -> int:
    """Every hospital, doctor, treatment and package has its pictures; the shown hospitals first."""
    places = [*_fronts(), *_portraits(), *_treatments(), *_packages(), *_galleries()]
    return _do([place.fill for place in places], "pictures", tell)


def load_papers(tell: Tell) -> int:
    """The licences and accreditations that are approved have their documents."""
    licences = Licence.objects.filter(doctor__user__email__endswith=casting.DOMAIN)
    accreditations = Accreditation.objects.filter(hospital__in=_hospitals().values())
    people = hospitals.staff_of()
    missing = {"document": None, "verification": Verification.APPROVED}
    steps: list[Callable[[], None]] = [
        partial(papers.hang_on_licence, row, at=row.created_at)
        for row in licences.filter(**missing).select_related("doctor__user", "doctor__specialty").order_by("number")
    ]
    steps += [
        partial(papers.hang_on_accreditation, row, people[row.hospital_id], at=row.created_at)
        for row in accreditations.filter(**missing).select_related("hospital", "body").order_by("number")
    ]
    return _do(steps, "papers", tell)


def _do(steps: list[Callable[[], None]], what: str, tell: Tell) -> int:
    for number, step in enumerate(steps, start=1):
        step()
        if number % TOLD_EVERY == 0:
            tell(f"{what}: {number} of {len(steps)}")
    return len(steps)


def _hospitals() -> dict[str, Hospital]:
    """By code, those whose staff's sign-in is shown first; the one that waits is among them."""
    places = hospitals.by_code() | hospitals.waiting()
    return dict(sorted(places.items(), key=lambda pair: pair[0] not in hospitals.SHOWN_STAFF))


def _fronts() -> Iterator[Place]:
    """Covers and logos."""
    people = hospitals.staff_of()
    for code, hospital in _hospitals().items():
        member, at = people[hospital.pk], hospital.created_at + SENT_AFTER
        hour = casting.dice(f"cover {code}").choice(HOURS)
        cover = partial(
            pictures.hospital_cover,
            code,
            country=str(hospital.country),
            city=sources.text_of(hospital, "city"),
            hour=hour,
        )
        for field, draw, name in (
            ("cover", cover, f"{code}.jpg"),
            ("logo", partial(pictures.hospital_logo, code), f"{code}-logo.png"),
        ):
            if getattr(hospital, f"{field}_id") is None:
                yield Place(name, draw, member, at, _put(hospital_services.update_hospital, hospital, member, field))


def _portraits() -> Iterator[Place]:
    found = Doctor.objects.filter(portrait=None, user__email__endswith=casting.DOMAIN).exclude(onboarded_at=None)
    for doctor in found.select_related("user").prefetch_related("qualifications").order_by("user__email"):
        draw = partial(
            pictures.doctor_portrait,
            doctor.user.email,
            gender=doctors.gender_of(doctor),
            country=doctors.country_of(doctor),
        )
        hang = _put(hospital_services.update_doctor, doctor, doctor.user, "portrait")
        yield Place("portrait.jpg", draw, doctor.user, doctor.created_at + SENT_AFTER, hang)


def _treatments() -> Iterator[Place]:
    admin, codes = staff.admin(), [row["code"] for row in sources.treatments()]
    found = Treatment.objects.filter(picture=None, code__in=codes).select_related("category").order_by("code")
    for treatment in found:
        draw = partial(pictures.treatment_picture, treatment.code, treatment.category.code)
        hang = _put(hospital_services.update_treatment, treatment, admin, "picture")
        yield Place(f"{treatment.code}.jpg", draw, admin, treatment.created_at + SENT_AFTER, hang)


def _packages() -> Iterator[Place]:
    admin, codes = staff.admin(), [row["code"] for row in sources.packages()]
    for package in Package.objects.filter(picture=None, code__in=codes).order_by("code"):
        draw = partial(pictures.package_picture, package.code, str(package.country), sources.text_of(package, "city"))
        hang = _put(hospital_services.update_package, package, admin, "picture")
        yield Place(f"{package.code}.jpg", draw, admin, package.created_at + SENT_AFTER, hang)


def _galleries() -> Iterator[Place]:
    people = hospitals.staff_of()
    present = set(HospitalImage.objects.values_list("hospital", "file__original_name"))
    for code, hospital in _hospitals().items():
        member, at = people[hospital.pk], hospital.created_at + SENT_AFTER
        for row in sources.gallery():
            name = f"{code}-{row['scene'].replace('_', '-')}.jpg"
            if (hospital.pk, name) not in present:
                draw = partial(pictures.hospital_scene, code, row["scene"])
                yield Place(name, draw, member, at, partial(_add_image, hospital, member, row["caption"]))


def _put(service: Callable[..., Any], row: Any, by: User, field: str) -> Callable[[StoredFile], Any]:
    return lambda file: service(row, by=by, **{field: file})


def _add_image(hospital: Hospital, by: User, caption: sources.Text, file: StoredFile) -> None:
    hospital_services.add_image(hospital, by=by, file_id=file.pk, caption=caption)
