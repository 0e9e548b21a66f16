"""How the cells of a sheet are read and written."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from import_export.widgets import Widget


def plain(text: str) -> str:
    """A text without the marks that a form, or Excel, puts at the ends of its lines."""
    return text.replace("\r\n", "\n").replace("_x000D_", "").strip()


class TextWidget(Widget):
    """A text; a number in a text's column is taken as it reads."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return plain(str(value if value is not None else ""))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value or ""


class UpperWidget(TextWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(value).upper()


class NumberWidget(Widget):
    """A decimal number, exactly as it is typed: never rounded, and no separators of thousands to guess at."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value is None or str(value).strip() == "":
            return None
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            raise ValueError(_("“%(value)s” is not a number.") % {"value": str(value)[:40]})
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return value


class WholeWidget(NumberWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        number = super().clean(value)
        if number is None:
            return None
        if number != number.to_integral_value() or not 0 <= number <= 32_767:
            raise ValueError(_("“%(value)s” is not a whole number of days.") % {"value": str(value)[:40]})
        return int(number)


class YesNoWidget(Widget):
    """“yes” or “no”; an empty cell leaves what is."""

    ANSWERS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if value is None or str(value).strip() == "":
            return None
        answer = self.ANSWERS.get(str(value).strip().lower().removesuffix(".0"))
        if answer is None:
            raise ValueError(_("Write “yes” or “no”."))
        return answer

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "yes" if value else "no"


class CodesWidget(TextWidget):
    """Codes with commas between them."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return [code.strip() for code in super().clean(value).split(",") if code.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return ", ".join(value)
