"""Texts in five languages: writing them, which one a reader gets, and how far each has come.

A translated field has a column a language (`name_en`, `name_ar`, ...), made by modeltranslation. How far each text has
come stands in the row's `text_status`, and the database keeps it, whoever writes the row: see `kept`. English is the
source.
"""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from . import audit, exceptions

SOURCE = settings.MODELTRANSLATION_DEFAULT_LANGUAGE
LANGUAGES = tuple(code for code, _label in settings.LANGUAGES)

Texts = Mapping[str, str | None]


class TextStatus(models.TextChoices):
    """How far one text in one language has come."""

    MISSING = "missing", gettext_lazy("Missing")
    MACHINE = "machine", gettext_lazy("Machine translation")
    REVIEWED = "reviewed", gettext_lazy("Reviewed")
    APPROVED = "approved", gettext_lazy("Approved")
    OUTDATED = "outdated", gettext_lazy("Outdated")


class NoText(exceptions.Conflict):
    """A status was asked for a text that nobody has written."""

    code = "text.missing"
    message = gettext_lazy("There is no text in this language yet.")


# --- reading ---------------------------------------------------------------------------------------------------------


class Chosen(NamedTuple):
    """The text that a reader gets, its language, and whether a machine wrote it and nobody has looked at it."""

    text: str
    language: str
    is_machine: bool


def chosen(row: Any, field: str, language: str) -> Chosen:
    """The text in the asked language, or else in English, or else in the first other language that has one.

    `row` is an instance, or a mapping as `.values()` gives it, where a field of a related row is `specialty__name`, its
    status `specialty__text_status`, and columns that are not there count as empty.
    """
    value: Callable[[str], Any] = row.get if isinstance(row, Mapping) else partial(_attribute, row)
    relation, separator, name = field.rpartition("__")
    for code in dict.fromkeys((language, SOURCE, *LANGUAGES)):
        if text := value(f"{field}_{code}"):
            status = value(f"{relation}{separator}text_status") or {}
            return Chosen(text, code, _is_machine(status.get(name, {}).get(code, {})))
    return Chosen("", SOURCE, False)


def in_language(path: str) -> Any:
    """A translated column in the language that is active now, in English where that is missing: for `.values()`."""
    language = get_language() or SOURCE
    wanted = [NullIf(models.F(f"{path}_{code}"), models.Value("")) for code in dict.fromkeys((language, SOURCE))]
    return Coalesce(*wanted, models.Value(""), output_field=models.TextField())


def _attribute(row: Any, name: str) -> Any:
    return getattr(row, name, None)


def _is_machine(entry: Mapping[str, Any]) -> bool:
    """An outdated machine translation is one still."""
    status = entry.get("status")
    return TextStatus.MACHINE in (status, entry.get("was") if status == TextStatus.OUTDATED else None)


def with_status(
    queryset: models.QuerySet, language: str, status: TextStatus | str, fields: Iterable[str]
) -> models.QuerySet:
    """The rows where at least one of `fields` has this status in this language. Answered by `status_index`."""
    wanted = models.Q()
    for field in fields:
        wanted |= models.Q(text_status__contains={field: {language: {"status": str(status)}}})
    return queryset.filter(wanted) if wanted else queryset.none()


def status_index(name: str) -> GinIndex:
    """The index that `with_status` needs, for the Meta of a TranslatedModel."""
    return GinIndex(fields=["text_status"], opclasses=["jsonb_path_ops"], name=name)


# --- writing ---------------------------------------------------------------------------------------------------------


def write(row: models.Model, changes: Mapping[str, Any], *, texts: Collection[str], plain: Collection[str]) -> None:
    """Put `changes` into the row: `texts` by language (those not named stay, an empty one goes), `plain` ones as they
    are. A name in neither is a programmer's mistake.

    Raises Invalid for an unknown language, or a value that the field itself refuses.
    """
    unknown = set(changes) - set(texts) - set(plain)
    if unknown:
        raise TypeError(f"{type(row).__name__} has no field {sorted(unknown)} to write")
    errors: dict[str, list[str]] = {}
    for name, value in changes.items():
        if name in plain:
            setattr(row, name, value)
            continue
        for language, text in (value or {}).items():
            if language not in LANGUAGES:
                errors[f"{name}.{language}"] = [_("Choose one of: %(names)s.") % {"names": ", ".join(LANGUAGES)}]
            else:
                setattr(row, f"{name}_{language}", (text or "").strip())
    if errors:
        raise exceptions.Invalid(errors=errors)
    # A translated field's base column stands for the active language: cleaning it would copy the fallback there.
    row.clean_fields(exclude=[field.name for field in row._meta.fields if field.name not in _written(changes, plain)])


