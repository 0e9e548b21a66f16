"""What the directory's views have in common."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.common.api.filters import SortBackend
from apps.common.api.pagination import PageOutOfRange
from apps.hospitals import filters

Permission = type[BasePermission]
KEEPERS = role_permission(Role.ADMIN, Role.HOSPITAL_ADMIN)
DOCTOR_OR_ADMIN = role_permission(Role.ADMIN, Role.DOCTOR)


class DirectoryViewSet(GenericViewSet):
    """Public to read; who may write is said for each action."""

    filter_backends = (filters.ParameterBackend, SortBackend)
    parameters: ClassVar[dict[str, filters.Parameter]] = {}
    writers: ClassVar[dict[str, Permission]] = {}

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

    def read(self, shape: type[BaseSerializer], partial: bool = False) -> dict[str, Any]:
        """The body as the shape says, or a refusal that names what is wrong."""
        given = shape(data=self.request.data, partial=partial)
        given.is_valid(raise_exception=True)
        return given.validated_data
