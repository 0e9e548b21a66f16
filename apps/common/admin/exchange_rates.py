"""The exchange rates' pages: read-only; what was kept out is one click away."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateFilter

from apps.common.models import ExchangeRate

from .base import BaseModelAdmin, ReadOnlyAdminMixin


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """What one euro cost on which day, by whom; rates that jumped too far are marked and used for nothing."""

    list_display = ("currency", "on", "per_euro", "source", "is_kept_out")
    list_filter = ("is_kept_out", ("on", RangeDateFilter))
    search_fields = ("=currency",)
    ordering = ("-on", "currency")
    fields = ("currency", "on", "per_euro", "source", "is_kept_out", "created_at")
