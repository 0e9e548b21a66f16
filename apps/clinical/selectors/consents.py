"""Consents, emergencies, and who read what, as plain rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.clinical.models import (
    ConsentGrant,
    ConsentText,
    EmergencyAccess,
    LabTest,
    MedicalRecord,
    Patient,
    Prescription,
    ReadEntry,
)
from apps.common import texts
from apps.common.exceptions import NotFound
from apps.hospitals.models import Affiliation, HospitalStaff

_GRANT = (
    "id", "patient_id", "grantee", "scopes", "subject_type", "subject_id", "starts_at", "ends_at", "language",
    "given_at", "revoked_at", "text_id", "text__version",
    "doctor_id", "doctor__first_name", "doctor__last_name", "hospital_id",
    "coordinator_id", "coordinator__first_name", "coordinator__last_name",
    "guardian_id", "guardian__name", "is_live",
)  # fmt: skip
_EMERGENCY = (
    "id", "patient_id", "doctor_id", "doctor__first_name", "doctor__last_name", "reason", "starts_at", "ends_at",
    "verdict", "reviewed_at",
)  # fmt: skip
_READING = (
    "id", "at", "patient_id", "reader_id", "reader__first_name", "reader__last_name", "reader_role", "object_type",
    "object_id", "act", "ground", "ground_id", "place", "address", "user_agent",
)  # fmt: skip
#: What the patient calls the things that were read: their column by the log's name for their kind.
_TITLES: dict[str, tuple[type, str]] = {
    "clinical.medicalrecord": (MedicalRecord, "title"),
    "clinical.prescription": (Prescription, "number"),
    "clinical.labtest": (LabTest, "name"),
}


def raise_unless_seen(patient_id: UUID, *, reader: User) -> None:
    """Raises NotFound for a patient whom the reader does not find."""
    if not Patient.objects.visible_to(reader).filter(pk=patient_id).exists():
        raise NotFound()


def consent_rows(*, reader: User, now: datetime) -> QuerySet:
    """The consents that the reader sees. `is_live`: begun, not over, not withdrawn, and the care it is for lasts."""
    return (
        ConsentGrant.objects.visible_to(reader)
        .with_liveness(now)
        .values(*_GRANT, hospital_name=texts.in_language("hospital__name"))
    )


def consent_row(patient_id: UUID, grant_id: UUID, *, reader: User, now: datetime) -> tuple[dict[str, Any], ConsentText]:
    """One of them, with the text that was agreed to. Raises NotFound."""
    row = consent_rows(reader=reader, now=now).filter(patient=patient_id, pk=grant_id).first()
    if row is None:
        raise NotFound()
    return row, ConsentText.objects.get(pk=row["text_id"])


def current_consent_text(now: datetime) -> ConsentText:
    """What people are asked to agree to today. Raises NotFound before there is any."""
    text: ConsentText | None = ConsentText.objects.newest(now)
    if text is None:
        raise NotFound()
    return text


def emergency_rows(*, reader: User) -> QuerySet:
    return EmergencyAccess.objects.visible_to(reader).values(*_EMERGENCY)


def reading_rows(patient_id: UUID, *, reader: User) -> QuerySet:
    """Who read what of this patient's record, as far as the log is the reader's to read. Raises NotFound."""
    raise_unless_seen(patient_id, reader=reader)
    return ReadEntry.objects.visible_to(reader).filter(patient=patient_id).values(*_READING)


def titles_of(rows: Iterable[dict[str, Any]], *, reader: User) -> dict[UUID, str]:
    """What the patient calls the things that these rows of the log name; nobody else is told. One query a kind."""
    wanted: dict[str, set[UUID]] = {}
    for row in rows:
        if row["object_type"] in _TITLES and row["object_id"]:
            wanted.setdefault(row["object_type"], set()).add(row["object_id"])
    titles: dict[UUID, str] = {}
    for kind, ids in wanted.items():
        model, column = _TITLES[kind]
        own: Any = model.objects.own(reader)  # type: ignore[attr-defined]
        titles.update(own.filter(pk__in=ids).values_list("pk", column))
    return titles


def institutions_of(readers: Iterable[UUID | None]) -> dict[UUID, str]:
    """Where these people work today: the hospital of its staff, a doctor's primary one."""
    ids = {reader for reader in readers if reader}
    name = texts.in_language("hospital__name")
    staff = HospitalStaff.objects.filter(user__in=ids).values_list("user_id", name)
    practising = Affiliation.objects.filter(doctor__user__in=ids, status="active").order_by("is_primary", "-pk")
    return dict(staff) | dict(practising.values_list("doctor__user_id", name))
