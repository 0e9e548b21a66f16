"""Hospitals over the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin
from apps.common.api import answer
from apps.common.idempotency import idempotent
from apps.hospitals import filters, selectors, serializers, services
from apps.hospitals.models import Hospital
from apps.hospitals.querysets import WHOLE_DIRECTORY

from .base import KEEPERS, DirectoryViewSet


class HospitalViewSet(DirectoryViewSet):
    queryset = Hospital.objects.none()
    parameters = filters.HOSPITAL_PARAMETERS
    sort_fields: ClassVar = {"name": "sort_name", "rating": "rating"}
    default_sort = ("-rating", "-pk")
    writers: ClassVar = {
        "create": IsPlatformAdmin, "partial_update": KEEPERS, "destroy": IsPlatformAdmin, "verify": IsPlatformAdmin,
    }  # fmt: skip

    def page(self, pk: UUID) -> dict[str, Any]:
        """The hospital as the caller may read it. Raises DoesNotExist."""
        language, user = get_language(), self.request.user
        row = selectors.hospital_row(pk, user=user, language=language)
        return serializers.HospitalDetail.of(row, language, managed=selectors.managed_hospital(pk, user))

    def kept(self, pk: UUID) -> Hospital:
        return Hospital.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(
        tags=["Directory"], summary="List and search hospitals", responses=serializers.HospitalSummary(many=True)
    )
    def list(self, request: Request) -> Response:
        language = get_language()
        asks_unverified = request.query_params.get("is_verified") == "false"
        sees_all = request.user.is_authenticated and request.user.role in WHOLE_DIRECTORY
        rows = selectors.hospital_rows(language, unverified=asks_unverified and sees_all)
        page = self.found(rows)
        return self.get_paginated_response([serializers.HospitalSummary.of(row, language) for row in page])

    @extend_schema(tags=["Directory"], summary="Read a hospital's page", responses=serializers.HospitalDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(self.page(pk))

    @extend_schema(
        tags=["Directory"],
        summary="Add a hospital",
        description="It waits for verification and is not listed before.",
        request=serializers.HospitalInput,
        responses={201: serializers.HospitalDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        hospital = services.create_hospital(by=request.user, **self.read(serializers.HospitalInput))
        return answer(self.page(hospital.pk), message=_("The hospital has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Change a hospital's page",
        request=serializers.HospitalChanges,
        responses=serializers.HospitalDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        changes = self.read(serializers.HospitalChanges, partial=True)
        services.update_hospital(self.kept(pk), by=request.user, **changes)
        return answer(self.page(pk), message=_("The changes have been saved."))

    @extend_schema(
        tags=["Directory"],
        summary="Take a hospital off the list",
        description="Its doctors, records and appointments stay.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.deactivate_hospital(self.kept(pk), by=request.user)
        return answer(status=204)

    @extend_schema(
        tags=["Directory"],
        summary="Approve or reject a hospital",
        request=serializers.VerificationInput,
        responses=serializers.HospitalDetail,
    )
    def verify(self, request: Request, pk: UUID) -> Response:
        given = self.read(serializers.VerificationInput)
        services.verify_hospital(self.kept(pk), by=request.user, verification=given["decision"], reason=given["reason"])
        return answer(self.page(pk), message=_("The decision has been recorded."))
