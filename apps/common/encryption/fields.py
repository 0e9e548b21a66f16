"""The model fields: a text that lies encrypted, and the blind index by which it is found."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.expressions import Case, Expression, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.db.models.sql import InsertQuery, UpdateQuery
from django.utils.translation import gettext_lazy as _

from . import keys, showing


class Opened(str):
    """A value as it was read, which remembers how it lies: written back unchanged it is no change to the audit."""

    __slots__ = ("context", "sealed")
    context: str
    sealed: str


class ExactEmpty(Exact):
    """`filter(number="")`: the only value that lies as itself."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError("An encrypted field has no lookups but isnull and exact ''; see encryption.lookup().")
        return self.rhs


class EncryptedTextField(models.CharField):
    """A text that the database holds encrypted, bound to its column: a value copied into another one cannot be read.

    NULL and "" stay themselves. With `max_length`, which counts the plain text. Renaming the model or the field changes
    what values are bound to: `bound_to="app.model.field"` keeps the old name.
    """

    description = "Encrypted text"
    db_index: bool

    def __init__(self, *args: Any, bound_to: str = "", **kwargs: Any) -> None:
        self.bound_to = bound_to
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        if self.bound_to:
            kwargs["bound_to"] = self.bound_to
        return name, "apps.common.encryption.EncryptedTextField", args, kwargs

    @property
    def context(self) -> str:
        """What a value is bound to."""
        return self.bound_to or f"{self.model._meta.label_lower}.{self.name}"

    def get_internal_type(self) -> str:
        return "TextField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or self.db_index or self.choices:
            text = "An encrypted field cannot be unique, indexed or have choices: each writing gives another text."
            found.append(checks.Error(text, hint="Put a BlindIndexField beside it.", obj=self, id="common.E001"))
        return found

    def validate(self, value: Any, model_instance: Any) -> None:
        """What people were shown of a value, sent back by an app, is not to replace the value."""
        super().validate(value, model_instance)
        if showing.DOTS in (value or ""):
            raise ValidationError(_("This is only the end of the number: please give all of it."), code="masked")

    # --- reading and writing -----------------------------------------------------------------------------------------

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        if not value:
            return value
        opened = Opened(keys.ring().open(value, self.context))
        opened.context, opened.sealed = self.context, value
        return opened

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if hasattr(value, "as_sql"):
            self._refuse_what_the_database_computes(value)
            return value
        if isinstance(value, Opened) and value.context == self.context and keys.ring().is_newest(value.sealed):
            return value.sealed
        plain = super().get_db_prep_save(value, connection)
        return keys.ring().seal(plain, self.context) if plain else plain

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        _refuse_half(self, compiler.query)
        return "%s"

    def _refuse_what_the_database_computes(self, expression: Any) -> None:
        """An expression would write plain text, or a text of another column; but for bulk_update's list of values."""
        for result in _results(expression):
            if not (isinstance(result, Value) and getattr(result, "_output_field_or_none", None) is self):
                raise FieldError(f"{self.context} is encrypted: it takes values, not what the database computes.")

    def value_to_string(self, obj: models.Model) -> Any:
        value = self.value_from_object(obj)
        if value:
            raise keys.EncryptionError(f"{self.context} is not serialised: it would be written as plain text")
        return value

    # --- looking up --------------------------------------------------------------------------------------------------

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return ExactEmpty
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        return None


class BlindIndex(str):
    """What an instance says of its own value; nothing else is written into an index column."""

    __slots__ = ()


class _Computed:
    """The attribute of a blind index: never what was set, always what its instance's value gives."""

    def __init__(self, field: "BlindIndexField") -> None:
        self.field = field

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else self.field.of_value(getattr(instance, self.field.of))

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value  # Django tells deferred fields by what stands here


