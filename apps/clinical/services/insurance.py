"""Asking an insurer whether a patient's policy holds, and what came of it.

Each time of asking is a row, and the policy's own `verification` follows the newest. Our computers ask some insurers:
`ask_insurers` claims a row, asks outside of any transaction, and then says what came of it. A worker that dies in
between leaves a row that is due again, and the insurer gets the same question with the same `request`.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import insurers, notifications, rules
from apps.clinical.models import InsurancePolicy, InsuranceProvider, InsuranceVerification, Patient
from apps.common import encryption
from apps.common.exceptions import raise_if

from . import entries

log = structlog.get_logger(__name__)

Verification, Status, Kind = InsurancePolicy.Verification, InsuranceVerification.Status, InsuranceProvider.Kind
#: A worker has a question for so long; one that died has lost it by then. An insurer takes ten seconds at most.
CLAIMED_FOR = timedelta(minutes=2)
#: A run of the job begins no further question after so long: the next run is near.
RUN_SECONDS = 25.0
MAX_ERROR = 200


# --- Asking ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_insurance_verification(
    patient: Patient, *, by: User, policy: InsurancePolicy | None = None, **given: Any
) -> tuple[InsuranceVerification, bool]:
    """The insurer is to be asked: by our computers where it answers those, or else by a coordinator, and the
    coordinators are told. Whether that is news comes back too: while there is no answer, asking again changes nothing.

    `policy` is one of the patient's; or `given` describes it, and the one with its number is taken where there is one.
    Raises Forbidden, PolicyOver, StruckOut, TooManyEntries, Invalid.
    """
    now = timezone.now()
    patient = Patient.objects.lock(patient.pk)
    raise_if(rules.why_not_keep(patient, by=by))
    if policy is None:
        policy = _policy(patient, given, by=by)
    else:
        policy = InsurancePolicy.objects.get(pk=policy.pk, patient=patient)
    raise_if(rules.why_not_ask_insurer(policy, today=now.date()))
    present = InsuranceVerification.objects.open().filter(policy=policy).first()
    if present is not None:
        return present, False
    is_automatic = insurers.of(policy.provider).asks_by_itself
    asked = InsuranceVerification.objects.create(
        policy=policy,
        kind=Kind.HTTP if is_automatic else Kind.MANUAL,
        status=Status.ASKING if is_automatic else Status.STAFF,
        asked_at=now,
        asked_by=by,
        due_at=now if is_automatic else None,
    )
    _follow(policy, asked)
    if not is_automatic:
        _tell_coordinators(policy)
    return asked, True


def _policy(patient: Patient, given: dict[str, Any], *, by: User) -> InsurancePolicy:
    same = encryption.lookup(InsurancePolicy, "number", given["number"])
    policy = InsurancePolicy.objects.standing().filter(same, patient=patient).first()
    if policy is None:
        return entries.add_entry(patient, "insurance_policies", by=by, **given)
    return entries.change_entry(policy, "insurance_policies", by=by, **(given | {"number": policy.number}))


def _follow(policy: InsurancePolicy, asked: InsuranceVerification) -> None:
    """The policy says what its newest question says."""
    waiting = {None: Verification.REQUESTED, True: Verification.VERIFIED, False: Verification.REJECTED}
    policy.verification = waiting[asked.valid]
    policy.requested_at = asked.asked_at
    policy.decided_at, policy.decided_by, policy.decision_note = asked.decided_at, asked.decided_by, asked.note
    policy.save()


def _tell_coordinators(policy: InsurancePolicy) -> None:
    notifications.insurance_to_verify(policy, User.objects.filter(role=Role.COORDINATOR, is_active=True))


# --- The answer ------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide_insurance(
    policy: InsurancePolicy,
    *,
    verified: bool,
    note: str = "",
    reference: str = "",
    figures: insurers.Figures | None = None,
    by: User,
) -> InsuranceVerification:
    """What the insurer said is kept, with its figures and who asked; the patient is told that there is an answer.

    Raises Forbidden, VerificationNotRequested, Invalid for a no without a note and for figures that cannot be.
    """
    now = timezone.now()
    Patient.objects.lock(policy.patient_id)
    policy = InsurancePolicy.objects.get(pk=policy.pk)
    raise_if(rules.why_not_decide_insurance(policy, verified=verified, note=note, by=by))
    answer = insurers.Answer(valid=verified, figures=figures or insurers.Figures(), reference=reference.strip())
    raise_if(rules.why_wrong_figures(answer.figures, valid=verified, today=now.date()))
    asked = InsuranceVerification.objects.select_for_update(no_key=True).open().get(policy=policy)
    asked.kind = Kind.MANUAL
    _decide(policy, asked, answer, note=note.strip(), by=by, now=now)
    return asked


def _decide(
    policy: InsurancePolicy,
    asked: InsuranceVerification,
    answer: insurers.Answer,
    *,
    note: str = "",
    by: User | None,
    now: datetime,
) -> None:
    figures = answer.figures
    asked.coverage_amount, asked.deductible, asked.currency = (
        figures.coverage_amount, figures.deductible, figures.currency,
    )  # fmt: skip
    asked.co_pay_percent, asked.valid_until = figures.co_pay_percent, figures.valid_until
    asked.valid, asked.reference, asked.note = answer.valid, answer.reference, note
    asked.status, asked.decided_at, asked.decided_by, asked.due_at = Status.DECIDED, now, by, None
    asked.save()
    _follow(policy, asked)
    notifications.insurance_decided(policy)


# --- The job ---------------------------------------------------------------------------------------------------------


def ask_insurers(now: datetime) -> int:
    """Every insurer whose answer is due is asked; how many answered. One that fails is asked again later, and after
    five failures by a coordinator."""
    until, answered = time.monotonic() + RUN_SECONDS, 0
    while time.monotonic() < until and (asked := _claim(now)) is not None:
        try:
            answer = insurers.of(asked.policy.provider).ask(_question(asked))
            refusal = rules.why_wrong_figures(answer.figures, valid=answer.valid, today=timezone.now().date())
            if refusal is not None:
                raise insurers.InsurerFailed(f"the answer contradicts itself: {', '.join(sorted(refusal.errors))}")
            answered += _answered(asked, answer)
        except insurers.InsurerFailed as error:
            _put_off(asked, str(error))
        except Exception as error:  # noqa: BLE001  whatever is wrong with one must not stop the others
            _put_off(asked, type(error).__name__)
    return answered


@transaction.atomic
def _claim(now: datetime) -> InsuranceVerification | None:
    """The question that is due longest, ours for a while. The number of attempts tells a later owner from this one."""
    rows = InsuranceVerification.objects.filter(status=Status.ASKING, due_at__lte=now).order_by("due_at", "pk")
    rows = rows.select_related("policy__patient__user", "policy__provider")
    asked = rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
    if asked is not None:
        asked.attempts += 1
        asked.due_at = timezone.now() + CLAIMED_FOR
        asked.save(update_fields=["attempts", "due_at", "updated_at"])
    return asked


def _question(asked: InsuranceVerification) -> insurers.Question:
    """The birth date is the patient's, who is the one insured."""
    policy, patient = asked.policy, asked.policy.patient
    return insurers.Question(
        request=str(asked.pk),
        policy_number=str(policy.number),
        holder=policy.holder or patient.user.full_name,
        birth_date=patient.birth_date,
    )


