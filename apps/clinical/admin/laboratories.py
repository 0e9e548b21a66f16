"""Laboratories in the admin: kept by platform admins and their hospital's staff, translated by translators."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.clinical import services
from apps.clinical.models import Laboratory
from apps.common import texts
from apps.common.admin import BaseModelAdmin
from apps.hospitals.admin import base


@admin.register(Laboratory)
class LaboratoryAdmin(base.TextsMixin, base.ChoicesMixin, BaseModelAdmin):
    texts = ("name", "city", "description")
    translators_read = ("country",)
    translators_list = ("name", "city", "country_shown")
    list_display = ("name", "city", "country_shown", "hospital", "is_active")
    list_select_related = ("hospital",)
    list_filter = ("is_active", "country", "hospital")
    search_fields = tuple(f"{name}_{code}__istartswith" for name in ("name", "city") for code in texts.LANGUAGES)
    search_help_text = _("The beginning of a name or city, in any language.")
    ordering = ("name_en", "id")
    fieldsets = (
        (None, {"fields": (("hospital", "is_active"), ("country", "address"))}),
        (_("Contact"), {"fields": (("phone", "email"),)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A laboratory stays its hospital's: what was examined there was examined there."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None or base.is_translator(request) else [*fields, "hospital"]

    def save_row(self, request: HttpRequest, obj: Laboratory, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = base.changes_of(form, self.texts)
        if change:
            services.update_laboratory(obj, by=by, **changes)
            return
        hospital = changes.pop("hospital")
        given = {"country": form.cleaned_data["country"], **changes}
        created = services.create_laboratory(by=by, hospital_id=hospital.pk, **given)
        obj.pk, obj._state.adding = created.pk, False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Laboratories are deactivated; their tests stay."""
        return False
