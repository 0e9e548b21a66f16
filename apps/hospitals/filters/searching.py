"""Full text: what is typed is looked for in the asked language and in English, and the best matches come first."""

from typing import Any

from django.contrib.postgres.search import SearchRank
from django.db.models import F, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from apps.common import search
from apps.common.api import pagination
from apps.common.api.filters import SortBackend
from apps.common.exceptions import Invalid

from . import parameters

#: So many rows that match are put in the order of relevance: the first by the list's own order. Whoever gets more was
#: looking for too common a word, and every one of them would have to be read to know how well it matches.
MOST_RELEVANT = 1_000
RELEVANCE = "relevance"


def search_parameter(found_in: str) -> parameters.Parameter:
    """`search`, over rows that keep a document of these texts."""
    return parameters.Parameter(
        parameters.text,
        _find,
        f"Words in {found_in}, in the asked language or English; the last ones may be unfinished. Each must be found. "
        f"Without `sort_by`, what matches best comes first: the best {MOST_RELEVANT:,} are listed.",
    )


def _find(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(search=search.query(value, get_language())) if value else rows


class DirectorySortBackend(SortBackend):
    """Also by relevance, and so without `sort_by`, where words are looked for."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        fields = getattr(view, "sort_fields", {})
        if RELEVANCE not in fields:
            return super().filter_queryset(request, queryset, view)
        words = request.query_params.get("search", "").strip()
        name, order = self.asked(request, fields)
        if name == RELEVANCE and not words:
            raise Invalid(errors={"sort_by": [_("Relevance needs words to look for, in “search”.")]})
        if not words or name not in {None, RELEVANCE}:
            return super().filter_queryset(request, queryset, view)
        view.paginator.reachable = MOST_RELEVANT
        best = pagination.ids_alone(queryset.order_by(*view.default_sort, "pk"))[: MOST_RELEVANT + 1]
        rank = SearchRank(F("search"), search.query(words, get_language()))
        sign = "" if order == "desc" else "-"
        return queryset.filter(pk__in=best).alias(relevance=rank).order_by(f"{sign}relevance", *view.default_sort, "pk")
