"""Pages of a list: `page` and `limit`, the total counted in the same query and only as far as anyone pages."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.constants import LOUTER
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common import exceptions

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
#: Rows that can be reached by paging; beyond that, filter. Keeps the cost of a page the same at a million rows.
MAX_REACHABLE = 10_000
_TOTAL = "pagination_total"


class PageOutOfRange(exceptions.NotFound):
    code = "pagination.out_of_range"
    message = _("There is no such page.")


def _whole_number(request: Request, name: str, default: int, maximum: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= maximum):
        raise exceptions.Invalid(
            errors={name: [_("Give a whole number from 1 to %(maximum)d.") % {"maximum": maximum}]}
        )
    return int(text)


def ids_alone(queryset: QuerySet) -> QuerySet:
    """The ids of the rows, without joins to rows that are only shown: PostgreSQL counts with an index alone if nothing
    else is read."""
    found = queryset.values("pk")
    query: Any = found.query
    used = {column.alias for column in query._gen_cols([query.where], include_external=True)}
    for alias, join in reversed(query.alias_map.items()):
        is_shown_only = getattr(join, "join_type", None) == LOUTER and alias not in used
        if is_shown_only and (join.join_field.many_to_one or join.join_field.one_to_one):
            query.alias_refcount[alias] = 0
        else:
            used.add(join.parent_alias)
    return found


def _counted(queryset: QuerySet) -> QuerySet | None:
    """The queryset with the bounded total as one uncorrelated subquery; None when no row can match."""
    bounded = ids_alone(queryset.order_by())[: MAX_REACHABLE + 1]
    try:
        sql, params = bounded.query.sql_with_params()
    except EmptyResultSet:
        return None
    total = RawSQL(f"(SELECT count(*) FROM ({sql}) AS bounded)", params, output_field=IntegerField())  # noqa: S608, S611
    return queryset.annotate(**{_TOTAL: total})


class EnvelopePagination(BasePagination):
    """Adds `meta.pagination` to the envelope. One query a page."""

    page_size_query_param = "limit"
    #: Fewer where a filter has cut the rows off after these and one more.
    reachable = MAX_REACHABLE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.limit = _whole_number(request, "limit", DEFAULT_LIMIT, MAX_LIMIT)
        self.page = _whole_number(request, "page", 1, 999_999_999)
        start, stop = (self.page - 1) * self.limit, self.page * self.limit
        if stop > self.reachable:
            raise PageOutOfRange(
                _("Only the first %(rows)d rows can be paged through: please filter."), rows=self.reachable
            )
        if not isinstance(queryset, QuerySet):
            items, self.total = list(queryset[start:stop]), len(queryset)
        else:
            items, self.total = self._read(queryset, start, stop)
        if not items and self.page > 1:
            raise PageOutOfRange()
        self.total_is_exact = self.total <= self.reachable
        self.total = min(self.total, self.reachable)
        return items

    def _read(self, queryset: QuerySet, start: int, stop: int) -> tuple[list[Any], int]:
        counted = _counted(queryset)
        if counted is None:
            return [], 0
        items = list(counted[start:stop])
        if not items:
            return [], 0
        if isinstance(items[0], dict):
            total = items[0][_TOTAL]
            for item in items:
                del item[_TOTAL]
            return items, total
        return items, getattr(items[0], _TOTAL)

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        pages = max(1, -(-self.total // self.limit))
        has_next, has_previous = self.page < pages, self.page > 1
        response = Response(data)
        response.envelope_meta = {  # type: ignore[attr-defined]
            "pagination": {
                "current_page": self.page,
                "total_pages": pages,
                "total_items": self.total,
                "total_is_exact": self.total_is_exact,
                "items_per_page": self.limit,
                "has_next_page": has_next,
                "has_prev_page": has_previous,
                "next_page": self.page + 1 if has_next else None,
                "prev_page": self.page - 1 if has_previous else None,
            }
        }
        return response

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "page",
                "in": "query",
                "required": False,
                "description": "Page number, from 1.",
                "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999, "default": 1},
            },
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": f"Rows a page, at most {MAX_LIMIT}.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return schema
