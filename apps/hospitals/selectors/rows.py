"""How a page of rows is read with what hangs on each row, in one query."""

from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, Case, F, Func, Model, Subquery, When
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import JSONObject

from apps.common.texts import LANGUAGES, SOURCE


def columns(*names: str, language: str) -> list[str]:
    """The columns of translated fields that an answer in `language` may need."""
    suffixes = ["en"] if language == "en" else [language, "en"]
    return [f"{name}_{suffix}" for name in names for suffix in suffixes]


def all_columns(*names: str) -> list[str]:
    """The columns of translated fields in every language, for a page of one row: some text is better than none."""
    return [f"{name}_{language}" for name in names for language in LANGUAGES]


def text_statuses(*relations: str, language: str | None) -> dict[str, Combinable]:
    """How far the texts have come, of the row itself (`""`) or of related ones (`"hospital__"`): only where a machine's
    text may be shown in `language`, for nothing else is said of it, and the column is larger than the texts it is of.
    None for a language where a text may be shown in any (`all_columns`).

    To be annotated after `.values()`, for the row's own column has the same name; or as members of `as_json`.
    """
    shown = dict.fromkeys((language, SOURCE)) if language else LANGUAGES
    mark = " || ".join(f'@."{code}".status == "machine" || @."{code}".was == "machine"' for code in shown)
    template = f"jsonb_path_exists(%(expressions)s, '$.* ? ({mark})')"
    statuses = [f"{relation}text_status" for relation in relations]
    return {
        status: Case(When(Func(F(status), template=template, output_field=BooleanField()), then=F(status)))
        for status in statuses
    }


def as_json(*names: str, **more: Combinable) -> JSONObject:
    """An object of these columns, each under its own name."""
    return JSONObject(**{name: name for name in names}, **more)


def written_once(model: type[Model], subquery: Subquery) -> RawSQL:
    """The subquery of `model`'s rows as the SQL that Django makes of it: the same for every request, and dear to make.

    It refers to the outer table by its own name, so only for querysets that are not nested in others of that table.
    """
    query = model._default_manager.annotate(written=subquery).query
    expression = query.annotations["written"]
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).compile(expression)
    return RawSQL(sql, params, output_field=expression.output_field)  # noqa: S611  (Django's own SQL)


def lines_of(text: str | None) -> list[str]:
    """The items of a text: a line each, without blank ones and the space around them."""
    return [line for line in map(str.strip, (text or "").splitlines()) if line]
