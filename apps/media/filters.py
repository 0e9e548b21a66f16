"""What the list of files can be narrowed by."""

import django_filters

from apps.common.api.filters import ChoicesFilter

from .models import StoredFile, Visibility


class FileFilters(django_filters.FilterSet):
    purpose = ChoicesFilter(choices=StoredFile.Purpose.choices)
    visibility = ChoicesFilter(choices=Visibility.choices)

    class Meta:
        model = StoredFile
        fields: list[str] = []
