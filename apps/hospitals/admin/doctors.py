"""Doctors come by registering, or by an invitation of a person with the role; here they are verified and kept."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline, ScopedTabularInline
from apps.common.exceptions import DomainError, Text
from apps.hospitals import rules, services
from apps.hospitals.models import Affiliation, Doctor, DoctorDocument, Licence, Qualification
from apps.hospitals.workflow import Verification

from .base import (
    SOME_REASON,
    ChoicesMixin,
    OfListedDoctorMixin,
    TextsMixin,
    VerificationAdmin,
    changes_of,
    is_translator,
)
from .files import FilesMixin, InlineFilesForm, paper_link, thumbnail


class LicenceInline(ReadOnlyTabularInline):
    model = Licence
    fields = ("country", "number", "authority", "expires_on", "verification")
    hide_title = True
    tab = True
    show_change_link = True


class QualificationInline(ReadOnlyTabularInline):
    model = Qualification
    fields = ("name", "institution", "country", "year")
    hide_title = True
    tab = True
    show_change_link = True


class DoctorDocumentInline(FilesMixin, ScopedTabularInline):
    """Papers are added and removed, not exchanged."""

    model = DoctorDocument
    form = InlineFilesForm
    fields = ("kind", "file")
    papers = frozenset({"file"})
    hide_title = True
    tab = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DoctorAffiliationInline(ReadOnlyTabularInline):
    model = Affiliation
    fields = ("hospital", "department", "position", "is_primary", "starts_on", "ends_on", "status")
    verbose_name_plural = _("hospitals")
    hide_title = True
    tab = True
    ordering = ("status", "-pk")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("hospital", "doctor", "doctor__user")


@admin.register(Doctor)
class DoctorAdmin(TextsMixin, ChoicesMixin, FilesMixin, VerificationAdmin):
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
        (_("Picture"), {"fields": (("portrait", "portrait_shown"),)}),
        (
            _("Verification"),
            {"fields": (("verification", "licensed_until"), ("verified_at", "onboarded_at"), "rejection_reason")},
        ),
    )
    readonly_fields = (
        "user", "is_bookable", "licensed_until", "verification", "verified_at", "onboarded_at", "rejection_reason",
        "portrait_shown",
    )  # fmt: skip
    inlines: ClassVar = [LicenceInline, QualificationInline, DoctorDocumentInline, DoctorAffiliationInline]

    def rows(self, request: HttpRequest) -> QuerySet:
        """Translators work on what the public reads; whoever looks for a doctor to affiliate finds the listed ones."""
        today = timezone.now().date()
        if is_translator(request):
            return Doctor.objects.listed(today)
        if request.path == reverse("admin:autocomplete") and request.GET.get("model_name") == "affiliation":
            return Doctor.objects.readable_by(request.user, today)
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
        if "portrait" in changes:
            portrait = changes.pop("portrait")
            changes["portrait_id"] = portrait.pk if portrait else None
        services.update_doctor(obj, by=by, **changes)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The one formset with something to save is the papers'."""
        by: Any = request.user
        added = formset.save(commit=False)
        for document in formset.deleted_objects:
            services.remove_document(document, by=by)
        for document in added:
            services.add_document(form.instance, by=by, kind=document.kind, file_id=document.file_id)

    @admin.display(description=_("picture"))
    def portrait_shown(self, obj: Doctor) -> str:
        return thumbnail(obj.portrait, str(obj))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Doctors are deactivated; their appointments stay."""
        return False


@admin.register(Licence)
class LicenceAdmin(ChoicesMixin, FilesMixin, VerificationAdmin):
    """A permission to practise in a country, with the paper that proves it."""

    list_display = ("doctor", "country_shown", "number", "expires_on", "status_badge")
    list_filter = ("verification", "country", ("expires_on", RangeDateFilter))
    list_select_related = ("doctor", "doctor__user")
    search_fields = ("number__startswith", "doctor__sort_name__startswith")
    search_help_text = _("The beginning of a number, or of the doctor's last name.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("doctor", ("country", "number"), "authority", ("issued_on", "expires_on"))}),
        (_("Paper"), {"fields": (("document", "paper_link"),)}),
        (_("Verification"), {"fields": (("verification", "verified_at"), "rejection_reason")}),
    )
    readonly_fields = ("verification", "verified_at", "rejection_reason", "paper_link")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else ["doctor", *fields]

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        today = timezone.now().date()
        return rules.why_not_verify_licence(obj, to_status, by=user, reason=SOME_REASON, today=today)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        services.verify_licence(obj, by=user, verification=to_status, reason=note)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        if to_status == Verification.APPROVED:
            return [_("The licence counts through its last day, and the doctor is told.")]
        lines: list[Text] = [_("The licence does not count, and the doctor is told the reason.")]
        others = Licence.objects.visible_to(user).approved().filter(doctor=obj.doctor).exclude(pk=obj.pk)
        if obj.verification == Verification.APPROVED and not others.exists():
            lines.append(_("It is the only approved one: the doctor is off the list and takes no new appointments."))
        return lines

    def save_model(self, request: HttpRequest, obj: Licence, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form)
        if "document" in changes:
            changes["document_id"] = obj.document_id
            del changes["document"]
        if change:
            services.update_licence(obj, by=by, **changes)
            return
        created = services.add_licence(changes.pop("doctor"), by=by, **changes)
        obj.pk, obj._state.adding = created.pk, False

    def delete_model(self, request: HttpRequest, obj: Licence) -> None:
        by: Any = request.user
        services.remove_licence(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for licence in queryset:
            self.delete_model(request, licence)

    @admin.display(description=_("document"))
    def paper_link(self, obj: Licence) -> str:
        return paper_link(obj.document)


@admin.register(Qualification)
class QualificationAdmin(OfListedDoctorMixin, TextsMixin, ChoicesMixin, BaseModelAdmin):
    """Doctors keep their qualifications themselves; here their wording is corrected and translated."""

    texts = ("name", "institution")
    translators_read = ("doctor", "country", "year")
    translators_list = ("name", "doctor")
    list_display = ("name", "institution", "country_shown", "year", "doctor")
    list_select_related = ("doctor", "doctor__user")
    search_fields = ("doctor__sort_name__startswith",)
    search_help_text = _("The beginning of the doctor's last name.")
    ordering = ("-pk",)
    fieldsets = ((None, {"fields": ("doctor", ("country", "year"), "paper_link")}),)
    readonly_fields = ("doctor", "country", "year", "paper_link")

    def save_row(self, request: HttpRequest, obj: Qualification, form: Any, change: bool) -> None:
        by: Any = request.user
        services.translate(obj, by=by, **changes_of(form, self.texts))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("document"))
    def paper_link(self, obj: Qualification) -> str:
        return paper_link(obj.document)
