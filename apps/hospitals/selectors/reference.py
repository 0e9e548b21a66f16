"""Reference data as everyone reads it."""

from functools import cache

from django.db.models import QuerySet

from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

from .rows import columns, text_statuses


@cache
def specialty_rows(language: str) -> QuerySet:
    rows = Specialty.objects.raw_values("code", *columns("name", "practitioner", language=language))
    return rows.annotate(**text_statuses("", language=language))


@cache
def procedure_rows(language: str) -> QuerySet:
    rows = Procedure.objects.raw_values("code", "specialty__code", *columns("name", language=language))
    return rows.annotate(**text_statuses("", language=language))


@cache
def treatment_category_rows(language: str) -> QuerySet:
    rows = TreatmentCategory.objects.raw_values("code", *columns("name", "description", language=language))
    return rows.annotate(**text_statuses("", language=language))


def accreditation_body_rows() -> QuerySet:
    return AccreditationBody.objects.values("code", "name", "country", "website")
