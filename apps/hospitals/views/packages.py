"""Packages over the API."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin
from apps.common.api import answer
from apps.common.exceptions import NotFound
from apps.common.idempotency import idempotent
from apps.hospitals import filters, selectors, serializers, services
from apps.hospitals.models import Package

from .treatments import CURRENCY, CatalogueViewSet

PRICE_ON = OpenApiParameter(
    "price_on", OpenApiTypes.DATE, description="The price is that of a journey beginning on this day."
)


class PackageListViewSet(CatalogueViewSet):
    """Lists of packages, all alike."""

    queryset = Package.objects.none()
    parameters = filters.PACKAGE_PARAMETERS
    sort_fields: ClassVar = {
        "price": "effective_in_euro", "days": "days", "name": "sort_name", "relevance": "relevance",
    }  # fmt: skip
    nullable_sorts = ("effective_in_euro",)
    default_sort = ("effective_in_euro",)

    def read_query(self) -> None:
        super().read_query()
        self.asked("price_on")

    def packages(self, **at: Any) -> Response:
        """The page of packages that the query asks for; `at` narrows further."""
        language, prices, today = get_language(), self.prices(), timezone.now().date()
        on: date = self.asked("price_on") or today
        every = self.asked("is_active") is not None
        page = self.found(
            selectors.package_rows(language, prices, on, user=self.request.user, every=every).filter(**at)
        )
        return self.get_paginated_response(
            [serializers.PackageSummary.of(row, language, prices, today, on) for row in page]
        )


class CountryPackageViewSet(PackageListViewSet):
    parameters: ClassVar = {name: row for name, row in filters.PACKAGE_PARAMETERS.items() if name != "country"}

    @extend_schema(
        tags=["Directory"],
        summary="List the packages of a country",
        responses=serializers.PackageSummary(many=True),
    )
    def list(self, request: Request, country: str) -> Response:
        if country not in countries.countries:
            raise NotFound()
        return self.packages(country=country)


class PackageViewSet(PackageListViewSet):
    writers: ClassVar = {"create": IsPlatformAdmin, "partial_update": IsPlatformAdmin, "destroy": IsPlatformAdmin}

    def page(self, pk: UUID) -> dict[str, Any]:
        """The package as the caller may read it. Raises DoesNotExist, Invalid."""
        language, user, today = get_language(), self.request.user, timezone.now().date()
        on: date = self.asked("price_on") or today
        row = selectors.package_row(pk, on, user=user, language=language)
        managed = selectors.managed_package(pk, user)
        return serializers.PackageDetail.of(row, language, self.prices(), today, on, managed=managed)

    def kept(self, pk: UUID) -> Package:
        return Package.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(
        tags=["Directory"],
        summary="List and search packages",
        description="Prices, their filters and the order by price are those of a journey that begins on `price_on`.",
        responses=serializers.PackageSummary(many=True),
    )
    def list(self, request: Request) -> Response:
        return self.packages()

    @extend_schema(
        tags=["Directory"],
        summary="Read a package's page",
        parameters=[CURRENCY, PRICE_ON],
        responses=serializers.PackageDetail,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(self.page(pk))

    @extend_schema(
        tags=["Directory"],
        summary="Add a package",
        description="Each of its hospitals is listed, in its country, and offers one of its treatments.",
        request=serializers.PackageInput,
        responses={201: serializers.PackageDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        given = self.with_picture(self.read(serializers.PackageInput))
        package = services.create_package(by=request.user, **given)
        return answer(self.page(package.pk), message=_("The package has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Change a package",
        request=serializers.PackageChanges,
        responses=serializers.PackageDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        package = self.kept(pk)
        changes = self.with_picture(self.read(serializers.PackageChanges, partial=True))
        services.update_package(package, by=request.user, **changes)
        return answer(self.page(pk), message=_("The changes have been saved."))

    @extend_schema(
        tags=["Directory"],
        summary="Take a package off the list",
        description="It stays: `is_active` brings it back.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.deactivate_package(self.kept(pk), by=request.user)
        return answer(status=204)
