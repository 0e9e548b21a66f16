"""Rows of another model on an object's page, scoped like every other list."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from .scope import ScopedAdminMixin
from .translations import TranslatedFieldsMixin


class ScopedTabularInline(ScopedAdminMixin, TabularInline):
    """A table of rows. Not for translated models: their five languages need the stacked form."""

    extra = 0
    show_change_link = False


class ScopedStackedInline(ScopedAdminMixin, TranslatedFieldsMixin, StackedInline):
    extra = 0


class ReadOnlyTabularInline(ScopedTabularInline):
    """A table to be read: events, sessions."""

    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
