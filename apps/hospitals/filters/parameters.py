"""How the filters of the public lists are read: each parsed by one function, a wrong value refused by name with 400.

These lists are the hottest pages, so they do without forms: a table of parameters is both the parser and the schema.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from apps.common import money
from apps.common.exceptions import Invalid
from apps.hospitals.validators import SPOKEN

MAX_TEXT = 100
HIGHEST_RATING = 5


class WrongValueError(ValueError):
    """What was given cannot be meant; the text says what could be."""


@dataclass(frozen=True)
class Parameter:
    """One filter: how its text is read (WrongValueError refuses it), and how it narrows the rows."""

    parse: Callable[[str], Any]
    narrow: Callable[[QuerySet, Any], QuerySet]
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "maxLength": MAX_TEXT})
    #: Refuses a value that may be unknown; asked only where nothing was found, as then alone it can be.
    recognise: Callable[[Any], None] | None = None


def read(name: str, parameter: Parameter, value: str) -> Any:
    """What the text means. Raises Invalid, which names the parameter."""
    try:
        return parameter.parse(value)
    except WrongValueError as error:
        raise Invalid(errors={name: [str(error)]}) from error


class ParameterBackend(BaseFilterBackend):
    """Narrows by the view's `parameters` (name -> Parameter); one not given, or given empty, does nothing."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        asked = request.query_params
        for name, parameter in view.parameters.items():
            text = asked.get(name)
            if text:
                try:
                    queryset = parameter.narrow(queryset, parameter.parse(text))
                except WrongValueError as error:
                    raise Invalid(errors={name: [str(error)]}) from error
        return queryset

    @staticmethod
    def refuse_unknown(request: Request, view: Any) -> None:
        """Where nothing was found: whether that is because a value names nothing that exists. Raises Invalid."""
        for name, parameter in view.parameters.items():
            text = request.query_params.get(name)
            if text and parameter.recognise:
                try:
                    parameter.recognise(parameter.parse(text))
                except WrongValueError as error:
                    raise Invalid(errors={name: [str(error)]}) from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": parameter.description,
                "schema": dict(parameter.schema),
            }
            for name, parameter in view.parameters.items()
        ]


def text(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise WrongValueError(
            ngettext("At most %(count)d character.", "At most %(count)d characters.", MAX_TEXT) % {"count": MAX_TEXT}
        )
    return value.strip()


def boolean(value: str) -> bool:
    if value not in {"true", "false"}:
        raise WrongValueError(_("Choose one of: %(names)s.") % {"names": "true, false"})
    return value == "true"


def uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise WrongValueError(_("This is not an id.")) from error


def country(value: str) -> str:
    if value not in countries.countries:
        raise WrongValueError(_("This is not a country code, such as IN."))
    return value


def currency(value: str) -> str:
    if value not in money.numbers.list_currencies():
        raise WrongValueError(_("This is not a currency code, such as USD."))
    return value


def spoken_language(value: str) -> str:
    if value not in SPOKEN:
        raise WrongValueError(_("This is not a language code, such as en."))
    return value


def rating(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise WrongValueError(_("Give a number from 0 to 5.")) from error
    if not (number.is_finite() and 0 <= number <= HIGHEST_RATING):
        raise WrongValueError(_("Give a number from 0 to 5."))
    return number.quantize(Decimal("0.01"), rounding=ROUND_CEILING)  # as ratings are; PostgreSQL reads no 1e-99999


def by(lookup: str, rows: QuerySet, value: Any) -> QuerySet:
    return rows.filter(**{lookup: value})


def by_code(lookup: str, model: Any, rows: QuerySet, code: str) -> QuerySet:
    """By the id of the row with this code, looked up in the same query: rows are then found by their own index."""
    return rows.filter(**{lookup: Subquery(model.objects.filter(code=code).order_by().values("pk"))})


COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$", "example": "IN"}
BOOLEAN = {"type": "boolean"}
ID = {"type": "string", "format": "uuid"}
CODE = {"type": "string", "pattern": "^[a-z0-9-]+$", "maxLength": 60, "example": "cardiology"}
