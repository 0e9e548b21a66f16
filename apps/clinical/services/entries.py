"""Verbs on what a patient's page lists: allergies, conditions and medicines; guardians, papers and policies.

All of them hold their patient's lock. What is medical is never removed but struck out: whoever acted on it must find
it again. The numbers of papers and policies are encrypted by their fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.clinical import exceptions, rules
from apps.clinical.models import (
    Allergy,
    Condition,
    CurrentMedication,
    Guardian,
    IdentityDocument,
    InsurancePolicy,
    InsuranceProvider,
    InsuranceVerification,
    Patient,
)
from apps.clinical.models.patients import OfPatient
from apps.common import encryption, texts
from apps.common.api import errors
from apps.common.exceptions import Invalid, raise_if
from apps.media import selectors as media


@dataclass(frozen=True)
class Kind:
    """A list of the patient's page: its rows, what is written of each, and whether it is medical."""

    model: Any
    fields: frozenset[str]
    is_medical: bool = False


#: By their names in the API.
KINDS = {
    "allergies": Kind(Allergy, frozenset({"substance", "kind", "severity", "reaction"}), is_medical=True),
    "conditions": Kind(Condition, frozenset({"name", "code", "state", "since_year", "notes"}), is_medical=True),
    "medications": Kind(CurrentMedication, frozenset({"name", "dosage", "frequency"}), is_medical=True),
    "guardians": Kind(Guardian, frozenset({"name", "relation", "phone", "email", "document"})),
    "identity_documents": Kind(IdentityDocument, frozenset({"kind", "number", "country", "expires_on"})),
    "insurance_policies": Kind(
        InsurancePolicy, frozenset({"provider", "insurer", "number", "holder", "valid_from", "valid_until"})
    ),
}


@transaction.atomic
def add_entry(patient: Patient, kind: str, /, *, by: User, **given: Any) -> Any:
    """The patient's page lists it. Raises Forbidden, NotOnboarded, TooManyEntries, NumberExists, Invalid."""
    patient = Patient.objects.lock(patient.pk)
    what = KINDS[kind]
    present = what.model._default_manager.filter(patient=patient).count()
    raise_if(rules.why_not_add_entry(patient, is_medical=what.is_medical, present=present, by=by))
    return insert(patient, kind, given, by=by, today=timezone.now().date())


def insert(patient: Patient, kind: str, given: Mapping[str, Any], *, by: User, today: date, field: str = "") -> Any:
    """As `add_entry`, by a caller who holds the lock and has asked; `field` is a prefix for errors."""
    entry = KINDS[kind].model(patient=patient)
    _write(entry, kind, given, by=by, today=today, field=field)
    entry.save(force_insert=True)
    return entry


@transaction.atomic
def change_entry(entry: OfPatient, kind: str, /, *, by: User, **changes: Any) -> Any:
    """The entry says what `changes` say. A policy of which anything changes is not verified any more.

    Raises Forbidden, StruckOut, NumberExists, Invalid, DoesNotExist.
    """
    patient, entry = _locked(entry)
    raise_if(rules.why_not_change_entry(patient, entry, by=by))
    _write(entry, kind, changes, by=by, today=timezone.now().date())
    entry.save()
    return entry


@transaction.atomic
def remove_entry(entry: OfPatient, kind: str, *, by: User) -> None:
    """What is medical is struck out and counts no more; the rest is gone. Striking out twice changes nothing.

    A policy about which an insurer was asked is kept for what it said, and is nobody's to see any more but the desk's.

    Raises Forbidden, GuardianNeeded, InUse for a guardian who has given consent, DoesNotExist.
    """
    now = timezone.now()
    patient, row = _locked(entry)
    raise_if(rules.why_not_keep(patient, by=by))
    if isinstance(row, InsurancePolicy):
        _forget_answer(row)
    if KINDS[kind].is_medical or (isinstance(row, InsurancePolicy) and row.verifications.exists()):
        if row.struck_out_at is None:
            row.struck_out_at = now
            row.save()
        return
    if isinstance(row, Guardian) and patient.onboarded_at:
        others = Guardian.objects.filter(patient=patient).exclude(pk=row.pk).count()
        raise_if(rules.why_no_guardian(patient, others, today=now.date()))
    row.delete()


