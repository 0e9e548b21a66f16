"""Money in lists and on pages: with its currency, as the reader's language writes it, digits under digits."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.common.exceptions import Text
from apps.common.money import Money

#: What a column may show: one amount, several of different currencies, or nothing.
Shown = Money | Iterable[Money] | None


def money_html(value: Shown) -> SafeString | None:
    """Each amount on a line of its own, isolated from the direction of the text around it; None where there is none."""
    amounts = [value] if isinstance(value, Money) else list(value or ())
    if not amounts:
        return None
    language = translation.get_language() or "en"
    return format_html(
        '<span class="mv-money">{}</span>',
        format_html_join("", "<bdi>{}</bdi>", ((amount.format(language),) for amount in amounts)),
    )


def money_display(description: Text, of: str = "", *, ordering: str | None = None, empty_value: str = "–") -> Any:
    """A column of money for `list_display` and `readonly_fields`, right-aligned in lists in every language.

        total = money_display(_("total"), "total")                 # a column of a row with a `currency`, or Money

        @money_display(_("balance"), ordering="balance")           # or of a method that gives Money, several, or None
        def balance(self, bill): ...

    `empty_value` stands where there is no amount.
    """

    def column(method: Callable[[Any, Any], Shown]) -> Callable[[Any, Any], SafeString | None]:
        def shown(page: Any, row: Any) -> SafeString | None:
            return money_html(method(page, row))

        shown.__name__ = of or getattr(method, "__name__", "amount")
        decorated: Any = admin.display(shown, description=description, ordering=ordering)  # type: ignore[call-overload]
        decorated.empty_value_display = empty_value
        return decorated  # type: ignore[no-any-return]

    def stored(page: Any, row: Any) -> Shown:
        value = getattr(row, of)
        return Money(value, row.currency) if isinstance(value, Decimal | int) else value

    return column(stored) if of else column
