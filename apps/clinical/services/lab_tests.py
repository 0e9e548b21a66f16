"""Verbs on laboratory tests, up to their result. All of them hold the patient's lock, and then the test's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical import lab_reference, notifications, rules
from apps.clinical.models import CareRelationship, Laboratory, LabTest, LabTestEvent, Patient
from apps.clinical.workflow import LabTestStatus
from apps.common.exceptions import Forbidden, Invalid, NotFound, raise_if
from apps.hospitals.models import Doctor


@transaction.atomic
def request_lab_test(
    *,
    by: User,
    patient_id: UUID,
    laboratory_id: UUID,
    name: str = "",
    code: str = "",
    instructions: str = "",
    priority: str = LabTest.Priority.ROUTINE,
    doctor_id: UUID | None = None,
    appointment_id: UUID | None = None,
    now: datetime | None = None,
) -> LabTest:
    """The doctor asks the laboratory to examine the patient's sample; its staff are told. A platform admin says for
    which doctor. Of a known LOINC code the name is filled in. `appointment_id` is what the test belongs to: the
    appointment by which the doctor cares for the patient.

    Raises NotFound, Forbidden, TestNeedsCare, MayNotRequestTests, LaboratoryNotActive, Invalid.
    """
    now = now or timezone.now()
    patient = _locked_patient(patient_id, by)
    doctor = _asking_doctor(by, doctor_id)
    laboratory = Laboratory.objects.select_related("hospital").filter(pk=laboratory_id).first()
    if laboratory is None:
        raise NotFound()
    care = CareRelationship.objects.filter(patient=patient, doctor=doctor).live(now)
    is_active = Laboratory.objects.listed().filter(pk=laboratory_id).exists()
    raise_if(
        rules.why_not_request(
            role=by.role,
            cares=care.exists(),
            is_licensed=rules.is_licensed(doctor, today=now.date()),
            laboratory_is_active=is_active,
        )
    )
    test = LabTest(
        patient=patient,
        doctor=doctor,
        laboratory=laboratory,
        name=name.strip() or _known_name(code, patient.user.language),
        code=code,
        instructions=instructions,
        priority=priority,
    )
    if not test.name:
        raise Invalid(errors={"name": [_("This is missing.")]})
    if appointment_id is not None:
        subject = care.filter(subject_id=appointment_id).first()
        if subject is None:
            raise Invalid(errors={"appointment_id": [_("The doctor does not care for the patient by this.")]})
        test.subject_type, test.subject_id = subject.subject_type, subject.subject_id
    test.save()
    LabTestEvent.objects.create(lab_test=test, to_status=LabTestStatus.REQUESTED, by=by, at=now)
    notifications.lab_test_requested(test)
    return test


@transaction.atomic
def change_lab_test(
    test_id: UUID,
    *,
    by: User,
    status: str | None = None,
    scheduled_at: datetime | None = None,
    sampled_at: datetime | None = None,
    instructions: str | None = None,
    priority: str | None = None,
    note: str = "",
    now: datetime | None = None,
) -> LabTest:
    """The test says what is given, and has moved to `status` (scheduled, sample_taken, in_progress). A time in
    `scheduled_at` alone plans the sample, or plans it anew; the patient is told when.

    Raises NotFound, Forbidden, MoveNotAllowed, SampleTaken, Invalid.
    """
    now = now or timezone.now()
    test = locked_test(test_id, by)
    raise_if(rules.why_not_handle(by.role, is_requester=_asked_for(test, by)))
    _describe(test, instructions=instructions, priority=priority, by=by)
    if status == LabTestStatus.SCHEDULED or (status is None and scheduled_at is not None):
        _schedule(test, scheduled_at, by=by, now=now, note=note)
    elif status == LabTestStatus.SAMPLE_TAKEN:
        taken_at = sampled_at or now
        raise_if(rules.why_not_take_sample(test.status, taken_at, test.created_at, role=by.role, now=now))
        test.sampled_at = taken_at
        test.move_to(LabTestStatus.SAMPLE_TAKEN, by=by, at=now, note=note, fields=["sampled_at"])
    elif status is not None:
        raise_if(test.workflow.why_not_move(test.status, status, by.role))
        if status not in rules.PLAIN_MOVES:
            raise Invalid(errors={"status": [_("This status is reached by an action of its own.")]})
        test.move_to(status, by=by, at=now, note=note)
    return test


@transaction.atomic
def cancel_lab_test(test_id: UUID, *, by: User, reason: str, now: datetime | None = None) -> LabTest:
    """The test is cancelled and says why; the patient and the laboratory are told that it is.

    Raises NotFound, Forbidden, MoveNotAllowed, CancellationNeedsReason.
    """
    now = now or timezone.now()
    test = locked_test(test_id, by)
    raise_if(rules.why_not_handle(by.role, is_requester=_asked_for(test, by)))
    raise_if(rules.why_not_cancel_test(test.status, reason, role=by.role))
    test.cancellation_reason = reason.strip()
    test.move_to(LabTestStatus.CANCELLED, by=by, at=now, fields=["cancellation_reason"])
    notifications.lab_test_cancelled(test)
    return test


def locked_test(test_id: UUID, by: User) -> LabTest:
    """The test that this person may act on, locked after its patient. Raises NotFound; Forbidden for one that they may
    only read."""
    patient_id = LabTest.objects.visible_to(by).filter(pk=test_id).values_list("patient_id", flat=True).first()
    if patient_id is None:
        raise NotFound()
    Patient.objects.lock(patient_id)
    try:
        test: LabTest = LabTest.objects.open_for_writing(by).lock(test_id)
    except LabTest.DoesNotExist:
        raise Forbidden() from None
    return test


def _locked_patient(patient_id: UUID, by: User) -> Patient:
    try:
        patient: Patient = Patient.objects.visible_to(by).lock(patient_id)
    except Patient.DoesNotExist:
        raise NotFound() from None
    return patient


def _asking_doctor(by: User, doctor_id: UUID | None) -> Doctor | None:
    """The doctor who answers for the test: the caller, or the one whom a platform admin names."""
    if by.role == Role.DOCTOR:
        return Doctor.objects.filter(user=by).first()
    if by.role != Role.ADMIN:
        raise Forbidden()
    if doctor_id is None:
        raise Invalid(errors={"doctor_id": [_("Say which doctor asks for it.")]})
    doctor = Doctor.objects.filter(pk=doctor_id).first()
    if doctor is None:
        raise NotFound()
    return doctor


def _asked_for(test: LabTest, by: User) -> bool:
    return test.doctor is not None and test.doctor.user_id == by.pk


def _known_name(code: str, language: str) -> str:
    known = lab_reference.known_tests().get(code)
    return known.name(language) if known else ""


def _describe(test: LabTest, *, instructions: str | None, priority: str | None, by: User) -> None:
    changes = {"instructions": instructions, "priority": priority}
    changes = {name: value for name, value in changes.items() if value is not None and value != getattr(test, name)}
    if not changes:
        return
    raise_if(rules.why_not_describe(test.status, role=by.role))
    for name, value in changes.items():
        setattr(test, name, value)
    test.save(update_fields=[*changes, "updated_at"])


def _schedule(test: LabTest, at: datetime | None, *, by: User, now: datetime, note: str) -> Any:
    raise_if(rules.why_not_schedule(test.status, at, role=by.role, now=now))
    if test.scheduled_at == at:
        return
    test.scheduled_at = at
    if test.status == LabTestStatus.SCHEDULED:
        test.save(update_fields=["scheduled_at", "updated_at"])
    else:
        test.move_to(LabTestStatus.SCHEDULED, by=by, at=now, note=note, fields=["scheduled_at"])
    notifications.lab_test_scheduled(test)
