"""Hospitals, with who works for them and who practises there."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.admin_site import invitations
from apps.accounts.roles import Role
from apps.common import texts
from apps.common.admin import ReadOnlyTabularInline, ScopedTabularInline
from apps.common.exceptions import Text
from apps.hospitals import services
from apps.hospitals.models import Affiliation, Hospital, HospitalStaff
from apps.hospitals.workflow import Verification

from .base import ChoicesMixin, TextsMixin, VerificationAdmin, changes_of


class HospitalStaffInline(ScopedTabularInline):
    """Who works in the admin for this hospital. People are added and removed, not exchanged."""

    model = HospitalStaff
    fields = ("user",)
    hide_title = True
    verbose_name_plural = _("staff")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def hospital_of_invited(request: HttpRequest) -> Any:
    """The field of an invitation that says for which hospital the person will work."""
    link: Any = HospitalStaff._meta.get_field("hospital")
    field = HospitalStaffInline(Hospital, admin.site).formfield_for_foreignkey(link, request)
    field.required = False
    field.help_text = _("For hospital staff: where they work.")
    return field


invitations.DETAILS["hospital_id"] = hospital_of_invited


class HospitalDoctorInline(ReadOnlyTabularInline):
    model = Affiliation
    fields = ("doctor", "department", "position", "is_primary", "status")
    verbose_name_plural = _("doctors")
    hide_title = True
    ordering = ("status", "-pk")
    show_change_link = True
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("doctor", "doctor__user", "hospital")


@admin.register(Hospital)
class HospitalAdmin(TextsMixin, ChoicesMixin, VerificationAdmin):
    texts = ("name", "city", "description")
    translators_read = ("country", "type")
    translators_list = ("name", "city", "country")
    list_display = ("name", "city", "country", "type", "status_badge", "is_active")
    list_filter = ("verification", "is_active", "type", "country")
    search_fields = ("name_en__istartswith", "city_en__istartswith")
    search_help_text = _("The beginning of a name or city, in any language.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("type", "is_active"), ("country", "time_zone", "currency"), "specialties")}),
        (_("Where"), {"fields": ("address", ("latitude", "longitude"))}),
        (_("Contact"), {"fields": (("phone", "email"), "website", ("founded_year", "beds"))}),
        (_("Verification"), {"fields": (("verification", "verified_at"), "rejection_reason")}),
    )
    readonly_fields = ("verification", "verified_at", "rejection_reason")
    filter_horizontal = ("specialties",)
    inlines: ClassVar = [HospitalStaffInline, HospitalDoctorInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.role == Role.ADMIN else [*fields, "is_active"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        if obj is None:
            return []
        shown = super().get_inlines(request, obj)
        return shown if request.user.role == Role.ADMIN else [one for one in shown if one is not HospitalStaffInline]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            found = Q()
            for language in texts.LANGUAGES:
                found |= Q(**{f"name_{language}__istartswith": word}) | Q(**{f"name_{language}__icontains": f" {word}"})
                found |= Q(**{f"city_{language}__istartswith": word})
            queryset = queryset.filter(found)
        return queryset, False

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        services.verify_hospital(obj, by=user, verification=to_status, reason=note)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        if to_status == Verification.APPROVED:
            return [_("The hospital is listed, and its staff are told.")]
        return [_("The hospital is not listed, and its staff are told the reason.")]

    def save_row(self, request: HttpRequest, obj: Hospital, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if "specialties" in changes:
            changes["specialties"] = [specialty.code for specialty in changes["specialties"]]
        if change:
            services.update_hospital(obj, by=by, **changes)
            return
        created = services.create_hospital(by=by, **changes)
        obj.pk, obj._state.adding = created.pk, False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The one formset with something to save is the staff's."""
        by: Any = request.user
        added = formset.save(commit=False)
        for link in formset.deleted_objects:
            services.remove_staff(link.hospital, link.user, by=by)
        for link in added:
            services.add_staff(form.instance, link.user, by=by)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hospitals are deactivated; their doctors and appointments stay."""
        return False
