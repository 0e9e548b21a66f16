"""Hospitals over the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin, role_permission
from apps.accounts.roles import Role
from apps.common.api import answer
from apps.common.idempotency import idempotent
from apps.hospitals import filters, selectors, serializers, services
from apps.hospitals.models import Hospital
from apps.hospitals.querysets import WHOLE_DIRECTORY

from .base import KEEPERS, DirectoryViewSet


class HospitalViewSet(DirectoryViewSet):
    queryset = Hospital.objects.none()
    parameters = filters.HOSPITAL_PARAMETERS
    sort_fields: ClassVar = {
        "name": "sort_name", "rating": "rating", "distance": "distance_km", "relevance": "relevance",
    }  # fmt: skip
    nullable_sorts = ("distance_km",)
    default_sort = ("-rating", "-pk")
    writers: ClassVar = {
        "create": IsPlatformAdmin, "partial_update": KEEPERS, "destroy": IsPlatformAdmin, "verify": IsPlatformAdmin,
        "submit": role_permission(Role.HOSPITAL_ADMIN),
    }  # fmt: skip

    def page(self, pk: UUID) -> dict[str, Any]:
        """The hospital as the caller may read it. Raises DoesNotExist."""
        language, today, user = get_language(), timezone.now().date(), self.request.user
        row = selectors.hospital_row(pk, user=user, language=language, today=today)
        hospital = selectors.managed_hospital(pk, user)
        management = None
        if hospital is not None:
            management = serializers.HospitalManagement.of(hospital, selectors.hospital_file(hospital, user))
        return serializers.HospitalDetail.of(row, language, management=management)

    def kept(self, pk: UUID) -> Hospital:
        return Hospital.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(
        tags=["Directory"], summary="List and search hospitals", responses=serializers.ListedHospital(many=True)
    )
    def list(self, request: Request) -> Response:
        language = get_language()
        asks_unverified = request.query_params.get("is_verified") == "false"
        sees_all = request.user.is_authenticated and request.user.role in WHOLE_DIRECTORY
        place = filters.asked_place(request.query_params)
        rows = selectors.hospital_rows(language, place, unverified=asks_unverified and sees_all)
        page = self.found(rows)
        return self.get_paginated_response([serializers.ListedHospital.of(row, language) for row in page])

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
        summary="Submit a hospital's page for verification",
        description="By its staff, once it is complete, and again after a rejection. Platform admins are told.",
        request=None,
        responses=serializers.HospitalDetail,
    )
    def submit(self, request: Request, pk: UUID) -> Response:
        services.submit_hospital(self.kept(pk), by=request.user)
        return answer(self.page(pk), message=_("The page waits for verification now."))

    @extend_schema(
        tags=["Directory"],
        summary="Approve or reject a hospital",
        description="Its staff are told, and the doctors who practise there are shown or hidden with it.",
        request=serializers.VerificationInput,
        responses=serializers.HospitalDetail,
    )
    def verify(self, request: Request, pk: UUID) -> Response:
        given = self.read(serializers.VerificationInput)
        services.verify_hospital(self.kept(pk), by=request.user, verification=given["decision"], reason=given["reason"])
        return answer(self.page(pk), message=_("The decision has been recorded."))
