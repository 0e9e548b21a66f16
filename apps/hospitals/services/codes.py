"""Codes of the catalogue: given once, stable, and how other rows are named."""

from collections.abc import Collection
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.common.exceptions import Invalid
from apps.hospitals import exceptions

LONGEST = 60


def all_of(model: Any, codes: Collection[str], field: str) -> list[Any]:
    """The rows of these codes, in their order. Raises Invalid that names an unknown one."""
    found = {row.code: row for row in model._default_manager.filter(code__in=codes)}
    for code in codes:
        if code not in found:
            raise Invalid(errors={field: [_("There is no entry “%(code)s”.") % {"code": code}]})
    return [found[code] for code in dict.fromkeys(codes)]


def one(model: Any, code: str, field: str) -> Any:
    return all_of(model, [code], field)[0]


def give(row: Any, code: str | None) -> None:
    """A new row has this code, or one made of its English name. Raises CodeTaken, Invalid."""
    row.code = slugify(row.name_en)[:LONGEST].strip("-") if code is None else code
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name != "code"])
    if type(row)._default_manager.filter(code=row.code).exists():
        raise exceptions.CodeTaken(errors={"code": [exceptions.CodeTaken.message]})
