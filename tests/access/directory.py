"""The directory's part of the world: what each side's hospital and doctor keep, and the catalogue that all share."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from apps.bookings.models import Review
from apps.common import ids
from apps.common.models import ExchangeRate
from apps.hospitals.models import DoctorDocument, Licence, Qualification
from apps.media.models import DiscardedFile, UploadSession
from tests.factories.bookings import AppointmentFactory
from tests.factories.catalogue import (
    CategoryFactory,
    OfferFactory,
    PackageFactory,
    ProcedureFactory,
    SeasonFactory,
    TreatmentFactory,
)
from tests.factories.hospitals import (
    AccreditationBodyFactory,
    AccreditationFactory,
    BankAccountFactory,
    HospitalDocumentFactory,
    HospitalImageFactory,
    LicenceFactory,
)
from tests.factories.media import DocumentFactory, StoredFileFactory

#: Text columns that anybody may read, of rows that are listed.
PUBLIC = frozenset(
    {
        "hospitals.procedure.name", "hospitals.treatmentcategory.name", "hospitals.treatmentcategory.description",
        "hospitals.accreditationbody.name", "hospitals.qualification.name", "hospitals.qualification.institution",
        "hospitals.hospitalimage.caption", "hospitals.treatment.name", "hospitals.treatment.description",
        "hospitals.treatment.recovery", "hospitals.offer.inclusions", "hospitals.offer.exclusions",
        "hospitals.package.name", "hospitals.package.description", "hospitals.package.city",
        "hospitals.package.inclusions", "hospitals.package.exclusions", "hospitals.packageseason.name",
        "common.exchangerate.source",
    }
)  # fmt: skip


def build_shared(world: Any, platform: frozenset[str]) -> None:
    """The catalogue: one category, procedure, treatment and package, of hospitals that are added by side."""
    rows = {
        "category": CategoryFactory(),
        "procedure": ProcedureFactory(),
        "accreditation_body": AccreditationBodyFactory(),
        "treatment": TreatmentFactory(code="treatment-of-all"),
        "unoffered_treatment": TreatmentFactory(code="treatment-of-none"),
    }
    for row in rows.values():
        world.mark(row, platform)
    world.rows |= rows | {"country": SimpleNamespace(pk="IN")}
    rate = ExchangeRate.objects.create(currency="USD", on=date(2026, 11, 20), per_euro="1.15", source="ECB")
    ExchangeRate.objects.create(currency="INR", on=date(2026, 11, 20), per_euro="100", source="ECB")
    world.rows["rate"] = rate
    discarded = DiscardedFile.objects.create(visibility="private", keys=["aa/" + "0" * 32])
    world.mark(discarded, platform)


def build_package(world: Any, platform: frozenset[str]) -> None:
    """A package of both sides' hospitals, once they are there."""
    package = PackageFactory(
        code="package-of-all",
        treatments=[world.rows["treatment"]],
        hospitals=[world.rows["hospital_a"], world.rows["hospital_b"]],
    )
    season = SeasonFactory(package=package)
    for row in (package, season):
        world.mark(row, platform)
    world.rows |= {"package": package, "season": season}


def build_side(world: Any, side: str, *, front: frozenset[str], platform: frozenset[str]) -> None:
    """Papers, pictures, licences, offers and reviews of one side's hospital and doctor."""
    hospital, doctor = world.rows[f"hospital_{side}"], world.rows[f"doctor_{side}"]
    staff, owner = world.actors[f"hospital_admin_{side}"], world.actors[f"doctor_{side}"]
    translators = {"translator", "other_translator"}
    of_hospital = front | {f"hospital_admin_{side}"}
    of_doctor = front | {f"doctor_{side}", f"hospital_admin_{side}"}
    files = {
        "image_file": (StoredFileFactory(owner=staff), platform | {f"hospital_admin_{side}"} | translators),
        "hospital_paper": (DocumentFactory(owner=staff), of_hospital),
        "doctor_paper": (DocumentFactory(owner=owner), platform | {f"doctor_{side}"}),
        "spare_image": (StoredFileFactory(owner=staff), platform | {f"hospital_admin_{side}"}),
        "spare_paper": (DocumentFactory(owner=staff), of_hospital),
        "doctor_spare_paper": (DocumentFactory(owner=owner), platform | {f"doctor_{side}"}),
    }
    bank_account = BankAccountFactory(hospital=hospital)
    world.audience[bank_account.number] = frozenset()  # only its last four are shown, to anyone
    rows = {
        "licence": (Licence.objects.get(doctor=doctor), of_doctor),
        "new_licence": (LicenceFactory(doctor=doctor, verification="pending"), of_doctor),
        "qualification": (Qualification.objects.create(doctor=doctor, name="MD"), of_doctor),
        "doctor_document": (
            DoctorDocument.objects.create(doctor=doctor, kind="identity", file=files["doctor_paper"][0]),
            platform | {f"doctor_{side}"},
        ),
        "accreditation": (AccreditationFactory(hospital=hospital), of_hospital),
        "bank_account": (bank_account, platform | {f"hospital_admin_{side}"}),
        "image": (HospitalImageFactory(hospital=hospital, file=files["image_file"][0]), of_hospital | translators),
        "hospital_document": (
            HospitalDocumentFactory(hospital=hospital, file=files["hospital_paper"][0]),
            of_hospital,
        ),
        "offer": (OfferFactory(hospital=hospital, treatment=world.rows["treatment"]), of_hospital | translators),
        "published_review": (_review(world, side, "published", datetime(2026, 3, 2, 5, 30, tzinfo=UTC)), EVERYBODY),
        "pending_review": (
            _review(world, side, "pending", datetime(2026, 3, 9, 5, 30, tzinfo=UTC)),
            front | {f"patient_{side}"},
        ),
    }
    rows["upload"] = (upload(world.actors[f"patient_{side}"]), frozenset({f"patient_{side}"}))
    for name, (row, audience) in (files | rows).items():
        world.mark(row, audience)
        world.rows[f"{name}_{side}"] = row


EVERYBODY = "everyone"


def upload(owner: Any, *, status: str = "uploading") -> UploadSession:
    """A large file of which nothing has arrived."""
    return UploadSession.objects.create(
        owner=owner,
        purpose="medical_record",
        status=status,
        key=f"aa/{ids.uuid7().hex}",
        size=20_000_000,
        part_size=8 * 1024 * 1024,
        expires_at=timezone.now() + timedelta(hours=24),
    )


def _review(world: Any, side: str, status: str, starts_at: datetime) -> Review:
    """Of a consultation that is over."""
    affiliation, patient = world.rows[f"affiliation_{side}"], world.rows[f"patient_{side}"]
    appointment = AppointmentFactory(
        affiliation=affiliation, patient=patient, starts_at=starts_at, status="consultation_completed",
        booked_by=patient.user,
    )  # fmt: skip
    world.mark(appointment, world.audience_of_appointment(side))
    published = {"published_at": timezone.now()} if status == "published" else {}
    reply = {"reply": "x", "replied_by": affiliation.doctor.user, "replied_at": timezone.now()}
    return Review.objects.create(
        appointment=appointment, patient=patient, doctor=affiliation.doctor, hospital=affiliation.hospital, rating=5,
        language="en", status=status, **published, **reply,
    )  # fmt: skip
