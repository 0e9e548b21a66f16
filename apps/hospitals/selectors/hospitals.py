"""What hangs on a hospital's page: what the public reads of it, and what its keepers do."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from apps.accounts.roles import Role
from apps.hospitals.models import Accreditation, Affiliation, Hospital, HospitalDocument, HospitalImage, Offer

from .rows import all_columns, as_json, text_statuses, written_once


@lru_cache(maxsize=2)
def accreditations_of_hospital(today: date) -> RawSQL:
    """As the public reads them: approved, and not lapsed on `today` (UTC)."""
    rows = Accreditation.objects.filter(hospital=OuterRef("pk"), verification="approved").exclude(expires_on__lt=today)
    shown = as_json("body__code", "body__name", "body__website", "number", "expires_on")
    return written_once(Hospital, ArraySubquery(rows.order_by("body__code", "pk").values(json=shown)))


@cache
def images_of_hospital() -> RawSQL:
    """The gallery, in its order."""
    rows = HospitalImage.objects.filter(hospital=OuterRef("pk")).order_by("position", "pk")
    statuses = text_statuses("", language=None)
    shown = as_json("id", "file__key", "file__variants", *all_columns("caption"), **statuses)
    return written_once(Hospital, ArraySubquery(rows.raw_values(json=shown)))


@dataclass(frozen=True)
class HospitalFile:
    """What hangs on a hospital, as far as a person may see it. Papers are for its staff and platform admins."""

    accreditations: list[Accreditation]
    images: list[HospitalImage]
    documents: list[HospitalDocument]
    specialty_count: int
    document_count: int
    counts: dict[str, int]
    may_open: bool


def hospital_file(hospital: Hospital, user: Any) -> HospitalFile:
    """What waits is included, and what was rejected. `hospital` is one that `user` keeps or looks after."""
    may_open = user.role in {Role.ADMIN, Role.HOSPITAL_ADMIN}
    accreditations = Accreditation.objects.visible_to(user).filter(hospital=hospital)
    images = HospitalImage.objects.visible_to(user).filter(hospital=hospital)
    counted = _counts(hospital)
    return HospitalFile(
        accreditations=list(accreditations.select_related("body", "document")),
        images=list(images.select_related("file")),
        documents=list(hospital_documents(hospital, user)) if may_open else [],
        specialty_count=counted.pop("specialties"),
        document_count=counted.pop("documents"),
        counts=counted,
        may_open=may_open,
    )


def hospital_documents(hospital: Hospital, user: Any) -> QuerySet:
    """The papers by which the hospital is verified, the newest first."""
    return HospitalDocument.objects.visible_to(user).filter(hospital=hospital).select_related("file")


def _counts(hospital: Hospital) -> dict[str, int]:
    """How many of each hang on the hospital, in one query."""
    affiliations = Affiliation.objects.filter(hospital=OuterRef("pk"))
    counted = {
        "doctors": affiliations.active(),
        "proposed_doctors": affiliations.pending(),
        "offers": Offer.objects.filter(hospital=OuterRef("pk"), is_active=True),
        "specialties": Hospital.specialties.through.objects.filter(hospital=OuterRef("pk")),
        "documents": HospitalDocument.objects.filter(hospital=OuterRef("pk")),
    }
    return dict(
        zip(
            counted,
            Hospital.objects.values_list(*(_count(rows) for rows in counted.values())).get(pk=hospital.pk),
            strict=True,
        )
    )


def _count(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("hospital").annotate(n=Count("pk")).values("n")), 0)
