"""Specialties, hospitals and doctors as the public and their keepers read them."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from apps.hospitals import models
from apps.hospitals.models import (
    Affiliation,
    Doctor,
    DoctorDocument,
    Hospital,
    Licence,
    Qualification,
    Specialty,
)

from .hospitals import accreditations_of_hospital, images_of_hospital
from .places import AskedPlace
from .prices import AskedPrices
from .rows import all_columns, as_json, columns, text_statuses, written_once


@cache
def _hospitals_of_doctor(language: str) -> RawSQL:
    """Where the doctor practises, as far as the public directory shows it, the primary hospital first."""
    texts = [f"hospital__{name}" for name in columns("name", "city", language=language)]
    texts += columns("department", "position", language=language)
    rows = (
        Affiliation.objects.active()
        .filter(doctor=OuterRef("pk"), hospital__verification="approved", hospital__is_active=True)
        .order_by("-is_primary", "hospital__name_en", "pk")
    )
    statuses = text_statuses("", "hospital__", language=language)
    shown = as_json("hospital__id", "hospital__country", "hospital__time_zone", "is_primary", *texts, **statuses)
    return written_once(Doctor, ArraySubquery(rows.raw_values(json=shown)))


@cache
def _doctors(language: str, *more: str) -> Any:
    rows = Doctor.objects.raw_values(
        "id", "first_name", "last_name", "specialty__code", "languages", "offers_teleconsult", "practising_since",
        "consultation_fee", "currency", "rating", "rating_count", "is_bookable", "next_free_at", "portrait__key",
        "portrait__variants", *more,
        *columns("title", "specialty__name", "specialty__practitioner", language=language),
        hospitals=_hospitals_of_doctor(language),
    )  # fmt: skip
    return rows.annotate(**text_statuses("", "specialty__", language=None if more else language))


def doctor_rows(language: str, today: date, prices: AskedPrices, place: AskedPlace | None) -> QuerySet:
    """The public list of doctors, as rows: with a fee in the range that is asked for, within the distance."""
    rows = _doctors(language).listed(today).filter(**prices.lookups("fee_in_euro"))
    return place.measured(rows) if place else rows


def _qualifications(language: str) -> RawSQL:
    """What the doctor studied, as the public profile shows it."""
    rows = Qualification.objects.filter(doctor=OuterRef("pk")).order_by("year", "pk")
    statuses = text_statuses("", language=language)
    shown = as_json("country", "year", *columns("name", "institution", language=language), **statuses)
    return written_once(Doctor, ArraySubquery(rows.raw_values(json=shown)))


@lru_cache(maxsize=2)
def _licensed_in(today: date) -> RawSQL:
    """The countries where the doctor is licensed now; the licences themselves are not public."""
    rows = Licence.objects.approved().filter(Q(expires_on=None) | Q(expires_on__gte=today), doctor=OuterRef("pk"))
    return written_once(Doctor, ArraySubquery(rows.order_by("country").values("country").distinct()))


def doctor_row(pk: UUID, *, user: Any, language: str, today: date) -> dict[str, Any]:
    """One doctor as `user` may read them. Raises DoesNotExist."""
    rows = _doctors(language, "verification", *all_columns("bio"))
    rows = rows.annotate(studied=_qualifications(language), licensed_in=_licensed_in(today))
    return rows.readable_by(user, today).get(pk=pk)


@cache
def _specialties_of_hospital(language: str) -> RawSQL:
    rows = Specialty.objects.filter(hospitals=OuterRef("pk")).order_by("code")
    statuses = text_statuses("", language=language)
    shown = as_json("code", *columns("name", "practitioner", language=language), **statuses)
    return written_once(Hospital, ArraySubquery(rows.raw_values(json=shown)))


@cache
def _hospitals(language: str, *more: str) -> Any:
    rows = Hospital.objects.alias(sort_name=models.sort_name(language)).raw_values(
        "id", "type", "country", "time_zone", "currency", "verification", "rating", "rating_count",
        "logo__key", "logo__variants", "cover__key", "cover__variants", *more,
        *columns("name", "city", language=language),
        in_specialties=_specialties_of_hospital(language),
    )  # fmt: skip
    return rows.annotate(**text_statuses("", language=None if more else language))


def hospital_rows(language: str, place: AskedPlace | None, *, unverified: bool = False) -> QuerySet:
    """The public list of hospitals as rows, within the distance; or, for staff of the platform, those that are not
    verified."""
    rows = _hospitals(language)
    rows = rows.exclude(verification="approved") if unverified else rows.listed()
    return place.measured(rows) if place else rows


def hospital_row(pk: UUID, *, user: Any, language: str, today: date) -> dict[str, Any]:
    """One hospital as `user` may read it, with its gallery and what it is accredited for. Raises DoesNotExist."""
    more = ("address", "latitude", "longitude", "phone", "email", "website", "founded_year", "beds")
    rows = _hospitals(language, *more, *all_columns("description"))
    rows = rows.annotate(accredited=accreditations_of_hospital(today), gallery=images_of_hospital())
    return rows.readable_by(user).get(pk=pk)


def managed_hospital(pk: UUID, user: Any) -> Hospital | None:
    """The hospital as its keepers see it; None for everyone else."""
    return Hospital.objects.visible_to(user).filter(pk=pk).first() if user.is_authenticated else None


def managed_doctor(pk: UUID, user: Any) -> Doctor | None:
    """The doctor as the doctor, the hospital's staff and the platform's staff see them; None for everyone else."""
    return Doctor.objects.visible_to(user).filter(pk=pk).first() if user.is_authenticated else None


@dataclass(frozen=True)
class DoctorFile:
    """What hangs on a doctor, as far as a person may see it. Papers are opened by the doctor and platform admins."""

    licences: list[Licence]
    qualifications: list[Qualification]
    documents: list[DoctorDocument]
    affiliations: list[Affiliation]
    may_open: bool


def doctor_file(doctor: Doctor, user: Any) -> DoctorFile:
    """What waits is included, and what was rejected."""
    return DoctorFile(
        licences=list(Licence.objects.visible_to(user).filter(doctor=doctor).select_related("document")),
        qualifications=list(Qualification.objects.visible_to(user).filter(doctor=doctor).select_related("document")),
        documents=list(DoctorDocument.objects.visible_to(user).filter(doctor=doctor).select_related("file")),
        affiliations=list(
            Affiliation.objects.visible_to(user).filter(doctor=doctor).select_related("hospital", "doctor")
        ),
        may_open=user.is_platform_admin or user.pk == doctor.user_id,
    )


def doctor_for_hospital(pk: UUID, *, user: Any, today: date) -> Doctor | None:
    """A doctor whom the keepers of a hospital may take up: one that they may read anyway."""
    return Doctor.objects.readable_by(user, today).filter(pk=pk).first()
