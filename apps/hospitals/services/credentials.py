"""Verbs on what a doctor studied and is licensed for. All of them hold their doctor's lock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.hospitals.models import Doctor, Licence, Qualification
from apps.hospitals.workflow import Verification

from . import texts

QUALIFICATION_TEXTS = frozenset({"name", "institution"})
QUALIFICATION_FIELDS = frozenset({"country", "year", "document"})
LICENCE_FIELDS = frozenset({"number", "country", "authority", "issued_on", "expires_on", "document"})


def propose_licences(doctor: Doctor, licences: Sequence[Mapping[str, Any]]) -> None:
    """The licences wait for an admin. The caller holds the doctor's lock. Raises Invalid."""
    for given in licences:
        licence = Licence(doctor=doctor)
        texts.write(licence, given, texts=(), plain=LICENCE_FIELDS)
        licence.save()


def replace_qualifications(doctor: Doctor, qualifications: Sequence[Mapping[str, Any]]) -> None:
    """The profile shows these degrees and no others. The caller holds the doctor's lock. Raises Invalid."""
    Qualification.objects.filter(doctor=doctor).delete()
    for given in qualifications:
        qualification = Qualification(doctor=doctor)
        texts.write(qualification, given, texts=QUALIFICATION_TEXTS, plain=QUALIFICATION_FIELDS)
        texts.require_english(qualification, ["name"])
        qualification.save()


def settle_licences(doctor: Doctor, verification: str, *, by: User | None, reason: str, at: datetime) -> None:
    """The licences that wait are decided with their doctor. The caller holds the doctor's lock."""
    for licence in Licence.objects.filter(doctor=doctor, verification=Verification.PENDING):
        licence.decide(verification, reason=reason, at=at)
