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
from apps.common.admin.transitions import Move
from apps.common.exceptions import DomainError, Text
from apps.hospitals import rules, services
from apps.hospitals.models import Affiliation, Hospital, HospitalDocument, HospitalImage, HospitalStaff
from apps.hospitals.workflow import Verification

from .accreditations import AccreditationInline
from .banking import BankAccountInline
from .base import ChoicesMixin, TextsMixin, VerificationAdmin, changes_of
from .files import FilesMixin, InlineFilesForm, paper_link, thumbnail
from .gallery import GalleryInline, save_gallery


class HospitalStaffInline(ScopedTabularInline):
    """Who works in the admin for this hospital. People are added and removed, not exchanged."""

    model = HospitalStaff
    fields = ("user",)
    hide_title = True
    verbose_name_plural = _("staff")
    tab = True

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


class HospitalDocumentInline(FilesMixin, ScopedTabularInline):
    """Papers are added and removed, not exchanged."""

    model = HospitalDocument
    form = InlineFilesForm
    fields = ("kind", "file", "shown")
    readonly_fields = ("shown",)
    papers = frozenset({"file"})
    verbose_name_plural = _("documents")
    hide_title = True
    tab = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("document"))
    def shown(self, obj: HospitalDocument) -> str:
        return paper_link(obj.file if obj.file_id else None)


class HospitalDoctorInline(ReadOnlyTabularInline):
    model = Affiliation
    fields = ("doctor", "department", "position", "is_primary", "status")
    verbose_name_plural = _("doctors")
    hide_title = True
    ordering = ("status", "-pk")
    show_change_link = True
    per_page = 20
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("doctor", "doctor__user", "hospital")


@admin.register(Hospital)
class HospitalAdmin(TextsMixin, ChoicesMixin, FilesMixin, VerificationAdmin):
    texts = ("name", "city", "description")
    translators_read = ("country", "type")
    translators_list = ("name", "city", "country_shown")
    list_display = ("name", "city", "country_shown", "type", "status_badge", "is_active")
    list_filter = ("verification", "is_active", "type", "country")
    search_fields = ("name_en__istartswith", "city_en__istartswith")
    search_help_text = _("The beginning of a name or city, in any language.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("type", "is_active"), ("country", "time_zone", "currency"), "specialties")}),
        (_("Where"), {"fields": ("address", ("latitude", "longitude"))}),
        (_("Contact"), {"fields": (("phone", "email"), "website", ("founded_year", "beds"))}),
        (_("Pictures"), {"fields": (("logo", "logo_shown"), ("cover", "cover_shown"))}),
        (_("Verification"), {"fields": (("verification", "onboarded_at", "verified_at"), "rejection_reason")}),
    )
    readonly_fields = (
        "verification", "onboarded_at", "verified_at", "rejection_reason", "logo_shown", "cover_shown",
    )  # fmt: skip
    inlines: ClassVar = [
        GalleryInline,
        AccreditationInline,
        HospitalDocumentInline,
        BankAccountInline,
        HospitalStaffInline,
        HospitalDoctorInline,
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.role == Role.ADMIN else [*fields, "is_active"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        if obj is None:
            return []
        shown = super().get_inlines(request, obj)
        if not rules.may_see_bank_accounts(request.user):
            shown = [one for one in shown if one is not BankAccountInline]
        return shown if request.user.role == Role.ADMIN else [one for one in shown if one is not HospitalStaffInline]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            found = Q()
            for language in texts.LANGUAGES:
                found |= Q(**{f"name_{language}__istartswith": word}) | Q(**{f"name_{language}__icontains": f" {word}"})
                found |= Q(**{f"city_{language}__istartswith": word})
            queryset = queryset.filter(found)
        return queryset, False

    def moves(self, obj: Any, user: Any) -> list[Move]:
        """Admins decide; a hospital's own staff submit its page, when it is new and again after a rejection."""
        moves = super().moves(obj, user)
        if user.role != Role.HOSPITAL_ADMIN or not _may_be_submitted(obj):
            return moves
        refusal = self.why_not(obj, Verification.PENDING, user)
        url = self.move_url(obj, Verification.PENDING)
        reason = " ".join([refusal.text, *refusal.errors]) if refusal else ""
        moves = [move for move in moves if move.to != Verification.PENDING]
        return [*moves, Move(Verification.PENDING, str(_("Submit for verification")), url, False, reason)]

    def _why_not_now(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        """A page that is new waits already, as its status says; submitting it is a move all the same."""
        if to_status == Verification.PENDING:
            return self.why_not(obj, to_status, user)
        return super()._why_not_now(obj, to_status, user)

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        if to_status != Verification.PENDING:
            return super().why_not(obj, to_status, user)
        missing = rules.missing_for_submission(
            obj,
            specialty_count=obj.specialties.count(),
            document_count=obj.documents.visible_to(user).count(),
        )
        is_own = Hospital.objects.visible_to(user).filter(pk=obj.pk).exists()
        return rules.why_not_submit_hospital(obj, missing, by=user, is_own=is_own)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        if to_status == Verification.PENDING:
            services.submit_hospital(obj, by=user)
        else:
            services.verify_hospital(obj, by=user, verification=to_status, reason=note)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        if to_status == Verification.PENDING:
            return [_("The platform's admins are told that the page is complete.")]
        if to_status == Verification.APPROVED:
            return [_("The hospital is listed, and its staff are told.")]
        return [_("The hospital is not listed, and its staff are told the reason.")]

    def save_row(self, request: HttpRequest, obj: Hospital, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if "specialties" in changes:
            changes["specialties"] = [specialty.code for specialty in changes["specialties"]]
        for name in ("logo", "cover"):
            if name in changes:
                picture = changes.pop(name)
                changes[f"{name}_id"] = picture.pk if picture else None
        if change:
            services.update_hospital(obj, by=by, **changes)
            return
        created = services.create_hospital(by=by, **changes)
        obj.pk, obj._state.adding = created.pk, False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has set the specialties."""
        for formset in formsets:
            self.save_formset(request, form, formset, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        by: Any = request.user
        if formset.model is HospitalImage:
            save_gallery(formset, form.instance, by)
            return
        added = formset.save(commit=False)
        if formset.model is HospitalStaff:
            for link in formset.deleted_objects:
                services.remove_staff(link.hospital, link.user, by=by)
            for link in added:
                services.add_staff(form.instance, link.user, by=by)
        if formset.model is HospitalDocument:
            for document in formset.deleted_objects:
                services.remove_hospital_document(document, by=by)
            for document in added:
                services.add_hospital_document(form.instance, by=by, kind=document.kind, file_id=document.file_id)

    @admin.display(description=_("logo"))
    def logo_shown(self, obj: Hospital) -> str:
        return thumbnail(obj.logo)

    @admin.display(description=_("cover picture"))
    def cover_shown(self, obj: Hospital) -> str:
        return thumbnail(obj.cover)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hospitals are deactivated; their doctors and appointments stay."""
        return False


def _may_be_submitted(hospital: Hospital) -> bool:
    is_draft = hospital.verification == Verification.PENDING and hospital.onboarded_at is None
    return is_draft or hospital.verification == Verification.REJECTED
