"""Full text in five languages, without regard to accents and spellings, by functions in the database.

A model keeps a document in a `SearchVectorField` with a GIN index: as a `GeneratedField` of `document(...)`, or, where
texts of other tables are in it, by a trigger with `document_sql(...)`. `filter(document=query(...))` finds it.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import F, Func, TextField, Value

from . import texts

#: PostgreSQL's configuration for each language.
CONFIGURATIONS = {"en": "english", "ar": "arabic", "hi": "hindi", "es": "spanish", "fr": "french"}
MAX_WORDS = 8
#: What is read of an input; eight words are found well before.
MAX_INPUT = 1_000


class Fold(Func):
    """A text in lower case without accents, vowel signs and spelling variants: “Épaule” is “epaule”, “أشعة” is “اشعه”.

    For comparing and sorting: `annotate(folded=Fold("name_fr"))`, `Fold(Value("..."))`.
    """

    function = "medivoy_fold"
    arity = 1
    output_field = TextField()


def document(fields: Mapping[str, Sequence[str]]) -> Func:
    """What a row is found by, its translated fields by weight: `document({"A": ["name"], "C": ["description"]})`."""
    parts = [
        Func(Value(weight), *(F(f"{field}_{language}") for language in texts.LANGUAGES), function="medivoy_document")
        for weight, names in fields.items()
        for field in names
    ]
    return Func(*parts, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchVectorField())


def document_sql(contents: Mapping[str, Iterable[Mapping[str, str]]]) -> str:
    """The same as SQL for a trigger, of texts by language that are SQL themselves:

    `document_sql({"A": [columns("NEW", "name")], "B": [{"en": "NEW.first_name"}, columns("specialty", "name")]})`.
    What has no language, such as a person's name, is given as English.
    """
    return " || ".join(
        f"medivoy_document('{weight}', {', '.join(content.get(language, 'NULL') for language in texts.LANGUAGES)})"
        for weight, group in contents.items()
        for content in group
    )


def columns(row: str, field: str) -> dict[str, str]:
    """A translated field's columns by language: `columns("NEW", "name")["ar"]` is `NEW.name_ar`."""
    return {language: f"{row}.{field}_{language}" for language in texts.LANGUAGES}


def query(text: str, language: str) -> "Query":
    """What a person typed, to be looked for in the asked language and in English; every word must be there."""
    return Query(words_of(text), language)


def words_of(text: str) -> list[str]:
    """The first words of an input, without anything that is not a letter, a digit or their mark."""
    return "".join(_part(character) for character in text[:MAX_INPUT]).split()[:MAX_WORDS]


def _part(character: str) -> str:
    """Invisible signs go, as they do in the document; what else is no part of a word parts words."""
    category = unicodedata.category(character)
    return character if category[0] in "LMN" else "" if category == "Cf" else " "


class Query(SearchQuery):
    """`medivoy_query(...)` in the place of Django's own `to_tsquery(...)`."""

    def __init__(self, words: Sequence[str], language: str) -> None:
        super().__init__(_typed(CONFIGURATIONS[language], "regconfig"))
        self.set_source_expressions([*self.get_source_expressions(), _typed(list(words), "text[]")])
        self.function = "medivoy_query"


def _typed(value: Any, sql_type: str) -> Func:
    return Func(Value(value), template=f"%(expressions)s::{sql_type}")
