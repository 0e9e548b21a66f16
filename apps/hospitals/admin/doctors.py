"""Doctors come by registering, or by an invitation of a person with the role; here they are verified and kept."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.admin import ReadOnlyTabularInline
from apps.common.exceptions import DomainError, Text
from apps.hospitals import rules, services
from apps.hospitals.models import Affiliation, Doctor, Licence
from apps.hospitals.workflow import Verification

from .base import SOME_REASON, ChoicesMixin, TextsMixin, VerificationAdmin, changes_of, is_translator


class DoctorAffiliationInline(ReadOnlyTabularInline):
    model = Affiliation
    fields = ("hospital", "department", "position", "is_primary", "starts_on", "ends_on", "status")
    verbose_name_plural = _("hospitals")
    hide_title = True
    ordering = ("status", "-pk")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("hospital", "doctor", "doctor__user")


@admin.register(Doctor)
class DoctorAdmin(TextsMixin, ChoicesMixin, VerificationAdmin):
    texts = ("title", "bio")
    translators_list = ("__str__", "specialty")
    list_display = ("__str__", "specialty", "licensed_until", "status_badge", "is_bookable")
    list_filter = ("verification", "specialty", "is_active", "is_bookable")
    list_select_related = ("specialty", "user")
    search_fields = ("sort_name__startswith", "user__email__startswith")
    search_help_text = _("The beginning of a last name, or of an e-mail address.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("user", "is_bookable"), ("specialty", "practising_since"), "is_active")}),
        (_("Practice"), {"fields": (("consultation_fee", "currency"), "languages", "offers_teleconsult")}),
        (
            _("Verification"),
            {"fields": (("verification", "licensed_until"), ("verified_at", "onboarded_at"), "rejection_reason")},
        ),
    )
    readonly_fields = (
        "user", "is_bookable", "licensed_until", "verification", "verified_at", "onboarded_at", "rejection_reason",
    )  # fmt: skip
    inlines: ClassVar = [DoctorAffiliationInline]

    def rows(self, request: HttpRequest) -> QuerySet:
        """Translators work on what the public reads."""
        if is_translator(request):
            return Doctor.objects.listed(timezone.now().date())
        return super().rows(request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """An e-mail address is looked up by its index, names by theirs."""
        term = search_term.strip().lower()
        if "@" in term:
            return (queryset.none() if is_translator(request) else queryset.filter(user__email__startswith=term)), False
        for word in term.split():
            queryset = queryset.filter(Q(sort_name__startswith=word) | Q(sort_name__contains=f" {word}"))
        return queryset, False

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        licences = Licence.objects.visible_to(user).filter(doctor=obj)
        today = timezone.now().date()
        return rules.why_not_verify_doctor(obj, to_status, licences, by=user, reason=SOME_REASON, today=today)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        services.verify_doctor(obj, by=user, verification=to_status, reason=note)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        waiting = Affiliation.objects.visible_to(user).pending().filter(doctor=obj).select_related("hospital")
        names = ", ".join(affiliation.hospital.name for affiliation in waiting)
        if to_status == Verification.APPROVED:
            lines: list[Text] = [_("The doctor is listed, and told.")]
            return [*lines, _("Affiliations that take effect: %(names)s.") % {"names": names}] if names else lines
        lines = [_("The doctor is not listed, and told the reason.")]
        return [*lines, _("Affiliations that are rejected too: %(names)s.") % {"names": names}] if names else lines

    def save_row(self, request: HttpRequest, obj: Doctor, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if "specialty" in changes:
            changes["specialty"] = changes["specialty"].code if changes["specialty"] else ""
        services.update_doctor(obj, by=by, **changes)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Doctors are deactivated; their appointments stay."""
        return False
