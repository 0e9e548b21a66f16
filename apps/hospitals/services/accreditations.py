"""Verbs on accreditations. All of them hold their hospital's lock.

The body is named by its code, the certificate by the id of an upload (`document_id`) or as the file (`document`).
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.hospitals import notifications, rules
from apps.hospitals.models import Accreditation, AccreditationBody, Hospital
from apps.hospitals.workflow import Verification

from . import files, texts
from .hospitals import is_staff_of

FIELDS = frozenset({"number", "issued_on", "expires_on", "document"})


@transaction.atomic
def add_accreditation(hospital: Hospital, *, by: User | None, **given: Any) -> Accreditation:
    """The accreditation waits for an admin, and is not public before.

    Raises Forbidden, AccreditationExists, TooManyAccreditations, Invalid.
    """
    hospital = Hospital.objects.lock(hospital.pk)
    accreditation = Accreditation(hospital=hospital)
    _write(accreditation, given, by=by)
    others = Accreditation.objects.filter(hospital=hospital)
    refusal = rules.why_not_add_accreditation(accreditation, others, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    accreditation.save()
    return accreditation


@transaction.atomic
def update_accreditation(accreditation: Accreditation, *, by: User | None, **changes: Any) -> Accreditation:
    """The accreditation says what `changes` say. After a change by the hospital's staff one that was decided waits
    again; another last day is warned of anew. Raises Forbidden, AccreditationExists, Invalid."""
    hospital = Hospital.objects.lock(accreditation.hospital_id)
    accreditation = Accreditation.objects.select_related("body", "document").get(pk=accreditation.pk)
    accreditation.hospital = hospital
    before = _content(accreditation)
    expired_on = accreditation.expires_on
    _write(accreditation, changes, by=by)
    others = Accreditation.objects.filter(hospital=hospital).exclude(pk=accreditation.pk)
    refusal = rules.why_not_change_accreditation(accreditation, others, by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    if _content(accreditation) == before:
        return accreditation
    if accreditation.expires_on != expired_on:
        accreditation.told_days = None
    accreditation.save()
    if rules.waits_again(accreditation, by=by):
        accreditation.decide(Verification.PENDING, reason="", at=timezone.now())
    return accreditation


@transaction.atomic
def remove_accreditation(accreditation: Accreditation, *, by: User | None) -> None:
    """The hospital has it no more. Raises Forbidden."""
    hospital = Hospital.objects.lock(accreditation.hospital_id)
    refusal = rules.why_not_keep_hospital(by=by, is_own=is_staff_of(hospital, by))
    if refusal:
        raise refusal
    Accreditation.objects.filter(pk=accreditation.pk).delete()


@transaction.atomic
def verify_accreditation(
    accreditation: Accreditation, *, by: User | None, verification: str, reason: str = ""
) -> Accreditation:
    """The accreditation is approved and public through its last day, or rejected with a reason and not public; the
    hospital's staff are told. Raises MoveNotAllowed when it is so already, Forbidden, ReasonRequired,
    AccreditationLapsed."""
    now = timezone.now()
    hospital = Hospital.objects.lock(accreditation.hospital_id)
    accreditation = Accreditation.objects.select_related("body", "document").get(pk=accreditation.pk)
    accreditation.hospital = hospital
    refusal = rules.why_not_verify_accreditation(accreditation, verification, by=by, reason=reason, today=now.date())
    if refusal:
        raise refusal
    accreditation.decide(verification, reason=reason.strip(), at=now)
    staff = User.objects.filter(hospital_links__hospital=hospital, is_active=True)
    notifications.accreditation_decided(accreditation, staff, at=now)
    return accreditation


def _content(accreditation: Accreditation) -> tuple[Any, ...]:
    row = accreditation
    return row.body_id, row.number, row.issued_on, row.expires_on, row.document_id


def _write(accreditation: Accreditation, given: Mapping[str, Any], *, by: User | None) -> None:
    given = dict(given)
    if "body" in given:
        body = AccreditationBody.objects.filter(code=given.pop("body")).first()
        if body is None:
            raise Invalid(errors={"body": [_("There is no such body.")]})
        accreditation.body = body
    if "document_id" in given:
        document_id = given.pop("document_id")
        given["document"] = files.paper(accreditation.hospital, document_id, by=by, field="document_id")
    texts.write(accreditation, given, texts=(), plain=FIELDS)
