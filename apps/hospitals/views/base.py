"""What the directory's views have in common."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.common.api.pagination import PageOutOfRange
from apps.hospitals import filters, selectors

Permission = type[BasePermission]
KEEPERS = role_permission(Role.ADMIN, Role.HOSPITAL_ADMIN)
DOCTOR_OR_ADMIN = role_permission(Role.ADMIN, Role.DOCTOR)
#: For the schema of a list that converts prices.
RATES: dict[str, Any] = {
    "rates": {
        "type": "object",
        "nullable": True,
        "description": "The exchange rates that prices on this page were converted by; null where none was needed.",
        "required": ["source", "on", "is_old"],
        "properties": {
            "source": {"type": "string", "example": "ECB"},
            "on": {"type": "string", "format": "date", "description": "Of which day: the oldest of them."},
            "is_old": {"type": "boolean", "description": "Longer ago than the source takes to publish new ones."},
        },
    }
}


class DirectoryViewSet(GenericViewSet):
    """Public to read; who may write is said for each action."""

    filter_backends = (filters.ParameterBackend, filters.DirectorySortBackend)
    parameters: ClassVar[dict[str, filters.Parameter]] = {}
    writers: ClassVar[dict[str, Permission]] = {}
    #: What this request asked of prices, once it is known.
    asked_prices: selectors.AskedPrices | None = None

    def get_permissions(self) -> list[BasePermission]:
        return [self.writers.get(self.action, AllowAny)()]

    def found(self, rows: QuerySet) -> list[Any]:
        """The page of these rows that the query asks for. Raises Invalid, PageOutOfRange."""
        try:
            page: list[Any] = self.paginate_queryset(self.filter_queryset(rows))
        except PageOutOfRange:
            filters.ParameterBackend.refuse_unknown(self.request, self)
            raise
        if not page:
            filters.ParameterBackend.refuse_unknown(self.request, self)
        return page

    def asked(self, name: str) -> Any:
        """The value of one of the `parameters`, for what is more than a filter; None where it is not given."""
        text = self.request.query_params.get(name)
        return filters.read(name, self.parameters[name], text) if text else None

    def prices(self, name: str = "price") -> selectors.AskedPrices:
        """What the query asks of prices. Raises Invalid."""
        self.asked_prices = filters.asked_prices(self.request.query_params, name)
        return self.asked_prices

    def get_paginated_response(self, data: Any) -> Response:
        """Says by whose rates the page's prices were converted, in lists that convert any."""
        response = super().get_paginated_response(data)
        if self.asked_prices is not None:
            response.envelope_meta["rates"] = self.asked_prices.used  # type: ignore[attr-defined]
        return response

    def read(self, shape: type[BaseSerializer], partial: bool = False) -> dict[str, Any]:
        """The body as the shape says, or a refusal that names what is wrong."""
        given = shape(data=self.request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return given.validated_data
