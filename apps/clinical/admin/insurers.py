"""The list of insurers, kept by platform admins, its names translated by translators."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.clinical import services
from apps.clinical.models import InsuranceProvider
from apps.clinical.models.insurance import MAX_SECRET
from apps.common import texts
from apps.common.admin import BaseModelAdmin
from apps.common.admin.forms import GuardedForm
from apps.hospitals.admin import base


class InsurerForm(GuardedForm):
    """The secret's field is empty: what is typed replaces the present one."""

    secret = forms.CharField(
        label=gettext_lazy("secret shared with the insurer"),
        required=False,
        max_length=MAX_SECRET,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Only where our computers ask it. What you type replaces the present one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["secret"] = ""

    def clean_secret(self) -> str:
        return self.cleaned_data["secret"] or self.instance.secret

    def _shown(self, name: str, value: Any) -> str:
        return "•••" if name == "secret" else super()._shown(name, value)


@admin.register(InsuranceProvider)
class InsuranceProviderAdmin(base.TextsMixin, base.ChoicesMixin, BaseModelAdmin):
    form = InsurerForm
    search_fields = ("code__startswith", *(f"name_{code}__istartswith" for code in texts.LANGUAGES))
    texts = ("name",)
    translators_read = ("country",)
    translators_list = ("name", "country_shown")
    list_display = ("name", "code", "country_shown", "verification_kind", "is_active")
    list_filter = ("is_active", "verification_kind", "country")
    search_help_text = gettext_lazy("The beginning of a code, or of a name in any language.")
    ordering = ("name_en", "id")
    fieldsets = (
        (None, {"fields": (("code", "country", "is_active"),)}),
        (gettext_lazy("Contact"), {"fields": (("website", "phone"),)}),
        (gettext_lazy("Verification"), {"fields": ("verification_kind", "endpoint", "secret")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        more = {"assume_scheme": "https"} if db_field.name == "endpoint" else {}
        return super().formfield_for_dbfield(db_field, request, **kwargs | more)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None or "code" in fields else [*fields, "code"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever only looks sees neither where it is asked nor the secret, not even that there is one."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, options | {"fields": [field for field in options["fields"] if field not in {"endpoint", "secret"}]})
            for name, options in fieldsets
        ]

    def save_row(self, request: HttpRequest, obj: InsuranceProvider, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = base.changes_of(form, self.texts)
        if not changes.get("secret", "."):
            del changes["secret"]
        if change:
            services.update_insurer(obj, by=by, **changes)
            return
        given = {name: form.cleaned_data[name] for name in ("code", "country")} | changes
        created = services.create_insurer(by=by, **given)
        obj.pk, obj._state.adding = created.pk, False

    def delete_model(self, request: HttpRequest, obj: InsuranceProvider) -> None:
        by: Any = request.user
        services.remove_insurer(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for provider in queryset:
            self.delete_model(request, provider)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that policies name is switched off instead."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.policies.exists())

    def get_actions(self, request: HttpRequest) -> Any:
        """Insurers are removed one by one, on their pages."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
