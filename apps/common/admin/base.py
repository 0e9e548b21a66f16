"""The base of every page of the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import DatabaseError, models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from redis import RedisError
from unfold.admin import ModelAdmin

from apps.common.api import errors
from apps.common.exceptions import DomainError

from . import deletion, history, translations
from .forms import GuardedForm
from .lists import BoundedChangeList, BoundedPaginator
from .scope import ScopedAdminMixin

#: What a save, an action or a deletion may meet that is somebody's answer and not a defect.
REFUSALS = (DomainError, ValidationError, DatabaseError, RedisError)


class BaseModelAdmin(ScopedAdminMixin, translations.TranslatedFieldsMixin, history.TrailMixin, ModelAdmin):
    """Pages of one model.

    Shows the rows of `visible_to(user)`; who may open, add, change and remove is said in `accounts.roles`. Lists count
    to a bound and sort only by what `sortable_by` names (name columns that have an index). Lookups in the address are
    limited to the declared filters. A refusal raised while saving is shown on the page with everything as typed.
    """

    form = GuardedForm
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_filter_submit = True
    sortable_by: Any = ()
    compressed_fields = True
    warn_unsaved_form = True
    #: Lookups allowed in a list's address beside those of its filters: {"recipient__email"}.
    extra_lookups: frozenset[str] = frozenset()

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        if not issubclass(self.form, GuardedForm):
            self.form = type(f"Guarded{self.form.__name__}", (GuardedForm, self.form), {})
        super().__init__(model, admin_site)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.request = request
        form.refusal = getattr(request, "admin_refusal", None)
        return form

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the page itself offers: otherwise `?password__startswith=` would answer questions."""
        if request is None or not super().lookup_allowed(lookup, value, request):
            return False
        declared = [item[0] if isinstance(item, tuple | list) else item for item in self.get_list_filter(request)]
        names = {name for name in declared if isinstance(name, str)}
        names |= {item.parameter_name for item in declared if isinstance(item, type)}
        names |= {self.opts.pk.name, "pk", *self.extra_lookups, *([self.date_hierarchy] if self.date_hierarchy else [])}
        return any(lookup == name or lookup.startswith(f"{name}__") for name in names)

    # --- refusals ---

    def _refusal(self, error: Exception) -> DomainError:
        refusal = errors.as_refusal(error)
        if refusal is None:
            raise error
        return refusal

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        plain = request.path
        try:
            response = super().changelist_view(request, extra_context)
        except IncorrectLookupParameters:
            response = HttpResponseRedirect(f"{plain}?e=1")
        except REFUSALS as error:
            if request.method != "POST":
                raise
            messages.error(request, self._refusal(error).text)
            return HttpResponseRedirect(request.get_full_path())
        if isinstance(response, HttpResponseRedirect) and response.url == f"{plain}?e=1":
            messages.warning(request, _("The address asked for something unknown. Here is the whole list."))
            return HttpResponseRedirect(plain)
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS as error:
            request.admin_refusal = self._refusal(error)  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except REFUSALS as error:
            if request.method != "POST":
                raise
            messages.error(request, self._refusal(error).text)
        return HttpResponseRedirect(self.page_of(unquote(object_id)))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("change"):
            context.setdefault("show_save_and_add_another", False)
        return super().render_change_form(request, context, *args, **kwargs)

    def page_of(self, pk: Any) -> str:
        """The address of one object's page."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=(pk,))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deletion.preview(objs, request, self.admin_site)


class ReadOnlyAdminMixin:
    """The pages can be read; nothing can be added, changed or removed there, whatever the role."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