class BlindIndexField(models.CharField):
    """A keyed fingerprint of the encrypted field `of`, for finding a row by the whole value; see `lookup()`.

    Kept by `save()`, `bulk_create()` and `bulk_update()`; whatever would write one column without the other raises
    FieldError. NULL where there is nothing to find. Values are compared by capital letters and digits only.
    """

    description = "Blind index"
    db_index: bool

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **({"db_index": True} | kwargs | _INDEX_COLUMN))

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs = {word: value for word, value in kwargs.items() if word not in _INDEX_COLUMN}
        if not self.db_index:
            kwargs["db_index"] = False
        else:
            kwargs.pop("db_index", None)
        return name, "apps.common.encryption.BlindIndexField", args, kwargs | {"of": self.of}

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Computed(self))

    def db_type(self, connection: Any) -> str:
        return "character varying(64)"  # to Django, "varchar" would ask for a second index, for LIKE

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        names = {field.name for field in self.model._meta.fields if isinstance(field, EncryptedTextField)}
        problem = [] if self.of in names else ["`of` is not an encrypted field of this model."]
        return [*super().check(**kwargs), *(checks.Error(text, obj=self, id="common.E002") for text in problem)]

    def of_value(self, value: str | None) -> BlindIndex | None:
        """The fingerprint of a value; None where nothing remains to compare by."""
        normalised = normalise(value or "")
        if not normalised:
            return None
        source: Any = self.model._meta.get_field(self.of)
        return BlindIndex(keys.blind_index(normalised, source.context))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        for result in _results(value) if hasattr(value, "as_sql") else [value]:
            own = result.value if isinstance(result, Value) else result
            if own is not None and not isinstance(own, BlindIndex):
                raise FieldError(f"{self.model._meta.label_lower}.{self.name} is computed, never set.")
        return super().get_db_prep_save(value, connection)

    def get_prep_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, BlindIndex) else super().get_prep_value(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        _refuse_half(self, compiler.query)
        return "%s"


_INDEX_COLUMN = {"max_length": 64, "null": True, "blank": True, "editable": False}


def lookup(model: type[models.Model], name: str, text: str) -> models.Q:
    """The rows whose encrypted field `name` holds `text`, however it is spaced and spelt: `filter(lookup(...))`."""
    field = next(index for index in _indexes(model) if index.of == name)
    index = field.of_value(text)
    return models.Q(**{field.name: index}) if index else models.Q(pk__in=[])


def normalise(text: str) -> str:
    """Capital letters and digits only; `AB-12 34`, `ab1234` and `AB١٢٣٤` are one number."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in folded
        if character.isalnum()
    )


def encrypted_fields(model: type[models.Model]) -> list[EncryptedTextField]:
    """The encrypted fields of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]


def index_of(field: EncryptedTextField) -> BlindIndexField | None:
    """The blind index of an encrypted field, if it has one."""
    return next((index for index in _indexes(field.model) if index.of == field.name), None)


def _indexes(model: type[models.Model]) -> Iterator[BlindIndexField]:
    return (field for field in model._meta.concrete_fields if isinstance(field, BlindIndexField))


def _results(expression: Any) -> Iterator[Any]:
    """The values that an expression chooses from, if it only chooses."""
    if isinstance(expression, Cast):
        yield from _results(expression.get_source_expressions()[0])
    elif isinstance(expression, Case):
        for case in expression.cases:
            yield from _results(case.result)
        if not (isinstance(expression.default, Value) and expression.default.value is None):
            yield from _results(expression.default)
    else:
        yield expression


def _written(query: Any) -> Mapping[Any, Any]:
    """The columns that a statement writes over those of rows that are there, with what it writes."""
    if _is_update(query):
        return {field: value for field, _model, value in query.values}
    updated = query.update_fields if _is_insert(query) else None  # of what is there already, in an "upsert"
    return dict.fromkeys(updated or ())


def _is_insert(query: Any) -> bool:
    return isinstance(query, InsertQuery)


def _is_update(query: Any) -> bool:
    return isinstance(query, UpdateQuery)


def _refuse_half(field: EncryptedTextField | BlindIndexField, query: Any) -> None:
    """A value and its index are written together, and belong together. Raises FieldError."""
    written = _written(query)
    source: Any = field if isinstance(field, EncryptedTextField) else field.model._meta.get_field(field.of)
    index = index_of(source)
    if index is None or not {source, index} & set(written):
        return
    names = f"{source.name} and {index.name}"
    if not {source, index} <= set(written):
        raise FieldError(f"{names} are written together: name both, or save() the instance.")
    value, fingerprint = written[source], written[index]
    if not isinstance(value, Expression) and _is_update(query) and fingerprint != index.of_value(value):
        raise FieldError(f"{names} do not belong together.")
