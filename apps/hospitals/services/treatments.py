"""Verbs on the catalogue of treatments."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import User
from apps.hospitals import rules
from apps.hospitals.models import Procedure, Treatment, TreatmentCategory

from . import codes, texts

PLAIN = frozenset({"hospital_days", "stay_days", "picture", "is_active"})


@transaction.atomic
def create_treatment(
    *,
    by: User | None,
    name: texts.Texts,
    category: str,
    specialty: str,
    code: str | None = None,
    procedures: Collection[str] = (),
    **details: Any,
) -> Treatment:
    """The catalogue has the treatment, and hospitals can offer it. Category, specialty and procedures are codes; the
    treatment's own comes of its English name where none is given. Raises Forbidden, CodeTaken, Invalid."""
    refusal = rules.why_not_keep_catalogue({"code"}, rules.TREATMENT_TEXTS, by=by)
    if refusal:
        raise refusal
    treatment = Treatment()
    given = {"name": name, "category": category, "specialty": specialty, **details}
    _write(treatment, given)
    codes.give(treatment, code)
    treatment.save()
    _set_procedures(treatment, procedures)
    return treatment


@transaction.atomic
def update_treatment(treatment: Treatment, *, by: User | None, **changes: Any) -> Treatment:
    """The treatment says what `changes` say; the rest stays, and so does its code. Raises Forbidden, Invalid."""
    if "procedures" in changes:
        _queue()
    treatment = Treatment.objects.lock(treatment.pk)
    refusal = rules.why_not_keep_catalogue(changes, rules.TREATMENT_TEXTS, by=by)
    if refusal:
        raise refusal
    procedures = changes.pop("procedures", None)
    _write(treatment, changes)
    treatment.save()
    if procedures is not None:
        _set_procedures(treatment, procedures)
    return treatment


@transaction.atomic
def deactivate_treatment(treatment: Treatment, *, by: User | None) -> Treatment:
    """The treatment is off the catalogue, and with it what hospitals offer of it and the packages it is part of; all of
    them stay. Once more changes nothing. Raises Forbidden."""
    treatment = Treatment.objects.lock(treatment.pk)
    refusal = rules.why_not_keep_catalogue({"is_active"}, rules.TREATMENT_TEXTS, by=by)
    if refusal:
        raise refusal
    if treatment.is_active:
        treatment.is_active = False
        treatment.save(update_fields=["is_active", "updated_at"])
    return treatment


def _write(treatment: Treatment, changes: Mapping[str, Any]) -> None:
    changes = dict(changes)
    if "category" in changes:
        treatment.category = codes.one(TreatmentCategory, changes.pop("category"), "category")
    if "specialty" in changes:
        treatment.specialty = texts.specialties_by_code([changes.pop("specialty")], "specialty")[0]
    texts.write(treatment, changes, texts=rules.TREATMENT_TEXTS, plain=PLAIN)
    texts.require_english(treatment, ["name"])
    refusal = rules.why_wrong_days(treatment.hospital_days, treatment.stay_days)
    if refusal:
        raise refusal


def _queue() -> None:
    """Behind those who change offers: the triggers that follow (see models.derived) take this lock before the row's,
    and so does whoever will set one of them off while holding the row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('hospitals.treatments', 0))")


def _set_procedures(treatment: Treatment, procedures: Collection[str]) -> None:
    treatment.procedures.set(codes.all_of(Procedure, procedures, "procedures"))
