"""Filtering and sorting of lists: unknown values are refused, order is total (the id breaks ties)."""

from collections.abc import Collection
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from apps.common import exceptions


class FilterBackend(DjangoFilterBackend):
    """django-filter, with a wrong value answered by 400 naming the parameter."""

    raise_exception = True


class SortBackend(BaseFilterBackend):
    """`sort_by` names one of the view's `sort_fields`, `sort_order` is asc or desc; `default_sort` without `sort_by`.

    `sort_fields` maps a name to a column, or to "-column" where up for the reader is down in the table. What is no
    field of the model and may be empty stands in `nullable_sorts` too.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        fields: dict[str, str] = getattr(view, "sort_fields", {})
        if not fields:
            return queryset
        name, order = self.asked(request, fields)
        if name is None:
            return queryset.order_by(*view.default_sort, "pk")
        sign = "-" if order == "desc" else ""
        column = f"{sign}{fields[name]}".removeprefix("--")
        return queryset.order_by(_order(queryset, column, getattr(view, "nullable_sorts", ())), f"{sign}pk")

    @staticmethod
    def asked(request: Request, fields: Collection[str]) -> tuple[str | None, str]:
        """What to sort by, None where it is not said, and the order. Raises Invalid."""
        name = request.query_params.get("sort_by")
        order = request.query_params.get("sort_order", "asc")
        if name is not None and name not in fields:
            raise exceptions.Invalid(
                errors={"sort_by": [_("Choose one of: %(names)s.") % {"names": ", ".join(fields)}]}
            )
        if order not in {"asc", "desc"}:
            raise exceptions.Invalid(errors={"sort_order": [_("Choose one of: %(names)s.") % {"names": "asc, desc"}]})
        return name, order

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        fields = getattr(view, "sort_fields", {})
        if not fields:
            return []
        return [
            {
                "name": "sort_by",
                "in": "query",
                "required": False,
                "description": "What to sort by.",
                "schema": {"type": "string", "enum": list(fields)},
            },
            {
                "name": "sort_order",
                "in": "query",
                "required": False,
                "description": "Ascending or descending.",
                "schema": {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
            },
        ]


def _order(queryset: QuerySet, column: str, nullable: Collection[str]) -> str | OrderBy:
    """A column to order by, with the rows that have no value at the end, whichever way it goes."""
    name = column.removeprefix("-")
    field = next((field for field in queryset.model._meta.concrete_fields if field.name == name), None)
    may_be_empty = field.null if field is not None else name in nullable
    if not may_be_empty or not column.startswith("-"):
        return column
    return F(name).desc(nulls_last=True)


class ChoicesFilter(django_filters.ChoiceFilter):
    """One of a TextChoices; anything else is 400."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices=choices, empty_label=None, **kwargs)


@extend_schema_field(OpenApiTypes.BOOL)
class TrueFalseFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`; anything else is 400 (django-filter's own takes it for “not said”)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("true", "true"), ("false", "false")], coerce="true".__eq__, empty_value=None, **kwargs
        )