@transaction.atomic
def _answered(asked: InsuranceVerification, answer: insurers.Answer) -> bool:
    """Whether it is ours to say so: meanwhile a coordinator may have decided, or the policy been changed."""
    mine = _ours(asked)
    if mine is None:
        return False
    policy = InsurancePolicy.objects.get(pk=mine.policy_id)
    _decide(policy, mine, answer, by=None, now=timezone.now())
    log.info("insurer_answered", verification_id=str(mine.pk), attempts=mine.attempts)
    return True


@transaction.atomic
def _put_off(asked: InsuranceVerification, error: str) -> None:
    """Asked again later, later each time; a coordinator asks in the end, or at once an insurer that is not on our
    computers' list any more."""
    mine = _ours(asked)
    if mine is None:
        return
    policy = InsurancePolicy.objects.select_related("provider").get(pk=mine.policy_id)
    is_given_up = mine.attempts >= rules.MAX_ATTEMPTS or not insurers.of(policy.provider).asks_by_itself
    mine.last_error = error[:MAX_ERROR]
    if is_given_up:
        mine.status, mine.kind, mine.due_at = Status.STAFF, Kind.MANUAL, None
    else:
        mine.due_at = timezone.now() + rules.wait_after(mine.attempts)
    mine.save(update_fields=["status", "kind", "due_at", "last_error", "updated_at"])
    (log.error if is_given_up else log.warning)(
        "insurer_failed", verification_id=str(mine.pk), error=mine.last_error, attempts=mine.attempts,
        is_given_up=is_given_up,
    )  # fmt: skip
    if is_given_up:
        _tell_coordinators(policy)


def _ours(asked: InsuranceVerification) -> InsuranceVerification | None:
    """The question, under its patient's lock, while it waits for the answer that this worker was to fetch."""
    Patient.objects.lock(asked.policy.patient_id)
    rows = InsuranceVerification.objects.filter(pk=asked.pk, status=Status.ASKING, attempts=asked.attempts)
    return rows.select_for_update(no_key=True).first()
