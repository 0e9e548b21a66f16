"""Onboarding: the medical information is given for the first time, and the record begins."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.clinical import notifications, rules
from apps.clinical.models import MedicalRecord, Patient, RecordType
from apps.common.exceptions import Invalid, raise_if

from . import entries, patients

Entries = Sequence[Mapping[str, Any]]


@transaction.atomic
def onboard_patient(
    patient: Patient, *, by: User, details: Mapping[str, Any], lists: Mapping[str, Entries], language: str = ""
) -> MedicalRecord:
    """The patient's medical information is there, with the first record: height, weight and BMI; the patient is told.

    `details` are fields of the patient, `lists` the entries by kind: an empty list says that none are known. All of it
    is taken, or nothing. Raises Forbidden, AlreadyOnboarded, GuardianNeeded, NumberExists, Invalid.
    """
    now = timezone.now()
    patient = Patient.objects.lock(patient.pk)
    raise_if(rules.why_not_onboard(patient, by=by))
    patients.write(patient, details, now.date())
    patient.onboarded_at = now
    patient.save()
    guardians = patient.guardians.count() + len(lists.get("guardians", ()))
    raise_if(rules.why_no_guardian(patient, guardians, today=now.date()))
    _list(patient, lists, by=by, today=now.date())
    if language and language != patient.user.language:
        patient.user.language = language
        patient.user.save(update_fields=["language", "updated_at"])
    record = _first_record(patient, by=by, now=now)
    notifications.onboarding_complete(patient)
    return record


def _list(patient: Patient, lists: Mapping[str, Entries], *, by: User, today: date) -> None:
    for kind, given in lists.items():
        if len(given) > rules.MAX_ENTRIES:
            raise Invalid(errors={kind: [_("At most %(count)d entries.") % {"count": rules.MAX_ENTRIES}]})
        for index, entry in enumerate(given):
            entries.insert(patient, kind, entry, by=by, today=today, field=f"{kind}.{index}.")


def _first_record(patient: Patient, *, by: User, now: datetime) -> MedicalRecord:
    """What was measured, under a title in the patient's language, on the day that it is where the patient lives."""
    figures = {
        "height_cm": patient.height_cm,
        "weight_kg": patient.weight_kg,
        "bmi": rules.bmi(patient.height_cm, patient.weight_kg),
    }
    with translation.override(patient.user.language):
        title = _("Height and weight at the onboarding")
    return MedicalRecord.objects.create(
        patient=patient,
        type=RecordType.OTHER,
        title=title,
        recorded_on=now.astimezone(ZoneInfo(patient.user.time_zone)).date(),
        measurements={name: str(figure) for name, figure in figures.items() if figure is not None},
        language=patient.user.language,
        uploaded_by=by,
    )
