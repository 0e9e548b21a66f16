"""Row scope in the admin: rows, choices, autocompletes and filters show what `visible_to(user)` gives, no more."""

from functools import cache
from typing import Any

from django.contrib.admin import ModelAdmin, RelatedFieldListFilter
from django.contrib.admin.exceptions import NotRegistered
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RelatedDropdownFilter

from apps.common.querysets import ScopedQuerySet


def visible_rows(model: type[models.Model], user: Any) -> models.QuerySet:
    """The rows of a model that a person may see. A model that does not say who sees its rows shows none."""
    rows = model._default_manager.get_queryset()
    return rows.visible_to(user) if isinstance(rows, ScopedQuerySet) else rows.none()


def _target(model: type[models.Model], path: str) -> type[models.Model] | None:
    """The model that a filter's path ends at when its last step is a relation: `doctor__specialty` -> Specialty."""
    field: Any = None
    for name in path.split(LOOKUP_SEP):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if field.related_model:
            model = field.related_model
    return model if field is not None and field.is_relation else None


class _ScopedChoices(RelatedFieldListFilter):
    """A filter by a related object that offers and names only the objects that the person may see."""

    def _visible(self, field: Any, request: HttpRequest, model_admin: Any) -> models.QuerySet:
        return model_admin.visible_related(field.remote_field.model, request)

    def field_choices(self, field: Any, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[Any, str]]:
        if isinstance(self, AutocompleteSelectFilter):
            return super().field_choices(field, request, model_admin)  # it asks the (scoped) autocomplete
        rows = self._visible(field, request, model_admin)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return [(row.pk, str(row)) for row in (rows.order_by(*ordering) if ordering else rows)]

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            form = choice.get("form")
            if form is not None and hasattr(form.fields[self.lookup_kwarg], "queryset"):
                # Unfold gives it every row: a guessed id would be answered with its name.
                form.fields[self.lookup_kwarg].queryset = self._visible(self.field, self.request, self.model_admin)  # type: ignore[attr-defined]
            yield choice


@cache
def _scoped_filter(kind: type[RelatedFieldListFilter]) -> type[RelatedFieldListFilter]:
    return type(f"Scoped{kind.__name__}", (_ScopedChoices, kind), {})


class ScopedAdminMixin:
    """For pages and inlines. Override `rows` only where a model has no `visible_to` of its own."""

    model: type[models.Model]
    admin_site: Any

    def rows(self, request: HttpRequest) -> models.QuerySet:
        """The rows of these pages for this person, before ordering."""
        return visible_rows(self.model, request.user)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = self.rows(request)
        if not self.has_view_or_change_permission(request):  # type: ignore[attr-defined]
            rows = rows.none()
        ordering = self.get_ordering(request)  # type: ignore[attr-defined]
        return rows.order_by(*ordering) if ordering else rows

    def visible_related(self, model: type[models.Model], request: HttpRequest) -> models.QuerySet:
        """What may be chosen of another model: its `visible_to`, else what its own pages show, else nothing."""
        rows = model._default_manager.get_queryset()
        if isinstance(rows, ScopedQuerySet):
            return rows.visible_to(request.user)
        try:
            return self.admin_site.get_model_admin(model).get_queryset(request)
        except NotRegistered:
            return rows.none()

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> models.QuerySet:
        ordered = super().get_field_queryset(db, db_field, request)  # type: ignore[misc]
        rows = self.visible_related(db_field.remote_field.model, request)
        return rows if ordered is None or not ordered.query.order_by else rows.order_by(*ordered.query.order_by)

    def _narrowed(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        if kwargs.get("queryset") is not None:
            visible = self.visible_related(db_field.remote_field.model, request)
            kwargs["queryset"] = kwargs["queryset"].filter(pk__in=visible.order_by().values("pk"))
        return kwargs

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **self._narrowed(db_field, request, kwargs))  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(db_field, request, **self._narrowed(db_field, request, kwargs))  # type: ignore[misc]

    def _is_searchable(self, model: Any) -> bool:
        """Whether the other model's pages have a search, so that its rows are looked up instead of listed."""
        return self.admin_site.is_registered(model) and bool(self.admin_site.get_model_admin(model).search_fields)

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Every relation to a searchable model: a list of a million people in a form helps nobody."""
        taken = {*self.raw_id_fields, *self.radio_fields, *self.filter_horizontal, *self.filter_vertical}  # type: ignore[attr-defined]
        relations = (*self.model._meta.fields, *self.model._meta.many_to_many)
        return [
            field.name
            for field in relations
            if field.remote_field and field.name not in taken and self._is_searchable(field.remote_field.model)
        ]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [self._scoped(item) for item in super().get_list_filter(request)]  # type: ignore[misc]

    def _scoped(self, item: Any) -> Any:
        """A filter as declared, but by a related object only over the objects that the person may see."""
        path, kind = item if isinstance(item, tuple | list) else (item, None)
        if not isinstance(path, str):
            return item
        target = _target(self.model, path)
        if target is None:
            return item
        if kind is None:
            kind = AutocompleteSelectFilter if self._is_searchable(target) else RelatedDropdownFilter
        return (path, _scoped_filter(kind)) if issubclass(kind, RelatedFieldListFilter) else item
