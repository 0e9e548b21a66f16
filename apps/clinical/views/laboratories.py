"""Laboratories over the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.clinical import filters, selectors, services
from apps.clinical.models import Laboratory
from apps.clinical.serializers import laboratories as shapes
from apps.common.api import answer
from apps.common.idempotency import idempotent
from apps.hospitals.views import base


@extend_schema(tags=["laboratories"])
class LaboratoryViewSet(base.DirectoryViewSet):
    """Public to read; platform admins and a hospital's staff write."""

    queryset = Laboratory.objects.none()
    parameters = filters.LABORATORY_PARAMETERS
    sort_fields: ClassVar = {"name": "sort_name"}
    default_sort = ("sort_name",)
    writers: ClassVar = {"create": base.KEEPERS, "partial_update": base.KEEPERS, "destroy": base.KEEPERS}

    def page(self, pk: UUID) -> dict[str, Any]:
        """The laboratory as the caller may read it. Raises DoesNotExist."""
        language, user = get_language(), self.request.user
        row = selectors.laboratory_row(pk, user=user, language=language)
        return shapes.LaboratoryDetail.of(row, language, managed=selectors.managed_laboratory(pk, user))

    def kept(self, pk: UUID) -> Laboratory:
        return Laboratory.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(summary="List and search laboratories", responses=shapes.LaboratorySummary(many=True))
    def list(self, request: Request) -> Response:
        language = get_language()
        page = self.found(selectors.laboratory_rows(language))
        return self.get_paginated_response([shapes.LaboratorySummary.of(row, language) for row in page])

    @extend_schema(summary="Read a laboratory's page", responses=shapes.LaboratoryDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(self.page(pk))

    @extend_schema(
        summary="Add a laboratory",
        description="Of a hospital: its staff add their own.",
        request=shapes.LaboratoryInput,
        responses={201: shapes.LaboratoryDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        laboratory = services.create_laboratory(by=request.user, **self.read(shapes.LaboratoryInput))
        return answer(self.page(laboratory.pk), message=_("The laboratory has been added."), status=201)

    @extend_schema(
        summary="Change a laboratory's page", request=shapes.LaboratoryChanges, responses=shapes.LaboratoryDetail
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        changes = self.read(shapes.LaboratoryChanges, partial=True)
        services.update_laboratory(self.kept(pk), by=request.user, **changes)
        return answer(self.page(pk), message=_("The changes have been saved."))

    @extend_schema(
        summary="Take a laboratory off the list",
        description="Its tests go on; `is_active` brings it back.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.deactivate_laboratory(self.kept(pk), by=request.user)
        return answer(status=204)
