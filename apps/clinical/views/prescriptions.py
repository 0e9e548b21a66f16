"""Prescriptions over the API, and the page on which anyone checks one."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.clinical import documents, filters, selectors, services
from apps.clinical.models import Patient, Prescription, ReadEntry
from apps.clinical.serializers import prescriptions as shapes
from apps.common import requests, throttling, wall_time
from apps.common.api import answer
from apps.common.exceptions import TooMany
from apps.common.idempotency import again, idempotent, keyed
from apps.common.redis import RedisUnavailable

from . import base

Readers = role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Doctors = role_permission(Role.DOCTOR)
Dispensers = role_permission(Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.ADMIN)

#: Guessing a token is hopeless; this keeps a machine from trying.
PUBLIC_LIMIT = throttling.Limit("verify.prescription", attempts=60, seconds=60)

DRAFTED = _("The draft is saved.")
CHECKED = (
    "The medicines are compared with the patient's allergies: see `allergy_check`, in which `not_run` says why nothing "
    "can be said. 403 `prescription.not_in_your_care`, `prescription.not_licensed`; 400 "
    "`documents.characters_not_supported` for what could not be printed."
)
EXAMPLE = OpenApiExample(
    "Two medicines",
    value={
        "patient_id": "019364f0-0000-7000-8000-000000000001",
        "medications": [
            {
                "name": "Amoxicillin / clavulanic acid", "form": "tablet", "dosage": "875 mg / 125 mg",
                "frequency": "1 tablet twice a day with meals", "duration": "7 days", "quantity": "14",
            },
            {"name": "Paracetamol", "dosage": "500 mg", "frequency": "up to 4 times a day", "duration": "5 days"},
        ],
        "instructions": "Drink plenty of water.",
        "valid_until": "2026-12-31",
    },
    request_only=True,
)  # fmt: skip


class OfPrescriptions(base.Signed):
    """Lists of prescriptions and single ones, each reading logged before the answer."""

    queryset = Prescription.objects.none()
    serializer_class = shapes.PrescriptionShown
    filterset_class = filters.PrescriptionFilter
    sort_fields = {"created_at": "created_at", "valid_until": "valid_until"}
    default_sort = ("-created_at",)

    def page_of(self, prescriptions: QuerySet) -> Response:
        rows = selectors.prescription_rows(prescriptions, reader=self.caller)
        page = self.paginate_queryset(self.filter_queryset(rows)) or []
        self._log(page, ReadEntry.Act.LISTED)
        now = timezone.now()
        return self.get_paginated_response([shapes.prescription(row, self.caller, now=now) for row in page])

    def show(self, prescription_id: UUID, *, message: Any = "", status: int = 200) -> Response:
        row = selectors.prescription_row(prescription_id, reader=self.caller)
        self._log([row], ReadEntry.Act.OPENED)
        return answer(shapes.prescription(row, self.caller, now=timezone.now()), message=message, status=status)

    def _log(self, rows: list[Any], act: str) -> None:
        services.log_readings(rows, reader=self.caller, act=act, place="api", model=Prescription)


@extend_schema(tags=["prescriptions"])
class PrescriptionViewSet(OfPrescriptions):
    """Prescriptions that the caller wrote, owns, or has sight of by consent."""

    def get_permissions(self) -> list[Any]:
        if self.action in {"list", "retrieve"}:
            return [Readers()]
        return [Dispensers() if self.action == "dispense" else Doctors()]

    @extend_schema(summary="My prescriptions", responses=shapes.PrescriptionShown(many=True))
    def list(self, request: Request) -> Response:
        """A patient's own, a doctor's own, drafts too, and those that consent opens; platform admins see all."""
        return self.page_of(Prescription.objects.visible_to(self.caller))

    @extend_schema(summary="One prescription", responses=shapes.PrescriptionShown)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Each reading stands in the log that the patient can read."""
        return self.show(pk)

    @extend_schema(
        summary="Draft a prescription",
        description="For a patient in the doctor's care. " + CHECKED,
        request=shapes.DraftPrescriptionInput,
        responses={201: shapes.PrescriptionShown},
        examples=[EXAMPLE],
    )
    @keyed
    def create(self, request: Request) -> Response:
        return shown_again(self._drafted(request), self.show, message=DRAFTED)

    @idempotent
    def _drafted(self, request: Request) -> Response:
        given = base.read(shapes.DraftPrescriptionInput, request.data)
        return answer({"id": services.draft_prescription(by=self.caller, **given).pk}, status=201)

    @extend_schema(
        summary="Change a draft",
        description="409 `prescription.signed` for one that is signed: `POST /prescriptions/{id}/replace`. " + CHECKED,
        request=shapes.EditPrescriptionInput,
        responses=shapes.PrescriptionShown,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        services.edit_prescription(pk, by=self.caller, **base.read(shapes.EditPrescriptionInput, request.data))
        return self.show(pk, message=_("Saved."))

    @extend_schema(
        summary="Declare a prescription void",
        description="It stays readable as void; a draft is discarded. A body may give a reason, as `POST .../void`.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.void_prescription(pk, by=self.caller, **base.read(shapes.DeletePrescriptionInput, request.data))
        return answer(status=204)

    @extend_schema(
        summary="Sign a draft",
        description="From then on it never changes. The medicines are compared once more: 409 "
        "`prescription.allergy_warning` with `data.allergy_check`, which `acknowledged_warnings` and a reason pass.",
        request=shapes.SignPrescriptionInput,
        responses=shapes.PrescriptionShown,
    )
    def sign(self, request: Request, pk: UUID) -> Response:
        services.sign_prescription(pk, by=self.caller, **base.read(shapes.SignPrescriptionInput, request.data))
        return self.show(pk, message=_("The prescription is signed."))

    @extend_schema(
        summary="Declare a prescription void, and say why",
        request=shapes.VoidPrescriptionInput,
        responses=shapes.PrescriptionShown,
    )
    def void(self, request: Request, pk: UUID) -> Response:
        """Of one that was signed the patient is told."""
        services.void_prescription(pk, by=self.caller, **base.read(shapes.VoidPrescriptionInput, request.data))
        return self.show(pk, message=_("The prescription is void."))

    @extend_schema(
        summary="Replace a signed prescription",
        description="It becomes void, and a draft that names it takes its place, in one step. " + CHECKED,
        request=shapes.ReplacePrescriptionInput,
        responses={201: shapes.PrescriptionShown},
    )
    @keyed
    def replace(self, request: Request, pk: UUID) -> Response:
        return shown_again(self._replaced(request, pk), self.show, message=DRAFTED)

    @idempotent
    def _replaced(self, request: Request, pk: UUID) -> Response:
        given = base.read(shapes.ReplacePrescriptionInput, request.data)
        return answer({"id": services.replace_prescription(pk, by=self.caller, **given).pk}, status=201)

    @extend_schema(summary="Mark as dispensed", request=None, responses=shapes.PrescriptionShown)
    def dispense(self, request: Request, pk: UUID) -> Response:
        """By the doctor, the staff of the hospital where it was written, or a platform admin; while it is valid."""
        services.dispense_prescription(pk, by=self.caller)
        return self.show(pk, message=_("Saved."))


def shown_again(kept: Response, show: Any, *, message: Any) -> Response:
    """The prescription whose id was kept, made anew."""
    return again(kept, show(UUID(str(kept.data["id"])), message=message, status=201))


@extend_schema(tags=["prescriptions"])
class PrescriptionPdfView(base.Signed):
    """A file, not data: whatever the client says that it accepts."""

    permission_classes = [Readers]
    queryset = Prescription.objects.none()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        summary="A prescription as PDF",
        description="In the patient's language, with a code that leads to the public page where anyone can check it. "
        "409 `prescription.not_signed` for a draft.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, pk: UUID) -> HttpResponse:
        prescription = selectors.signed_prescription(pk, reader=self.caller)
        services.log_readings([prescription], reader=self.caller, act=ReadEntry.Act.DOWNLOADED, place="api")
        response = HttpResponse(documents.prescription_pdf(prescription), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{prescription.number}.pdf"'
        return response


@extend_schema(tags=["patients"])
class PatientPrescriptionsViewSet(OfPrescriptions):
    permission_classes = [Readers]

    @extend_schema(
        summary="A patient's prescriptions",
        operation_id="patients_prescriptions_list",
        responses=shapes.PrescriptionShown(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """Those of them that the caller has sight of."""
        patient = get_object_or_404(Patient.objects.visible_to(self.caller), pk=pk)
        return self.page_of(Prescription.objects.visible_to(self.caller).filter(patient=patient))


@require_safe
def verify_prescription(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever holds the paper sees whether it is genuine, and nothing medical; `?lang=` goes before the browser's."""
    asked = request.GET.get("lang", "")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language() or "en"
    with translation.override(language):
        response = _verification(request, token, language)
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    add_never_cache_headers(response)
    return response


def _verification(request: HttpRequest, token: str, language: str) -> HttpResponse:
    try:
        PUBLIC_LIMIT.take(requests.client_network(request))
    except TooMany as refusal:
        response = render(request, "error.html", {"status": 429, "message": refusal.text}, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return response
    except RedisUnavailable:
        pass  # nothing is guarded but our own work
    found = selectors.public_prescription(token, now=timezone.now())
    shown: dict[str, Any] = {"found": found, "languages": settings.LANGUAGES, "language": language}
    if found is not None:
        shown |= {
            "signed_on": wall_time.read(found.signed_at, found.zone, language).date,
            "valid_until": wall_time.day(found.valid_until, language),
            "licences": [
                {"country": documents.country_name(licence["country"], language), "number": licence["number"]}
                for licence in found.licences
            ],
        }
    return render(request, "clinical/verify_prescription.html", shown, status=200 if found else 404)
