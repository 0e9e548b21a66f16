"""Lists that stay quick at a million rows: counted to a bound, a wrong parameter answered with the plain list."""

from functools import cached_property

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

#: Rows that a list can be paged through. Whoever needs one further down searches or filters.
BOUND = 10_000


def looked_up_first(rows: QuerySet, found: QuerySet) -> QuerySet:
    """`rows` that are among `found`, which is looked up by its own index before anything is put in order.

    Otherwise PostgreSQL, expecting many matches, walks a million rows in the list's order to find eleven.
    """
    return rows.filter(pk__in=found.order_by().values("pk")[: BOUND + 1])


class BoundedPaginator(Paginator):
    """Counts to a bound and no further; `is_exact` says whether there are more."""

    bound = BOUND

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        return len(rows) if isinstance(rows, list) else rows.order_by()[: self.bound + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.bound)

    @property
    def is_exact(self) -> bool:
        return self._counted <= self.bound


class BoundedChangeList(ChangeList):
    """A list page. What the database cannot read in a parameter is a wrong parameter, not a defect."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (ValueError, ValidationError, DataError) as error:
            raise IncorrectLookupParameters(error) from error
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count  # so that the header does not offer to show all of all
