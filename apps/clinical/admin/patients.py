"""Patients, as coordinators and admins find and correct them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.clinical import services
from apps.clinical.models import Patient
from apps.common.admin import BaseModelAdmin


@admin.register(Patient)
class PatientAdmin(BaseModelAdmin):
    """A patient comes by registering, or by an invitation of a person with the role; the name is the account's."""

    list_display = ("__str__", "email", "country", "city", "created_at")
    list_filter = ("country",)
    list_select_related = ("user",)
    search_fields = ("user__email__startswith", "user__last_name__istartswith", "user__first_name__istartswith")
    search_help_text = _("The beginning of an e-mail address, or of a first or last name.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("user", ("birth_date", "gender"))}),
        (_("Lives in"), {"fields": (("country", "city"),)}),
    )
    readonly_fields = ("user",)

    @admin.display(description=_("e-mail"))
    def email(self, patient: Patient) -> str:
        return patient.user.email

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Each word begins an e-mail address or a name; an address is looked up by its index alone."""
        for word in search_term.split():
            by_email = Q(user__email__startswith=word.lower())
            by_name = Q(user__last_name__istartswith=word) | Q(user__first_name__istartswith=word)
            queryset = queryset.filter(by_email if "@" in word else by_email | by_name)
        return queryset, False

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        services.update_patient(obj, by=by, **changes)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Patients' records are kept by law; an account is deactivated."""
        return False
