"""Searching by whom a row is about."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.clinical.selectors import finding


def as_id(word: str) -> UUID | None:
    try:
        return UUID(word.strip())
    except ValueError:
        return None


class ByPatient:
    """A list whose search finds a row's id, or the patient's id or names."""

    search_fields: Any = ("id",)
    search_help_text: Any = _("A patient's name, or an id.")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        exact = as_id(search_term)
        if exact is not None:
            return queryset.filter(Q(pk=exact) | Q(patient=exact)), False
        patients = finding.patients_called(search_term, reader=request.user)
        return queryset.filter(patient__in=patients.order_by().values("pk")), False
