"""Reading a patient's record in the admin is reading: each row that a page shows goes to the log of readings."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from apps.clinical import services
from apps.clinical.models import ReadEntry
from apps.common.exceptions import NotFound

_AUTOCOMPLETE = "autocomplete"


def log(rows: Iterable[Any], *, reader: Any, act: str) -> None:
    """As `services.log_readings`. Raises Http404 for a row that the reader sees no longer: an admin page has no other
    way to say so."""
    try:
        services.log_readings(rows, reader=reader, act=act, place="admin")
    except NotFound:
        raise Http404 from None


class LoggedReading:
    """For the pages of a model whose rows are part of a patient's record; put it first.

    A list logs the rows of the page it shows, an object's page, history or removal the object, once a request. What an
    action writes to a file it logs with `log_exported`. The log is written before the page is made: where it cannot
    be, there is no page.
    """

    model: Any
    #: Whether lists show anything of the record. Of patients they show the register only.
    lists_record = True
    #: Whether forms of other models may look these rows up by typing. It names rows that nobody has opened.
    may_be_looked_up = False

    def log_reading(self, request: HttpRequest, pks: Iterable[Any], act: str) -> None:
        """These rows are read now by the person of the request."""
        rows = self.model.objects.filter(pk__in=list(pks)).with_ground(request.user)
        log(rows.order_by(), reader=request.user, act=act)

    def log_exported(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        """These rows leave for a file; say so before it is made."""
        self.log_reading(request, [row.pk for row in rows], ReadEntry.Act.EXPORTED)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)  # type: ignore[misc]
        if self.lists_record and request.method in {"GET", "HEAD"}:
            self.log_reading(request, [row.pk for row in changelist.result_list], ReadEntry.Act.LISTED)
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        logged: set[Any] = request.__dict__.setdefault("medivoy_logged_readings", set())
        if found is not None and found.pk not in logged:
            self.log_reading(request, [found.pk], ReadEntry.Act.OPENED)
            logged.add(found.pk)
        return found

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        match = request.resolver_match
        if not self.may_be_looked_up and match is not None and match.url_name == _AUTOCOMPLETE:
            return queryset.none(), False
        found: tuple[QuerySet, bool] = super().get_search_results(request, queryset, search_term)  # type: ignore[misc]
        return found
