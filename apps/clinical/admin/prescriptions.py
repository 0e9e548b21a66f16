"""Prescriptions in the admin: read, and noted as dispensed. Doctors write, sign and void them in their app."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from apps.clinical import documents, rules, selectors, services
from apps.clinical.models import Prescription, ReadEntry
from apps.clinical.workflow import PRESCRIPTION, PrescriptionStatus
from apps.common import wall_time
from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError

from . import people
from .labels import label
from .reading import LoggedReading

CHECK_TONES = {
    Prescription.AllergyCheck.WARNING: "danger",
    Prescription.AllergyCheck.NOT_RUN: "warning",
    Prescription.AllergyCheck.CLEAR: "success",
}


@admin.register(Prescription)
class PrescriptionAdmin(LoggedReading, people.ByPatient, TransitionAdmin):
    """What the reader has sight of; every row that is shown is logged as read."""

    workflow = PRESCRIPTION
    danger_statuses = frozenset({PrescriptionStatus.VOID})
    status_colours: ClassVar = {
        PrescriptionStatus.DRAFT: "warning",
        PrescriptionStatus.SIGNED: "success",
        PrescriptionStatus.DISPENSED: "primary",
        PrescriptionStatus.VOID: "danger",
    }
    list_display = ("number", "patient", "doctor", "hospital", "signed_at", "valid_until", "status_badge")
    list_select_related = ("patient__user", "doctor", "hospital")
    list_filter = ("status", "hospital")
    extra_lookups = frozenset({"patient"})
    search_help_text = _("A prescription's number, a patient's name, or an id.")
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": (("number", "pdf"), ("patient", "doctor", "hospital"))}),
        (_("Medicines"), {"fields": ("medicines", "instructions")}),
        (_("When"), {"fields": (("signed_on", "valid_until"), ("dispensed_at", "dispensed_by"))}),
    )
    check_fieldset = (_("Allergies"), {"fields": ("comparison", "acknowledgement")})
    void_fieldset = (_("Void"), {"fields": (("voided_at", "replacement"), "void_reason")})

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        word = search_term.strip().upper()
        if word.startswith("RX-"):
            return queryset.filter(number=word), False
        return super().get_search_results(request, queryset, search_term)

    # --- the page ---

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Doctors prescribe, in their app."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Prescriptions are declared void; what was signed stays."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        user: Any = request.user
        shown = list(self.fieldsets)
        if rules.may_read_check("administration" if user.is_platform_admin else None):
            shown.append(self.check_fieldset)
        return [*shown, self.void_fieldset] if obj is not None and obj.status == PrescriptionStatus.VOID else shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["pdf", "medicines", "signed_on", "comparison", "replacement"]
        return [*(field.name for field in self.opts.fields), *shown]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context = context | {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("document"))
    def pdf(self, prescription: Prescription) -> str:
        if prescription.signed_at is None:
            return "–"
        address = reverse("admin:clinical_prescription_pdf", args=(prescription.pk,))
        return render_to_string("clinical/admin/prescription_pdf.html", {"address": address})

    @admin.display(description=_("medicines"))
    def medicines(self, prescription: Prescription) -> str:
        rows = prescription.medications.order_by("position")
        return render_to_string("clinical/admin/prescription_medicines.html", {"rows": rows})

    @admin.display(description=_("signed at"))
    def signed_on(self, prescription: Prescription) -> str:
        if prescription.signed_at is None:
            return "–"
        zone = prescription.hospital.time_zone if prescription.hospital else "UTC"
        return str(wall_time.read(prescription.signed_at, zone, translation.get_language() or "en"))

    @admin.display(description=_("comparison with the allergies"))
    def comparison(self, prescription: Prescription) -> str:
        badge = label(prescription.get_allergy_check_display(), CHECK_TONES[prescription.allergy_check])
        shown = {"badge": badge, "findings": prescription.allergy_findings}
        return render_to_string("clinical/admin/prescription_check.html", shown)

    @admin.display(description=_("replaced by"))
    def replacement(self, prescription: Prescription) -> str:
        return selectors.replacement_of(prescription) or "–"

    # --- the moves ---

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        hospitals = set(user.hospital_links.values_list("hospital", flat=True))
        today = services.prescriptions.today_of(obj, timezone.now())
        return rules.why_not_dispense(obj, by=user, hospitals=hospitals, today=today)

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        services.dispense_prescription(obj.pk, by=user)

    def takes_note(self, to_status: str) -> bool:
        return False

    # --- the document ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.pdf_view)
        return [path("<uuid:pk>/pdf/", view, name="clinical_prescription_pdf"), *super().get_urls()]

    def pdf_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The PDF as the patient has it; that it was opened is logged before."""
        found: Any = self.get_queryset(request).filter(pk=pk, signed_at__isnull=False).first()
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        self.log_reading(request, [found.pk], ReadEntry.Act.DOWNLOADED)
        response = HttpResponse(documents.prescription_pdf(found), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
        return response
