"""Patients: the register, their pages, and onboarding."""

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsCoordinatorOrAdmin, IsPlatformAdmin, role_permission
from apps.accounts.roles import Role
from apps.clinical import filters, rules, selectors, services
from apps.clinical.models import Patient, ReadEntry
from apps.clinical.serializers import patients as shapes
from apps.common.api import answer
from apps.common.idempotency import again, idempotent, keyed

from . import base

Finders = role_permission(Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Readers = role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Keepers = role_permission(Role.PATIENT, *rules.KEEPERS)

#: What is said of a person when the account is made; the rest is the patient's.
ACCOUNT = frozenset({"email", "first_name", "last_name", "phone", "language", "time_zone"})
ONBOARDING = OpenApiExample(
    "An adult with one allergy",
    value={
        "birth_date": "1980-02-29", "gender": "female", "country": "NG", "city": "Lagos", "blood_group": "A+",
        "height_cm": "170.0", "weight_kg": "70.0",
        "emergency_contact": {"name": "Tunde Bello", "relation": "brother", "phone": "+2348031234567"},
        "allergies": [{"substance": "Penicillin", "kind": "medication", "severity": "severe", "reaction": "Hives"}],
        "conditions": [], "medications": [],
    },
    request_only=True,
)  # fmt: skip


@extend_schema(tags=["patients"])
class PatientViewSet(base.Signed):
    """Patients whom the caller finds: the desk everyone, doctors and hospitals those in their care."""

    queryset = Patient.objects.none()
    serializer_class = shapes.PatientDetail
    filterset_class = filters.PatientFilter
    sort_fields: ClassVar = {"created_at": "created_at", "name": "user__last_name", "country": "country"}
    default_sort = ("-created_at", "-pk")
    permissions: ClassVar[dict[str, Any]] = {
        "me": role_permission(Role.PATIENT), "list": Finders, "create": IsCoordinatorOrAdmin,
        "partial_update": Keepers, "destroy": IsPlatformAdmin, "onboard": Keepers,
    }  # fmt: skip

    def get_permissions(self) -> list[Any]:
        return [self.permissions.get(self.action, Readers)()]

    def found(self, pk: UUID) -> Patient:
        return get_object_or_404(Patient.objects.visible_to(self.caller), pk=pk)

    def show(self, pk: UUID, *, message: Any = "", status: int = 200) -> Response:
        """The page; reading its medical information is logged first."""
        page = selectors.patient_page(pk, reader=self.caller)
        services.log_readings([page.patient], reader=self.caller, act=ReadEntry.Act.OPENED, place="api")
        return answer(shapes.patient_detail(page, self.caller), message=message, status=status)

    @extend_schema(summary="Patients", responses=shapes.PatientSummary(many=True))
    def list(self, request: Request) -> Response:
        """Coordinators and admins find everyone, doctors and hospital staff those in their care. Nothing medical."""
        page = self.paginate_queryset(self.filter_queryset(selectors.patient_rows(self.caller)))
        return self.get_paginated_response([shapes.patient_summary(row, self.caller) for row in page or ()])

    @extend_schema(summary="A patient's page", responses=shapes.PatientDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Each reader gets what is theirs to see. The medical information needs the patient's consent (scope
        `profile`); every reading of it stands in the log that the patient can read."""
        return self.show(pk)

    @extend_schema(summary="My own page", operation_id="patients_me_retrieve", responses=shapes.PatientDetail)
    def me(self, request: Request) -> Response:
        """A patient's own page, and with it the id that every other address of the record is made with."""
        return self.show(get_object_or_404(Patient.objects.visible_to(self.caller).filter(user=self.caller)).pk)

    @extend_schema(
        summary="Bring in a patient",
        description="Makes an account without a password, and sends a link, good for 72 hours, to set it.",
        request=shapes.InvitePatientInput,
        responses={201: shapes.PatientDetail},
    )
    @keyed
    def create(self, request: Request) -> Response:
        kept = self._invited(request)
        shown = self.show(UUID(str(kept.data["id"])), message=_("The invitation is on its way."), status=201)
        return again(kept, shown)

    @idempotent
    def _invited(self, request: Request) -> Response:
        given = {"language": get_language(), **base.read(shapes.InvitePatientInput, request.data)}
        account = {name: given.pop(name) for name in ACCOUNT & set(given)}
        return answer({"id": services.invite_patient(account=account, by=self.caller, **given).pk}, status=201)

    @extend_schema(
        summary="Change a patient's page",
        description="By the patient, a coordinator or an admin. Allergies and the other lists have addresses of their "
        "own. 409 `patient.guardian_needed` for a day of birth that makes the patient a minor without a guardian.",
        request=shapes.PatientChanges,
        responses=shapes.PatientDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        changes = base.read(shapes.PatientChanges, request.data, partial=True)
        services.update_patient(self.found(pk), by=self.caller, **changes)
        return self.show(pk, message=_("Saved."))

    @extend_schema(
        summary="Close a patient's account",
        description="Nobody signs in with it any more; the record is kept as the law wants it. "
        "409 `booking.appointments_to_come` while appointments are to come.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.close_patient(self.found(pk), by=self.caller)
        return answer(status=204)

    @extend_schema(
        summary="Give the medical information for the first time",
        description="All of it is taken, or nothing. The record begins with height, weight and BMI, and the patient is "
        "told. 409 `patient.already_onboarded`, `patient.guardian_needed` for a patient under 18 without a guardian.",
        request=shapes.PatientOnboardingInput,
        responses={201: shapes.PatientDetail},
        examples=[ONBOARDING],
    )
    @keyed
    def onboard(self, request: Request, pk: UUID) -> Response:
        kept = self._onboarded(request, self.found(pk))
        return again(kept, self.show(pk, message=_("The medical information is saved."), status=201))

    @idempotent
    def _onboarded(self, request: Request, patient: Patient) -> Response:
        given = base.read(shapes.PatientOnboardingInput, request.data)
        lists = {kind: given.pop(kind) for kind in services.KINDS if kind in given}
        language = given.pop("language", "")
        services.onboard_patient(patient, by=self.caller, details=given, lists=lists, language=language)
        return answer({"id": patient.pk}, status=201)
