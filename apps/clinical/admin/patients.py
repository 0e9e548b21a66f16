"""Patients, as coordinators and admins find and correct them, and as a hospital's staff sees those in its care."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.clinical import rules, services
from apps.clinical.models import Guardian, IdentityDocument, InsurancePolicy, Patient
from apps.clinical.selectors import timeline
from apps.common import encryption
from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline

from . import medical, tabs

#: What only those who keep patients' pages see of them; a hospital's staff has no use for it.
_KEPT = frozenset({"address"})
#: To others the account is not linked: they may not open it.
_INSTEAD = {"user": "full_name"}


def keeps_patients(request: HttpRequest) -> bool:
    return request.user.has_perm("clinical.change_patient")


class OfPatientInline(ReadOnlyTabularInline):
    """What hangs on a patient and is no part of the medical record: for whoever keeps patients' pages."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return keeps_patients(request)


class GuardianInline(OfPatientInline):
    model = Guardian
    fields = ("name", "relation", "phone", "email")
    readonly_fields = fields


class IdentityDocumentInline(OfPatientInline):
    """Numbers are shown by their end only."""

    model = IdentityDocument
    fields = ("kind", "masked_number", "country", "expires_on")
    readonly_fields = fields

    @admin.display(description=_("number"))
    def masked_number(self, document: IdentityDocument) -> str:
        return encryption.masked(document.number)


class InsurancePolicyInline(OfPatientInline):
    """Numbers are shown by their end only; whoever verifies opens the policy's page."""

    model = InsurancePolicy
    fields = ("insurer", "masked_number", "valid_until", "verification")
    readonly_fields = fields
    show_change_link = True

    @admin.display(description=_("policy number"))
    def masked_number(self, policy: InsurancePolicy) -> str:
        return encryption.masked(policy.number)


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
        (_("Lives in"), {"fields": (("country", "city"), "address")}),
        (
            _("In an emergency"),
            {"fields": (("emergency_name", "emergency_relation", "emergency_phone"),)},
        ),
    )
    inlines = (GuardianInline, IdentityDocumentInline, InsurancePolicyInline)
    change_form_outer_before_template = "clinical/admin/patient_tabs.html"
    change_form_outer_after_template = "clinical/admin/medical_information.html"

    # --- the list ---

    @admin.display(description=_("e-mail"))
    def email(self, patient: Patient) -> str:
        return patient.user.email

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return shown if request.user.has_perm("accounts.view_user") else [name for name in shown if name != "email"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Each word begins an e-mail address or a name; an address is looked up by its index alone, and by those only
        who may look up people: the answer would tell others how an address begins."""
        may_know_addresses = request.user.has_perm("accounts.view_user")
        for word in search_term.split():
            by_email = Q(user__email__startswith=word.lower()) if may_know_addresses else Q(pk=None)
            by_name = Q(user__last_name__istartswith=word) | Q(user__first_name__istartswith=word)
            queryset = queryset.filter(by_email if "@" in word else by_email | by_name)
        return queryset, False

    # --- the page ---

    @admin.display(description=_("person"))
    def full_name(self, patient: Patient) -> str:
        return patient.user.full_name

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        if keeps_patients(request):
            return shown
        return [
            (
                title,
                {
                    **options,
                    "fields": [_INSTEAD.get(field, field) for field in options["fields"] if field not in _KEPT],
                },
            )
            for title, options in shown
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Guardians answer for minors: an adult has none."""
        inlines = super().get_inlines(request, obj)
        if obj is None or rules.is_minor(obj, today=timezone.now().date()):
            return inlines
        return [inline for inline in inlines if inline is not GuardianInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """What the services do not write is not typed here."""
        return ["full_name", *(field.name for field in self.opts.fields if field.name not in services.PAGE_FIELDS)]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        patient = kwargs.get("obj")
        if patient is not None:
            context["tabs"] = tabs.of(request, patient, "patient")
            context["medical"] = medical.information(request, patient)
            context["is_minor"] = rules.is_minor(patient, today=timezone.now().date())
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        services.update_patient(obj, by=by, **changes)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Patients' records are kept by law; an account is deactivated."""
        return False

    # --- the tabs ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.tab_view)
        return [path("<uuid:pk>/tab/<slug:name>/", view, name="clinical_patient_tab"), *super().get_urls()]

    def tab_view(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """One kind of row that hangs on the patient, as far as the reader sees it."""
        patient = self.get_queryset(request).select_related("user").filter(pk=pk).first()
        shown = tabs.table(request, name)
        if patient is None or shown is None:
            raise Http404
        user: Any = request.user
        rows, has_more = tabs.rows_of(request, patient, shown)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{patient}: {shown.title}",
            "opts": self.opts,
            "original": patient,
            "patient": patient,
            "tabs": tabs.of(request, patient, name),
            "actions": tabs.actions(request, patient, name),
            "shown": shown,
            "rows": rows,
            "has_more": has_more,
            "list_url": tabs.list_address(shown, patient),
            "notice": timeline.notice(user) if shown.is_record else "",
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "clinical/admin/patient_tab.html", context)


tabs.register("patient", _("Patient"), "personal_injury", tabs.patient_page, place=0)
