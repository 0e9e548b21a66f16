"""How a page of rows is read with what hangs on each row, in one query."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject


def columns(*names: str, language: str) -> list[str]:
    """The columns of translated fields that an answer in `language` may need."""
    suffixes = ["en"] if language == "en" else [language, "en"]
    return [f"{name}_{suffix}" for name in names for suffix in suffixes]


def as_json(*names: str) -> JSONObject:
    return JSONObject(**{name.split("__")[-1]: name for name in names})


def written_once(model: type[Model], subquery: ArraySubquery) -> RawSQL:
    """The subquery of `model`'s rows as the SQL that Django makes of it: the same for every request, and dear to make.

    It refers to the outer table by its own name, so only for querysets that are not nested in others of that table.
    """
    query = model._default_manager.annotate(written=subquery).query
    expression = query.annotations["written"]
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).compile(expression)
    return RawSQL(sql, params, output_field=expression.output_field)  # noqa: S611  (Django's own SQL)
