"""Reads of prescriptions: plain rows with their medicines, one query a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils import translation

from apps.accounts.models import User
from apps.clinical import rules
from apps.clinical.models import PrescribedMedication, Prescription
from apps.common import texts
from apps.common.exceptions import NotFound, raise_if

MEDICATION = ("name", "form", "dosage", "frequency", "duration", "quantity", "notes")
PATHS = (
    "id", "number", "status", "patient_id", "patient__user__first_name", "patient__user__last_name", "doctor_id",
    "doctor__first_name", "doctor__last_name", "doctor__user_id", "hospital_id", "hospital__time_zone", "subject_type",
    "subject_id", "language", "instructions", "valid_until", "allergy_check", "allergy_findings", "acknowledgement",
    "signed_at", "dispensed_at", "voided_at", "void_reason", "replaces_id", "created_at", "updated_at",
)  # fmt: skip


def prescription_rows(prescriptions: Any, *, reader: User) -> QuerySet[Any, dict[str, Any]]:
    """Plain rows with all that an answer shows, names in the active language, and the ground on which they are read;
    one query."""
    medications = PrescribedMedication.objects.filter(prescription=OuterRef("pk")).order_by("position")
    replacement = Prescription.objects.signed().filter(replaces=OuterRef("pk")).order_by()
    rows: QuerySet[Any, dict[str, Any]] = prescriptions.with_ground(reader).values(
        *PATHS,
        "ground",
        "ground_id",
        doctor_title=_in_language("doctor__title"),
        hospital_name=_in_language("hospital__name"),
        medicines=ArraySubquery(medications.values(shown=JSONObject(**{name: name for name in MEDICATION}))),
        replacement_id=Subquery(replacement.values("pk")[:1]),
    )
    return rows


def _in_language(path: str) -> Any:
    """A translated column in the language that is active now, in English where that is missing."""
    language = translation.get_language() or texts.SOURCE
    wanted = [NullIf(F(f"{path}_{code}"), Value("")) for code in dict.fromkeys((language, texts.SOURCE))]
    return Coalesce(*wanted, Value(""), output_field=TextField())


def prescription_row(prescription_id: UUID, *, reader: User) -> dict[str, Any]:
    """Raises NotFound for one that the reader may not know of."""
    row = prescription_rows(Prescription.objects.visible_to(reader).filter(pk=prescription_id), reader=reader).first()
    if row is None:
        raise NotFound()
    return row


def replacement_of(prescription: Prescription) -> str | None:
    """The number of the signed one that has taken its place."""
    return Prescription.objects.signed().filter(replaces=prescription).values_list("number", flat=True).first()


def signed_prescription(prescription_id: UUID, *, reader: User) -> Prescription:
    """One that has a document. Raises NotFound, NotSigned."""
    prescription = Prescription.objects.visible_to(reader).filter(pk=prescription_id).with_ground(reader).first()
    if prescription is None:
        raise NotFound()
    raise_if(rules.why_no_document(prescription))
    return prescription


@dataclass(frozen=True)
class PublicPrescription:
    """What anyone who holds the paper may check: no patient, no medicine."""

    STATES: ClassVar = ("valid", "dispensed", "expired", "replaced", "void")

    number: str
    state: str
    doctor: str
    licences: list[Mapping[str, str]]
    hospital: str
    zone: str
    signed_at: datetime
    valid_until: Any


def public_prescription(token: str, *, now: datetime) -> PublicPrescription | None:
    """What the verification page shows for a token; None where there is no such prescription, or none was signed."""
    found: Any = Prescription.objects.signed().filter(token=token).values(
        "number", "status", "signed_as", "signed_at", "valid_until", "replaced_by__signed_at"
    ).first()  # fmt: skip
    if found is None:
        return None
    signed = found["signed_as"]
    zone = signed["hospital"]["zone"]
    return PublicPrescription(
        number=found["number"],
        state=rules.public_state(
            found["status"],
            found["valid_until"],
            is_replaced=found["replaced_by__signed_at"] is not None,
            today=now.astimezone(ZoneInfo(zone)).date(),
        ),
        doctor=signed["doctor"],
        licences=signed["licences"],
        hospital=signed["hospital"]["name"],
        zone=zone,
        signed_at=found["signed_at"],
        valid_until=found["valid_until"],
    )
