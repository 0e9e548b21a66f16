"""The admin's bases: scoped rows everywhere, bounded counts, guarded saves, the trail as history, moves as buttons.

    from apps.common.admin import BaseModelAdmin, ScopedTabularInline, TransitionAdmin
    from apps.common import admin as common_admin            # where an app's module is itself called `admin`

- `BaseModelAdmin`: every page, choice, filter, autocomplete and preview shows only what `visible_to(user)` gives.
- `TransitionAdmin`: the workflow's declared moves as buttons, greyed with the reason when refused.
- `ReadOnlyAdminMixin`, put first: the pages can be read and nothing can be changed.
- `ScopedTabularInline`, `ScopedStackedInline`, and for rows that are only read `ReadOnlyTabularInline`.
- `money_display(_("total"), "total")`: a column of money, also as a decorator; `money_html` for a template's context.
- `language_tabs("name", "city")`: fieldsets with one tab a language, for models registered with modeltranslation.
"""

from . import audit_trail, exchange_rates
from .amounts import money_display, money_html
from .base import BaseModelAdmin, ReadOnlyAdminMixin
from .inlines import ReadOnlyTabularInline, ScopedStackedInline, ScopedTabularInline
from .lists import BoundedPaginator
from .scope import ScopedAdminMixin
from .transitions import TransitionAdmin
from .translations import language_tabs

__all__ = [
    "BaseModelAdmin",
    "BoundedPaginator",
    "ReadOnlyAdminMixin",
    "ReadOnlyTabularInline",
    "ScopedAdminMixin",
    "ScopedStackedInline",
    "ScopedTabularInline",
    "TransitionAdmin",
    "audit_trail",
    "exchange_rates",
    "language_tabs",
    "money_display",
    "money_html",
]
