"""What a deletion would take along: how many rows of which kind, never the rows, which may be other people's."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models.deletion import get_candidate_relations_to_delete
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

#: Beyond this the preview says "more than": nobody reads on, and the count stays quick.
COUNTED = 1_000
#: How many of the chosen objects a preview names.
NAMED = 100


class _Preview:
    def __init__(self, request: HttpRequest, site: admin.AdminSite) -> None:
        self.request = request
        self.site = site
        self.counts: Counter[type[models.Model]] = Counter()
        self.missing: set[str] = set()
        self.protected: Counter[type[models.Model]] = Counter()

    def take(self, rows: models.QuerySet, seen: frozenset[Any] = frozenset()) -> None:
        """Count `rows`, and what goes with them down the tree of foreign keys."""
        model = rows.model
        count = rows.order_by()[: COUNTED + 1].count()
        if not count:
            return
        self.counts[model] += count
        if self.site.is_registered(model) and not self.site.get_model_admin(model).has_delete_permission(self.request):
            self.missing.add(str(model._meta.verbose_name))
        for relation in get_candidate_relations_to_delete(model._meta):
            if relation in seen or relation.related_model._meta.auto_created:
                continue
            related = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": rows.order_by().values("pk")}
            )
            if relation.on_delete is models.CASCADE:
                self.take(related, seen | {relation})
            elif relation.on_delete in (models.PROTECT, models.RESTRICT):
                self.protected[relation.related_model] += related.order_by()[: COUNTED + 1].count()


def _number(count: int) -> str:
    return str(count) if count <= COUNTED else _("more than %(number)s") % {"number": COUNTED}


def preview(objs: Any, request: HttpRequest, site: admin.AdminSite) -> tuple[list, dict, set, list]:
    """Django's four parts: the chosen objects, counts by kind, kinds the person may not remove, what is in the way."""
    objects = list(objs[: NAMED + 1])
    if not objects:
        return [], {}, set(), []
    model = type(objects[0])
    found = _Preview(request, site)
    pks = [row.pk for row in objects] if len(objects) <= NAMED else objs.order_by().values("pk")
    found.take(model._base_manager.filter(pk__in=pks))
    named = [f"{capfirst(model._meta.verbose_name)}: {row}" for row in objects[:NAMED]]
    counts = {kind._meta.verbose_name_plural: _number(count) for kind, count in found.counts.items()}
    protected = [
        f"{capfirst(kind._meta.verbose_name_plural)}: {_number(count)}"
        for kind, count in found.protected.items()
        if count
    ]
    return named, counts, found.missing, protected
