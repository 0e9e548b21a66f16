"""Insurers over the API, and what they say of a patient's policies."""

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin, role_permission
from apps.accounts.roles import Role
from apps.clinical import filters, rules, selectors, services
from apps.clinical.models import InsurancePolicy, InsuranceProvider, InsuranceVerification, Patient
from apps.clinical.serializers import insurance as shapes
from apps.clinical.serializers import patients as patient_shapes
from apps.common.api import answer
from apps.common.idempotency import again, idempotent, keyed
from apps.hospitals.views import base as directory

from . import base


@extend_schema(tags=["insurance"])
class InsurerViewSet(directory.DirectoryViewSet):
    """Public to read; platform admins write."""

    queryset = InsuranceProvider.objects.none()
    parameters = filters.INSURER_PARAMETERS
    sort_fields: ClassVar = {"name": "sort_name"}
    default_sort = ("sort_name",)
    writers: ClassVar = dict.fromkeys(("create", "partial_update", "destroy"), IsPlatformAdmin)

    def page(self, pk: UUID) -> dict[str, Any]:
        """The insurer as the caller may read it. Raises DoesNotExist."""
        row = selectors.insurer_row(pk, user=self.request.user)
        managed = selectors.managed_insurer(pk, self.request.user)
        return shapes.InsurerDetail.of(row, get_language(), managed=managed)

    def kept(self, pk: UUID) -> InsuranceProvider:
        return InsuranceProvider.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(summary="List and search insurers", responses=shapes.InsurerSummary(many=True))
    def list(self, request: Request) -> Response:
        language = get_language()
        page = self.found(selectors.insurer_rows(language))
        return self.get_paginated_response([shapes.InsurerSummary.of(row, language) for row in page])

    @extend_schema(summary="Read an insurer's page", responses=shapes.InsurerDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(self.page(pk))

    @extend_schema(
        summary="Add an insurer",
        description="409 `insurance.code_exists` where its code is taken.",
        request=shapes.InsurerInput,
        responses={201: shapes.InsurerDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        provider = services.create_insurer(by=request.user, **self.read(shapes.InsurerInput))
        return answer(self.page(provider.pk), message=_("The insurer has been added."), status=201)

    @extend_schema(summary="Change an insurer", request=shapes.InsurerChanges, responses=shapes.InsurerDetail)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        changes = self.read(shapes.InsurerChanges, partial=True)
        services.update_insurer(self.kept(pk), by=request.user, **changes)
        return answer(self.page(pk), message=_("The changes have been saved."))

    @extend_schema(
        summary="Take an insurer off the list",
        description="One that a policy names is deactivated: `is_active` brings it back.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.remove_insurer(self.kept(pk), by=request.user)
        return answer(status=204)


@extend_schema(tags=["patients"])
class InsuranceVerificationViewSet(base.Signed):
    """Asking insurers about a patient's policies."""

    queryset = InsuranceVerification.objects.none()
    permission_classes = [role_permission(Role.PATIENT, *rules.KEEPERS)]
    serializer_class = shapes.InsuranceVerificationShown
    filterset_class = filters.InsuranceVerificationFilter
    sort_fields: ClassVar = {"asked_at": "asked_at"}
    default_sort = ("-asked_at", "-pk")

    def found(self, pk: UUID) -> Patient:
        return get_object_or_404(Patient.objects.visible_to(self.caller), pk=pk)

    def rows(self, pk: UUID) -> Any:
        return selectors.verification_rows(pk, reader=self.caller, columns=shapes.VERIFICATION_ROW)

    @extend_schema(
        summary="What insurers said of a patient's policies",
        description="Every time that one was asked, the newest first.",
        responses=shapes.InsuranceVerificationShown(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        self.found(pk)
        page = self.paginate_queryset(self.filter_queryset(self.rows(pk))) or ()
        return self.get_paginated_response([shapes.verification(row) for row in page])

    @extend_schema(
        summary="Have an insurance policy verified",
        description="Our computers ask the insurer, or a coordinator does, and the patient is told of the answer. "
        "While there is none, asking again changes nothing. 409 `insurance.policy_over`.",
        request=patient_shapes.InsuranceVerificationInput,
        responses={201: shapes.InsuranceVerificationShown},
    )
    @keyed
    def create(self, request: Request, pk: UUID) -> Response:
        kept = self._asked(request, self.found(pk))
        shown = shapes.verification(self.rows(pk).get(pk=kept.data["id"]))
        return again(kept, answer(shown, message=_("We ask the insurer."), status=201))

    @idempotent
    def _asked(self, request: Request, patient: Patient) -> Response:
        given = base.read(patient_shapes.InsuranceVerificationInput, request.data)
        policy_id = given.pop("policy_id", None)
        policies = InsurancePolicy.objects.visible_to(self.caller).standing().filter(patient=patient)
        policy = get_object_or_404(policies, pk=policy_id) if policy_id else None
        asked, _is_news = services.request_insurance_verification(
            patient, by=self.caller, policy=policy, **({} if policy else given)
        )
        return answer({"id": asked.pk}, status=201)
