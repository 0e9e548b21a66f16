"""Verbs on results: report and correct, acknowledge, review, release. All hold the patient's lock, then the test's: of
a correction and a review at the same moment, one comes first, and the other is told to look again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import exceptions, notifications, rules
from apps.clinical.models import LabResult, LabTest, LabValue
from apps.clinical.workflow import LabTestStatus
from apps.common.api import errors
from apps.common.exceptions import Invalid, raise_if
from apps.media import selectors as media
from apps.media.models import StoredFile

from .lab_tests import locked_test

#: Results that one sweep looks at; the next one takes the rest.
SWEPT_AT_ONCE = 200
LIMITS = ("critical_low", "low", "high", "critical_high")
VALUE_FIELDS = ("name", "code", "number", "text", "unit", *LIMITS)


@transaction.atomic
def report_result(
    test_id: UUID,
    *,
    by: User,
    values: Sequence[Mapping[str, Any]] = (),
    file_id: UUID | None = None,
    comment: str = "",
    is_critical: bool = False,
    corrects_version: int | None = None,
    correction_reason: str = "",
    now: datetime | None = None,
) -> LabResult:
    """The test has a result, each value flagged by its range; the doctor is told, and asked to acknowledge a critical
    one. `is_critical` says so of what no range tells.

    With `corrects_version` it is a correction: the version before stays, a reviewed test is to be reviewed again, what
    was acknowledged is to be acknowledged again, and a patient who has the result is told. Raises NotFound, Forbidden,
    MoveNotAllowed, ResultExists, StaleResult, CorrectionNeedsReason, Invalid.
    """
    now = now or timezone.now()
    test = locked_test(test_id, by)
    current = LabResult.objects.current().filter(lab_test=test).first()
    raise_if(
        rules.why_not_report(
            test.status,
            role=by.role,
            current=current.version if current else None,
            corrects=corrects_version,
            reason=correction_reason,
            is_empty=not values and file_id is None,
        )
    )
    rows = flagged(values)
    file = _file(file_id, current, by)
    if current is not None:
        current.is_current = False
        current.save(update_fields=["is_current", "updated_at"])
    result = LabResult.objects.create(
        lab_test=test,
        version=current.version + 1 if current else 1,
        file=file,
        comment=comment,
        correction_reason=correction_reason.strip() if current else "",
        reported_by=by,
        reported_at=now,
        is_critical=rules.is_critical([row.flag for row in rows], is_said=is_critical),
    )
    for row in rows:
        row.result = result
    LabValue.objects.bulk_create(rows)
    test.move_to(LabTestStatus.RESULT_READY, by=by, at=now)
    notifications.result_reported(test, result)
    return result


def flagged(values: Sequence[Mapping[str, Any]]) -> list[LabValue]:
    """The values as they would be stored, each with its flag. Raises Invalid, naming `values.<from 0>.<field>`."""
    raise_if(rules.why_too_many_values(len(values)))
    return [_flagged(position, value) for position, value in enumerate(values)]


@transaction.atomic
def acknowledge_result(test_id: UUID, *, by: User, version: int, now: datetime | None = None) -> LabResult:
    """A doctor has seen the critical result: nobody is told of it again. `version` is the one that they have seen.

    Raises NotFound, Forbidden, NothingToAcknowledge, StaleResult.
    """
    now = now or timezone.now()
    test = locked_test(test_id, by)
    result = LabResult.objects.current().filter(lab_test=test).first()
    if result is None:
        raise exceptions.NothingToAcknowledge()
    raise_if(
        rules.why_not_acknowledge(
            role=by.role,
            seen=version,
            current=result.version,
            is_critical=result.is_critical,
            is_acknowledged=result.acknowledged_at is not None,
        )
    )
    result.acknowledged_at, result.acknowledged_by = now, by
    result.save(update_fields=["acknowledged_at", "acknowledged_by", "updated_at"])
    return result


@transaction.atomic
def review_result(
    test_id: UUID,
    *,
    by: User,
    version: int | None = None,
    release: bool = True,
    note: str = "",
    now: datetime | None = None,
) -> LabTest:
    """A doctor has reviewed the result, and unless `release` is false the patient has it from now on and is told.

    Raises NotFound, Forbidden, MoveNotAllowed, ReviewedAlready, StaleResult, NotAcknowledged.
    """
    now = now or timezone.now()
    test = locked_test(test_id, by)
    result = LabResult.objects.current().filter(lab_test=test).first()
    raise_if(
        rules.why_not_review(
            test.status,
            role=by.role,
            seen=version,
            current=result.version if result else None,
            needs_acknowledgement=bool(result and result.is_critical and result.acknowledged_at is None),
        )
    )
    is_news = release and test.released_at is None
    if is_news:
        test.released_at = now
    test.move_to(LabTestStatus.REVIEWED, by=by, at=now, note=note, fields=["released_at"])
    if is_news:
        notifications.result_released(test)
    return test


@transaction.atomic
def release_result(test_id: UUID, *, by: User, now: datetime | None = None) -> LabTest:
    """The patient has the reviewed result from now on and is told. Raises NotFound, Forbidden, ReleasedAlready,
    NotReviewed."""
    now = now or timezone.now()
    test = locked_test(test_id, by)
    raise_if(rules.why_not_release(test.status, test.released_at, role=by.role))
    test.released_at = now
    test.move_to(LabTestStatus.REVIEWED, by=by, at=now, fields=["released_at"])
    notifications.result_released(test)
    return test


def escalate_results(now: datetime | None = None) -> int:
    """Critical results that nobody has acknowledged in time are told of again: after an hour to the doctor and the
    staff of the laboratory's hospital, after four also to the coordinators. Each step once; how many results it was.
    """
    now = now or timezone.now()
    due = LabResult.objects.unacknowledged().filter(_due(now)).order_by("reported_at").values_list("pk", flat=True)
    return sum(_escalate(pk, now) for pk in list(due[:SWEPT_AT_ONCE]))


def _due(now: datetime) -> Q:
    due = Q(pk=None)
    for step, after in enumerate(rules.ESCALATIONS):
        due |= Q(escalation_step=step, reported_at__lte=now - after)
    return due


@transaction.atomic
def _escalate(pk: UUID, now: datetime) -> bool:
    """Another sweep may be at it, or a doctor may acknowledge it just now: then this one leaves it."""
    results = LabResult.objects.unacknowledged().filter(_due(now), pk=pk)
    result = results.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if result is None:
        return False
    step = rules.steps_due(result.reported_at, now)
    result.escalation_step = step
    result.save(update_fields=["escalation_step", "updated_at"])
    coordinators = User.objects.filter(role=Role.COORDINATOR, is_active=True)
    notifications.result_unacknowledged(
        result, step=step, hours=(now - result.reported_at) // timedelta(hours=1),
        coordinators=list(coordinators) if step == len(rules.ESCALATIONS) else [],
    )  # fmt: skip
    return True


def _flagged(position: int, value: Mapping[str, Any]) -> LabValue:
    given = {name: value[name] for name in VALUE_FIELDS if value.get(name) is not None}
    row = LabValue(position=position, **given)
    row.name, row.text = row.name.strip(), row.text.strip()
    limits = {name: getattr(row, name) for name in LIMITS}
    try:
        raise_if(rules.why_wrong_value(row.number, row.text, list(limits.values())))
        row.flag = rules.flag_of(row.number, **limits, is_abnormal=value.get("is_abnormal"))
        row.clean_fields(exclude=["result"])
    except (Invalid, ValidationError) as error:
        refusal = errors.as_refusal(error)
        wrong = refusal.errors if refusal else {}
        raise Invalid(errors={f"values.{position}.{name}": texts for name, texts in wrong.items()}) from error
    return row


def _file(file_id: UUID | None, current: LabResult | None, by: User) -> StoredFile | None:
    """An own upload; or for a correction, the report that is there already."""
    if current is not None and file_id is not None and file_id == current.file_id:
        return current.file
    return media.medical_file(file_id, by=by, field="file_id")