def _written(changes: Mapping[str, Any], plain: Collection[str]) -> set[str]:
    texts = {f"{name}_{language}" for name in changes if name not in plain for language in LANGUAGES}
    return texts | {name for name in changes if name in plain}


def require_english(row: models.Model, names: Iterable[str]) -> None:
    """Every text has at least its English form: the others fall back to it."""
    missing = {f"{name}.{SOURCE}": [_("This is missing.")] for name in names if not getattr(row, f"{name}_{SOURCE}")}
    if missing:
        raise exceptions.Invalid(errors=missing)


@contextlib.contextmanager
def by_machine() -> Iterator[None]:
    """Texts written inside are a machine's. The block is one transaction."""
    with transaction.atomic():
        before = _set_writer("machine")
        yield
        # After an exception the transaction, or its savepoint, is undone, and the variable with it.
        _set_writer(before)


def _set_writer(writer: str) -> str:
    """Set who writes texts for the rest of the transaction; gives who did before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('medivoy.texts', true), set_config('medivoy.texts', %s, true)", [writer])
        return cursor.fetchone()[0] or ""


@transaction.atomic
def set_status(row: Any, field: str, language: str, status: TextStatus | str, *, by: Any) -> None:
    """The text of `field` in `language` has this status, given by `by` (a user, or None for the system); the act stands
    in the audit trail. `row` is a TranslatedModel. Raises NoText where there is no text.
    """
    status = TextStatus(status)
    if status == TextStatus.MISSING:
        raise ValueError("a text is missing when it is gone, not when somebody says so")
    rows = type(row)._base_manager.filter(pk=row.pk)
    statuses = rows.select_for_update(no_key=True).values_list("text_status", flat=True).get()
    before = statuses.get(field, {}).get(language, {}).get("status", TextStatus.MISSING)
    if before == TextStatus.MISSING:
        raise NoText()
    now = timezone.now()
    entry = {"status": status.value, "by": str(by.pk) if by else None, "at": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    if status == TextStatus.OUTDATED:
        entry["was"] = statuses[field][language].get("was", before)
    row.text_status = statuses | {field: statuses[field] | {language: entry}}
    rows.update(text_status=row.text_status, updated_at=now)
    audit.record("text.status_changed", row, actor=by, **{f"{field}_{language}": [before, status.value]})


# --- keeping the status ----------------------------------------------------------------------------------------------


def kept(*fields: str) -> pgtrigger.Trigger:
    """The trigger that keeps `text_status` for these translated fields, whoever writes the row:

    - no text: missing; a field without text in any language has no entry;
    - a text that changes: reviewed, for a person wrote it, or machine inside `by_machine`;
    - English that changes to another text: the others, where they do not change with it, are outdated;
    - a status that the statement itself sets for a text (a review) stays as it is set.

    A statement that changes no text changes no status.
    """
    columns = [f"{field}_{language}" for field in fields for language in LANGUAGES]

    def read(row: str) -> str:
        """{"name": {"en": "...", "ar": "..."}} of the row."""
        objects = []
        for field in fields:
            pairs = ", ".join(f"'{code}', {row}.{field}_{code}" for code in LANGUAGES)
            objects.append(f"'{field}', jsonb_build_object({pairs})")
        return f"jsonb_build_object({', '.join(objects)})"

    def listed(row: str) -> str:
        return ", ".join(f"{row}.{column}" for column in [*columns, "text_status"])

    return pgtrigger.Trigger(
        name="keep_text_status",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns, "text_status"),
        func=f"""
            IF TG_OP = 'UPDATE' AND ROW({listed("OLD")}) IS NOT DISTINCT FROM ROW({listed("NEW")}) THEN
                RETURN NEW;
            END IF;
            NEW.text_status := medivoy_text_status(
                '{SOURCE}', {read("OLD")}, {read("NEW")}, OLD.text_status, NEW.text_status
            );
            RETURN NEW;
        """,
    )
