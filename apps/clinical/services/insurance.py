"""Asking an insurer whether a patient's policy holds, and what came of it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import notifications, rules
from apps.clinical.models import InsurancePolicy, Patient
from apps.common import encryption
from apps.common.exceptions import raise_if

from . import entries

Verification = InsurancePolicy.Verification


@transaction.atomic
def request_insurance_verification(
    patient: Patient, *, by: User, policy: InsurancePolicy | None = None, **given: Any
) -> tuple[InsurancePolicy, bool]:
    """The policy waits for a coordinator, who asks the insurer; the coordinators are told. Whether that is news comes
    back too: while it waits, asking again changes nothing.

    `policy` is one of the patient's; or `given` describes it, and the one with its number is taken where there is one.
    Raises Forbidden, PolicyOver, TooManyEntries, Invalid.
    """
    now = timezone.now()
    patient = Patient.objects.lock(patient.pk)
    raise_if(rules.why_not_keep(patient, by=by))
    if policy is None:
        policy = _policy(patient, given, by=by)
    else:
        policy = InsurancePolicy.objects.get(pk=policy.pk, patient=patient)
    raise_if(rules.why_not_ask_insurer(policy, today=now.date()))
    if policy.verification == Verification.REQUESTED:
        return policy, False
    policy.verification = Verification.REQUESTED
    policy.requested_at = now
    policy.decided_at = policy.decided_by = None
    policy.decision_note = ""
    policy.save()
    notifications.insurance_to_verify(policy, User.objects.filter(role=Role.COORDINATOR, is_active=True))
    return policy, True


def _policy(patient: Patient, given: dict[str, Any], *, by: User) -> InsurancePolicy:
    same = encryption.lookup(InsurancePolicy, "number", given["number"])
    policy = InsurancePolicy.objects.filter(same, patient=patient).first()
    if policy is None:
        return entries.add_entry(patient, "insurance_policies", by=by, **given)
    return entries.change_entry(policy, "insurance_policies", by=by, **(given | {"number": policy.number}))


@transaction.atomic
def decide_insurance(policy: InsurancePolicy, *, verified: bool, note: str = "", by: User) -> InsurancePolicy:
    """What the insurer said is kept, with who asked; the patient is told that there is an answer.

    Raises Forbidden, VerificationNotRequested, Invalid for a no without a note.
    """
    now = timezone.now()
    Patient.objects.lock(policy.patient_id)
    policy = InsurancePolicy.objects.get(pk=policy.pk)
    raise_if(rules.why_not_decide_insurance(policy, verified=verified, note=note, by=by))
    policy.verification = Verification.VERIFIED if verified else Verification.REJECTED
    policy.decided_at = now
    policy.decided_by = by
    policy.decision_note = note.strip()
    policy.save()
    notifications.insurance_decided(policy)
    return policy
