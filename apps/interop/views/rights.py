"""What people ask of their data: the FHIR bundle, a copy of everything, the end of the account."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import IsPlatformAdmin, role_permission
from apps.accounts.roles import Role
from apps.clinical.models import Patient
from apps.common.api import answer
from apps.common.api.renderers import EnvelopeRenderer
from apps.interop import fhir, services
from apps.interop.models import DataExport
from apps.interop.selectors import people
from apps.interop.serializers import rights as shapes

IsPatient = role_permission(Role.PATIENT)
IsPatientOrAdmin = role_permission(Role.PATIENT, Role.ADMIN)


class _View(GenericAPIView):
    pagination_class = None
    filter_backends: list[Any] = []

    @property
    def caller(self) -> User:
        return cast(User, self.request.user)

    def own_patient(self) -> Patient:
        return get_object_or_404(Patient.objects.visible_to(self.caller).select_related("user"), user=self.caller)


class FhirRenderer(EnvelopeRenderer):
    """For clients that ask for `application/fhir+json`; a failure comes in the envelope all the same."""

    media_type = fhir.MEDIA_TYPE
    format = "fhir"


@extend_schema(tags=["patients"])
class FhirView(_View):
    """For the patient and for platform admins; each part of the record is logged as exported."""

    permission_classes = [IsPatientOrAdmin]
    renderer_classes = [EnvelopeRenderer, FhirRenderer]
    bare = True

    @extend_schema(
        summary="A patient as a FHIR R4 bundle",
        operation_id="patients_fhir_retrieve",
        description="A `Bundle` of type `collection`, outside our envelope, as `application/fhir+json`: Patient, "
        "Practitioner, Organization, Location, Appointment, DocumentReference, MedicationRequest, "
        "MedicationStatement, AllergyIntolerance, Condition, Observation, DiagnosticReport and Consent. References "
        "resolve within the bundle.",
        responses={(200, fhir.MEDIA_TYPE): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        patient = get_object_or_404(Patient.objects.visible_to(self.caller).select_related("user"), pk=pk)
        services.log_exported(patient, reader=self.caller, place="api")
        return HttpResponse(fhir.dumps(fhir.bundle_of(patient, now=timezone.now())), content_type=fhir.MEDIA_TYPE)

    def finalize_response(self, request: HttpRequest, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response):  # a refusal
            response.content_type = EnvelopeRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)


@extend_schema(tags=["users"])
class OwnExportsView(_View):
    permission_classes = [IsPatient]
    serializer_class = shapes.DataExportShown

    @extend_schema(
        summary="Copies of my data",
        operation_id="users_me_data_exports_list",
        description="The newest ten. Each is there for seven days.",
        responses=shapes.DataExportShown(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = DataExport.objects.visible_to(self.caller).select_related("file", "patient").order_by("-created_at")[:10]
        return answer([shapes.export(row, services.link_to(row, by=self.caller)) for row in rows])

    @extend_schema(
        summary="Ask for a copy of everything about me",
        operation_id="users_me_data_exports_create",
        description="A ZIP with `data.json`, `fhir.json` and the files, made in the background; a message says when it "
        "is ready. One in 24 hours: 429 `data_rights.exported_today`. While one is being made it is that one again.",
        request=None,
        responses={202: shapes.DataExportShown},
    )
    def post(self, request: Request) -> Response:
        row = services.ask_for_export(self.own_patient(), by=self.caller)
        return answer(shapes.export(row, None), message=_("We tell you when it is ready."), status=202)


@extend_schema(tags=["patients"])
class PatientExportsView(_View):
    permission_classes = [IsPlatformAdmin]
    serializer_class = shapes.DataExportShown

    @extend_schema(
        summary="Ask for a copy of everything about a patient",
        operation_id="patients_data_exports_create",
        description="For a patient who asked by letter. Whoever asks, and the patient, can fetch it.",
        request=None,
        responses={202: shapes.DataExportShown},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        patient = get_object_or_404(Patient.objects.visible_to(self.caller).select_related("user"), pk=pk)
        row = services.ask_for_export(patient, by=self.caller)
        return answer(shapes.export(row, None), message=_("We tell you when it is ready."), status=202)


@extend_schema(tags=["data-exports"])
class ExportView(_View):
    permission_classes = [IsPatientOrAdmin]
    serializer_class = shapes.DataExportShown

    @extend_schema(
        summary="How far a copy is, and where it can be fetched",
        operation_id="data_exports_retrieve",
        responses=shapes.DataExportShown,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        rows = DataExport.objects.visible_to(self.caller).select_related("file", "patient")
        row = get_object_or_404(rows, pk=pk)
        return answer(shapes.export(row, services.link_to(row, by=self.caller)))


@extend_schema(tags=["users"])
class ClosureView(_View):
    permission_classes = [IsPatient]
    serializer_class = shapes.CloseAccountInput

    @extend_schema(
        summary="What closing my account would mean",
        operation_id="users_me_closure_retrieve",
        description="What must be cancelled before, and of each kind of entry how many go and how many stay by law.",
        request=None,
        responses=shapes.ClosurePreview,
    )
    def get(self, request: Request) -> Response:
        now, patient = timezone.now(), self.own_patient()
        until = people.kept_until(patient, closed_on=now.date())
        fates = people.preview(patient, until, today=now.date())
        return answer(shapes.closure_preview(people.to_come(patient, now=now), fates))

    @extend_schema(
        summary="Close my account",
        operation_id="users_me_closure_create",
        description="Signs out everywhere at once. For 30 days an admin can reopen the account, then what need not be "
        "kept by law is erased. 409 `data_rights.something_to_come` names what must be cancelled first.",
        request=shapes.CloseAccountInput,
        responses={202: shapes.ClosureShown},
        examples=[OpenApiExample("Once more", value={"password": "Correct-Horse-7"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        given = shapes.CloseAccountInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = services.close_account(self.own_patient(), password=given.validated_data["password"], by=self.caller)
        return answer(shapes.closure(row), message=_("Your account is closed."), status=202)
