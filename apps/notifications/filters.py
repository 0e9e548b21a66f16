"""What the inbox can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from . import catalogue
from .models import Message

Choices = list[tuple[str, Any]]


def _kinds() -> Choices:
    return [(kind.name, kind.label) for kind in catalogue.kinds()]


@extend_schema_field(OpenApiTypes.BOOL)
class TrueOrFalseFilter(django_filters.ChoiceFilter):
    """`true` or `false`; anything else is 400."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], empty_label=None, **kwargs)


class NotificationFilters(django_filters.FilterSet):
    is_read = TrueOrFalseFilter(method="by_read")
    kind = django_filters.ChoiceFilter(choices=_kinds, empty_label=None)

    class Meta:
        model = Message
        fields: list[str] = []

    def by_read(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(read_at__isnull=value == "false")
