"""What lists of accounts are narrowed by."""

import django_filters

from apps.common.api.filters import ChoicesFilter, TrueFalseFilter

from .models import User
from .querysets import UserQuerySet
from .roles import Role


class UserFilter(django_filters.FilterSet):
    user_type = ChoicesFilter(choices=Role.choices, field_name="role", label="Role.")
    is_active = TrueFalseFilter(field_name="is_active", label="Active accounts, or deactivated ones.")
    search = django_filters.CharFilter(
        method="by_words", max_length=100, label="Words of the name or the e-mail address, or their beginnings."
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: UserQuerySet, name: str, value: str) -> UserQuerySet:
        return queryset.search(value)
