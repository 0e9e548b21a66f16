"""Reference data over the API: the lists that a client's choices are made of."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.hospitals import filters, selectors, serializers
from apps.hospitals.models import AccreditationBody, Procedure, Specialty, TreatmentCategory

from .base import DirectoryViewSet


class ReferenceViewSet(DirectoryViewSet):
    """Short lists by code, in the caller's language."""

    sort_fields: ClassVar = {"code": "code"}
    default_sort: ClassVar[tuple[str, ...]] = ("code",)

    def listed(self, rows: QuerySet, shape: Any, *language: str) -> Response:
        return self.get_paginated_response([shape.of(row, *language) for row in self.found(rows)])


class SpecialtyViewSet(ReferenceViewSet):
    queryset = Specialty.objects.none()

    @extend_schema(
        tags=["Directory"], summary="List the specialties", responses=serializers.SpecialtySummary(many=True)
    )
    def list(self, request: Request) -> Response:
        return self.listed(selectors.specialty_rows(get_language()), serializers.SpecialtySummary, get_language())


class ProcedureViewSet(ReferenceViewSet):
    queryset = Procedure.objects.none()
    parameters = filters.PROCEDURE_PARAMETERS

    @extend_schema(tags=["Directory"], summary="List the procedures", responses=serializers.ProcedureSummary(many=True))
    def list(self, request: Request) -> Response:
        return self.listed(selectors.procedure_rows(get_language()), serializers.ProcedureSummary, get_language())


class TreatmentCategoryViewSet(ReferenceViewSet):
    queryset = TreatmentCategory.objects.none()
    sort_fields: ClassVar = {"code": "code", "position": "position"}
    default_sort = ("position", "code")

    @extend_schema(
        tags=["Directory"],
        summary="List the categories of treatments",
        responses=serializers.TreatmentCategorySummary(many=True),
    )
    def list(self, request: Request) -> Response:
        rows = selectors.treatment_category_rows(get_language())
        return self.listed(rows, serializers.TreatmentCategorySummary, get_language())


class AccreditationBodyViewSet(ReferenceViewSet):
    queryset = AccreditationBody.objects.none()

    @extend_schema(
        tags=["Directory"],
        summary="List the bodies that accredit hospitals",
        responses=serializers.AccreditationBodySummary(many=True),
    )
    def list(self, request: Request) -> Response:
        return self.listed(selectors.accreditation_body_rows(), serializers.AccreditationBodySummary)
