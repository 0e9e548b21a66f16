"""Reference data over the API."""

from typing import ClassVar

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.hospitals import selectors, serializers
from apps.hospitals.models import Specialty

from .base import DirectoryViewSet


class SpecialtyViewSet(DirectoryViewSet):
    queryset = Specialty.objects.none()
    sort_fields: ClassVar = {"code": "code"}
    default_sort = ("code",)

    @extend_schema(
        tags=["Directory"], summary="List the specialties", responses=serializers.SpecialtySummary(many=True)
    )
    def list(self, request: Request) -> Response:
        language = get_language()
        rows = self.paginate_queryset(self.filter_queryset(selectors.specialty_rows(language)))
        return self.get_paginated_response([serializers.SpecialtySummary.of(row, language) for row in rows])