def _locked(entry: OfPatient) -> tuple[Patient, Any]:
    patient = Patient.objects.lock(entry.patient_id)  # type: ignore[attr-defined]
    return patient, type(entry)._default_manager.get(pk=entry.pk)


def _write(entry: OfPatient, kind: str, given: Mapping[str, Any], *, by: User, today: date, field: str = "") -> None:
    changes = dict(given)
    if "document_id" in changes:
        changes["document"] = _proof(entry, changes.pop("document_id"), by=by, field=f"{field}document_id")
    if isinstance(entry, InsurancePolicy):
        _name_insurer(entry, changes)
    unknown = set(changes) - KINDS[kind].fields
    if unknown:
        raise TypeError(f"{kind} have no field {sorted(unknown)} to write")
    if isinstance(entry, InsurancePolicy) and any(getattr(entry, name) != value for name, value in changes.items()):
        _forget_answer(entry)
    for name, value in changes.items():
        setattr(entry, name, value)
    try:
        entry.clean_fields(exclude=[one.name for one in entry._meta.fields if one.name not in changes])
        _ask_rules(entry, today=today)
        if "number" in changes:
            _refuse_number_again(entry)
    except (Invalid, ValidationError) as error:
        refusal = errors.as_refusal(error) or Invalid()
        raise Invalid(errors={f"{field}{name}": said for name, said in refusal.errors.items()}) from error


def _name_insurer(policy: InsurancePolicy, changes: dict[str, Any]) -> None:
    """One on the list gives the policy its name; another name is that of an insurer which is not on the list."""
    if changes.get("provider_id") not in (None, policy.provider_id):
        provider = InsuranceProvider.objects.filter(pk=changes["provider_id"]).first()
        raise_if(rules.why_not_choose_insurer(provider))
        changes |= {"provider": provider, "insurer": getattr(provider, f"name_{texts.SOURCE}")}
    elif "provider_id" in changes:
        changes["provider"] = policy.provider if changes["provider_id"] else None
    elif changes.get("insurer", policy.insurer) != policy.insurer:
        changes["provider"] = None
    changes.pop("provider_id", None)


def _forget_answer(policy: InsurancePolicy) -> None:
    """What an insurer said, or was to say, was of another policy."""
    policy.verification = InsurancePolicy.Verification.UNVERIFIED
    policy.requested_at = policy.decided_at = policy.decided_by = None
    policy.decision_note = ""
    for asked in InsuranceVerification.objects.select_for_update(no_key=True).open().filter(policy=policy.pk):
        asked.status, asked.due_at = InsuranceVerification.Status.WITHDRAWN, None
        asked.save(update_fields=["status", "due_at", "updated_at"])


def _ask_rules(entry: OfPatient, *, today: date) -> None:
    if isinstance(entry, Condition):
        raise_if(rules.why_wrong_years(entry.since_year, birth_date=entry.patient.birth_date, today=today))
    if isinstance(entry, InsurancePolicy):
        raise_if(rules.why_wrong_period(entry.valid_from, entry.valid_until, field="valid_until"))
    if isinstance(entry, Guardian):
        raise_if(rules.why_not_reachable(entry))


def _refuse_number_again(entry: Any) -> None:
    if entry.number_index is None:
        raise Invalid(errors={"number": [_("This number has neither letters nor digits.")]})
    same = encryption.lookup(type(entry), "number", entry.number)
    others = type(entry).objects.standing().filter(same, patient=entry.patient).exclude(pk=entry.pk)
    if others.exists():
        raise exceptions.NumberExists()


def _proof(entry: Any, pk: Any, *, by: User, field: str) -> Any:
    """One that hangs on the guardian already may be named again by whoever keeps the page."""
    if pk is not None and entry.document_id == pk:
        return entry.document
    return media.document(pk, by=by, field=field)
