"""What hospitals were accredited for: kept by their staff, approved by an admin, public through its last day."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from apps.common.admin import ReadOnlyTabularInline
from apps.common.admin.transitions import Move
from apps.common.exceptions import DomainError, Text
from apps.hospitals import rules, services
from apps.hospitals.models import Accreditation
from apps.hospitals.workflow import Verification

from .base import SOME_REASON, VerificationAdmin, changes_of
from .files import FilesMixin, paper_link


class AccreditationInline(ReadOnlyTabularInline):
    model = Accreditation
    fields = ("body", "number", "expires_on", "verification")
    verbose_name_plural = _("accreditations")
    hide_title = True
    show_change_link = True
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("body")


@admin.register(Accreditation)
class AccreditationAdmin(FilesMixin, VerificationAdmin):
    list_display = ("hospital", "body", "number", "expires_on", "status_badge")
    list_filter = ("verification", "body", ("expires_on", RangeDateFilter))
    list_select_related = ("hospital", "body")
    search_fields = ("number__startswith", "body__code__istartswith")
    search_help_text = _("The beginning of a number, or of a body's code.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("hospital", "body"), "number", ("issued_on", "expires_on"))}),
        (_("Certificate"), {"fields": (("document", "certificate"),)}),
        (_("Verification"), {"fields": (("verification", "verified_at"), "rejection_reason")}),
    )
    readonly_fields = ("verification", "verified_at", "rejection_reason", "certificate")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else ["hospital", *fields]

    def moves(self, obj: Any, user: Any) -> list[Move]:
        """What was rejected waits again by being corrected: there is no button for it."""
        return [move for move in super().moves(obj, user) if move.to != Verification.PENDING]

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        today = timezone.now().date()
        return rules.why_not_verify_accreditation(obj, to_status, by=user, reason=SOME_REASON, today=today)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        services.verify_accreditation(obj, by=user, verification=to_status, reason=note)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        if to_status == Verification.APPROVED:
            return [_("The accreditation is public through its last day, and the hospital's staff are told.")]
        return [_("The accreditation is not public, and the hospital's staff are told the reason.")]

    def save_model(self, request: HttpRequest, obj: Accreditation, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form)
        if "body" in changes:
            changes["body"] = changes["body"].code
        if "document" in changes:
            document = changes.pop("document")
            changes["document_id"] = document.pk if document else None
        if change:
            services.update_accreditation(obj, by=by, **changes)
            return
        changes.pop("hospital", None)
        created = services.add_accreditation(form.cleaned_data["hospital"], by=by, **changes)
        obj.pk, obj._state.adding = created.pk, False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Staff of one hospital need not name it."""
        own = list(self.visible_related(Accreditation._meta.get_field("hospital").related_model, request)[:2])
        return ({"hospital": own[0].pk} if len(own) == 1 else {}) | super().get_changeform_initial_data(request)

    def delete_model(self, request: HttpRequest, obj: Accreditation) -> None:
        by: Any = request.user
        services.remove_accreditation(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for accreditation in queryset:
            self.delete_model(request, accreditation)

    @admin.display(description=_("document"))
    def certificate(self, obj: Accreditation) -> str:
        return paper_link(obj.document)
