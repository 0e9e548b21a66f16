"""The directory's pages: specialties are kept here plainly, everything else through the services."""

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import available_timezones

from babel import numbers
from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2Widget

from apps.accounts.admin_site import invitations
from apps.accounts.roles import Role
from apps.common.admin import (
    BaseModelAdmin,
    ReadOnlyTabularInline,
    ScopedTabularInline,
    TransitionAdmin,
    language_tabs,
)
from apps.common.exceptions import DomainError, Text

from . import rules, services
from .models import Affiliation, Doctor, Hospital, HospitalStaff, Licence, Specialty
from .workflow import AFFILIATION, VERIFICATION, AffiliationStatus, Verification

LANGUAGES = [code for code, _label in settings.LANGUAGES]
#: A reason is asked for on the next page; whether the move is possible at all does not hang on it.
SOME_REASON = "…"


def changes_of(form: Any, texts: tuple[str, ...]) -> dict[str, Any]:
    """What the form changed, as services take it: texts by language, the rest by name."""
    changes: dict[str, Any] = {}
    for name in form.changed_data:
        if name not in form.cleaned_data:
            continue
        base, _underscore, language = name.rpartition("_")
        if base in texts and language in LANGUAGES:
            changes.setdefault(base, {})[language] = form.cleaned_data[name] or ""
        else:
            changes[name] = form.cleaned_data[name]
    return changes


class ChoicesMixin:
    """Time zones and currencies are chosen from lists that can be searched; a website without a scheme is https."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        names: list[str] = []
        if db_field.name == "time_zone":
            names = sorted(available_timezones())
        elif db_field.name == "currency":
            names = sorted(numbers.list_currencies())
        elif db_field.name == "website":
            kwargs["assume_scheme"] = "https"
        if names:
            kwargs["widget"] = UnfoldAdminSelect2Widget(choices=[("", "—"), *((name, name) for name in names)])
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


@admin.register(Specialty)
class SpecialtyAdmin(BaseModelAdmin):
    """Reference data; the code is fixed once it is in use."""

    list_display = ("name", "practitioner", "code")
    search_fields = ("code__startswith", "name_en__istartswith")
    search_help_text = _("The beginning of a code or of an English name.")
    ordering = ("code",)
    fieldsets = ((None, {"fields": ("code",)}), *language_tabs("name", "practitioner"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj is not None else ()


class VerificationAdmin(TransitionAdmin):
    """Pages of what a platform admin verifies."""

    workflow = VERIFICATION
    status_field = "verification"
    note_required_for = frozenset({Verification.REJECTED})
    danger_statuses = frozenset({Verification.REJECTED})
    status_colours: ClassVar[Mapping[str, str]] = {
        Verification.PENDING: "warning",
        Verification.APPROVED: "success",
        Verification.REJECTED: "danger",
    }
    events_relation = ""

    def note_label(self, to_status: str) -> Text:
        return _("Reason, as the other side will read it") if to_status == Verification.REJECTED else _("Note")


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
class HospitalAdmin(ChoicesMixin, VerificationAdmin):
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
        *language_tabs("name", "city", "description"),
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
        return self.inlines if request.user.role == Role.ADMIN else [HospitalDoctorInline]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            found = Q()
            for language in LANGUAGES:
                found |= Q(**{f"name_{language}__istartswith": word}) | Q(**{f"name_{language}__icontains": f" {word}"})
                found |= Q(**{f"city_{language}__istartswith": word})
            queryset = queryset.filter(found)
        return queryset, False

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_decide(obj, to_status, by=user, reason=SOME_REASON)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        services.verify_hospital(obj, by=user, verification=to_status, reason=note)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        if to_status == Verification.APPROVED:
            return [_("The hospital is listed, and its staff are told.")]
        return [_("The hospital is not listed, and its staff are told the reason.")]

    def save_model(self, request: HttpRequest, obj: Hospital, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, ("name", "city", "description"))
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
class DoctorAdmin(ChoicesMixin, VerificationAdmin):
    """Doctors come by registering, or by an invitation of a person with the role; here they are verified and kept."""

    list_display = (
        "__str__",
        "specialty",
        "licensed_until",
        "status_badge",
        "is_bookable",
    )
    list_filter = ("verification", "specialty", "is_active", "is_bookable")
    list_select_related = ("specialty", "user")
    search_fields = ("sort_name__startswith", "user__email__startswith")
    search_help_text = _("The beginning of a last name, or of an e-mail address.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("user", "is_bookable"), ("specialty", "practising_since"), "is_active")}),
        (
            _("Practice"),
            {"fields": (("consultation_fee", "currency"), "languages", "offers_teleconsult")},
        ),
        (_("Verification"), {"fields": (("verification", "verified_at", "onboarded_at"), "rejection_reason")}),
        *language_tabs("title", "bio"),
    )
    readonly_fields = ("user", "is_bookable", "verification", "verified_at", "onboarded_at", "rejection_reason")
    inlines: ClassVar = [DoctorAffiliationInline]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """An e-mail address is looked up by its index, names by theirs."""
        term = search_term.strip().lower()
        if "@" in term:
            return queryset.filter(user__email__startswith=term), False
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

    def save_model(self, request: HttpRequest, obj: Doctor, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, ("title", "bio"))
        if "specialty" in changes:
            changes["specialty"] = changes["specialty"].code if changes["specialty"] else ""
        services.update_doctor(obj, by=by, **changes)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Doctors are deactivated; their appointments stay."""
        return False


