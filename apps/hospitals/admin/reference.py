"""Reference data, kept here plainly: specialties, procedures, categories of treatment, accreditation bodies."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.common.admin import BaseModelAdmin
from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

from .base import ChoicesMixin, TextsMixin


class CodedAdmin(TextsMixin, BaseModelAdmin):
    """What is known by a code, which is fixed once it is in use."""

    texts = ("name",)
    translators_read = ("code",)
    translators_list = ("name", "code")
    list_display: Any = ("name", "code")
    search_fields = ("code__startswith", "name_en__istartswith")
    search_help_text = _("The beginning of a code or of an English name.")
    ordering = ("code",)
    fieldsets: Any = ((None, {"fields": ("code",)}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if obj is None or "code" in fields else [*fields, "code"]


@admin.register(Specialty)
class SpecialtyAdmin(CodedAdmin):
    texts = ("name", "practitioner")
    list_display = ("name", "practitioner", "code")


@admin.register(Procedure)
class ProcedureAdmin(CodedAdmin):
    list_display = ("name", "specialty", "code")
    list_filter = ("specialty",)
    list_select_related = ("specialty",)
    fieldsets = ((None, {"fields": (("code", "specialty"),)}),)


@admin.register(TreatmentCategory)
class TreatmentCategoryAdmin(CodedAdmin):
    texts = ("name", "description")
    list_display = ("name", "position", "code")
    ordering = ("position", "code")
    fieldsets = ((None, {"fields": (("code", "position"),)}),)


@admin.register(AccreditationBody)
class AccreditationBodyAdmin(ChoicesMixin, BaseModelAdmin):
    """Names of organisations are proper names: they are not translated."""

    list_display = ("code", "name", "country_shown")
    search_fields = ("code__istartswith", "name__istartswith")
    search_help_text = _("The beginning of a code or of a name.")
    ordering = ("code",)
    fieldsets = ((None, {"fields": (("code", "country"), "name", "website")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj is not None else ()