@admin.register(Affiliation)
class AffiliationAdmin(TransitionAdmin):
    """Who practises where. What has ended or was rejected stays to be read."""

    workflow = AFFILIATION
    danger_statuses = frozenset({AffiliationStatus.REJECTED, AffiliationStatus.ENDED})
    status_colours: ClassVar[Mapping[str, str]] = {
        AffiliationStatus.PENDING: "warning",
        AffiliationStatus.ACTIVE: "success",
        AffiliationStatus.REJECTED: "danger",
    }
    events_relation = ""
    list_display = ("doctor", "hospital", "department", "is_primary", "status_badge")
    list_filter = ("status", "hospital")
    list_select_related = ("doctor", "doctor__user", "hospital")
    search_fields = ("doctor__sort_name__startswith",)
    search_help_text = _("The beginning of the doctor's last name.")
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": (("doctor", "hospital"), ("department", "position"), "is_primary")}),
        (_("When"), {"fields": (("starts_on", "ends_on"), "status")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else ["doctor", "hospital", *fields]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.lower().split():
            queryset = queryset.filter(
                Q(doctor__sort_name__startswith=word) | Q(doctor__sort_name__contains=f" {word}")
            )
        return queryset, False

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        if to_status == AffiliationStatus.ACTIVE:
            return rules.why_not_activate(obj, obj.doctor, by=user)
        return rules.why_not_end_affiliation(obj, by=user)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        if to_status == AffiliationStatus.ACTIVE:
            services.activate_affiliation(obj, by=user)
        else:
            services.end_affiliation(obj.hospital, obj.doctor, by=user)

    def preview(self, obj: Any, to_status: str, user: Any) -> list[Text]:
        return [_("The doctor is told.")]

    def save_model(self, request: HttpRequest, obj: Affiliation, form: Any, change: bool) -> None:
        by: Any = request.user
        if change:
            services.update_affiliation(obj, by=by, **changes_of(form, ()))
            return
        given = {name: value for name, value in form.cleaned_data.items() if name not in {"doctor", "hospital"}}
        added = services.add_affiliation(obj.hospital, obj.doctor, by=by, **given)
        obj.pk, obj._state.adding = added.pk, False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Hospital staff know no doctor here but their own: they take others up through the directory's API."""
        return super().has_add_permission(request) and request.user.role == Role.ADMIN

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
