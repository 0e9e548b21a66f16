"""The committed catalogues: every text that people read speaks all five languages. Needs no database."""

import ast
import gettext
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests import architecture as house

TRANSLATED = ["ar", "es", "fr", "hi"]
#: `%(name)s` and `{name}`, and the tags that a template's own text carries.
PLACEHOLDER = re.compile(r"%(?:\(\w*\))?[a-z]|\{\w*\}|</?[a-z][^>]*>")
#: What xgettext reads out of a template once Django has turned it into calls.
CALL_IN_TEMPLATE = re.compile(r"""(?<![\w.])(?:n?gettext|_)\(\s*u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""")
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
ARABIC_LETTER = re.compile(r"[\u0620-\u064a]")
#: Texts that are names or placeholders alone.
WITHOUT_ARABIC_LETTERS = {
    "Medivoy", "HTML", ",", "%(object)s: %(status)s", "Stripe", "Razorpay", "%(rate)s%%", "%(actor)s: %(steps)s",
    "%(what)s: %(number)s", "%(what)s: %(number)s, %(amount)s.",
}  # fmt: skip
#: More numbers than any plural rule of these languages tells apart.
NUMBERS = range(1000)


@cache
def catalogue(language: str) -> Catalog:
    with (house.ROOT / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def as_texts(given: str | list[str] | tuple[str, ...]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def name(message: Message) -> str:
    return as_texts(message.id)[0]


def frame(text: str) -> tuple[str, str]:
    """The space and line breaks around a text, on which layouts of e-mails rest."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def forms_of_one_number(language: str) -> set[int]:
    """The plural forms that stand for exactly one number, such as Arabic's “two”: its word says the number itself."""
    form_of = gettext.c2py(catalogue(language).plural_expr)
    uses = Counter(form_of(number) for number in NUMBERS)
    return {form for form, numbers in uses.items() if numbers == 1}


def misplaced(language: str, message: Message) -> bool:
    """Whether a translation lost, changed or invented a placeholder."""
    wanted = Counter(PLACEHOLDER.findall(as_texts(message.id)[-1]))
    spoken = forms_of_one_number(language) if message.pluralizable else set()
    for form, text in enumerate(as_texts(message.string)):
        found = Counter(PLACEHOLDER.findall(text))
        if found != wanted and not (form in spoken and found < wanted):
            return True
    return False


def texts_in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS and node.args):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def texts_in_template(source: str) -> Iterator[str]:
    return (ast.literal_eval(literal) for literal in CALL_IN_TEMPLATE.findall(templatize(source)))


@cache
def texts_in_sources() -> dict[str, str]:
    """{text: where it stands} of the modules and templates that `make messages` reads."""
    found = {}
    for path in house.modules("apps", "medivoy"):
        for text in texts_in_python((house.ROOT / path).read_text(encoding="utf-8")):
            found.setdefault(text, str(path))
    for path in sorted((house.ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            for text in texts_in_template(path.read_text(encoding="utf-8")):
                found.setdefault(text, str(path.relative_to(house.ROOT)))
    return found


@pytest.mark.parametrize("language", TRANSLATED)
class TestACatalogue:
    def test_is_compiled_because_its_head_is_not_marked_fuzzy(self, language):
        assert not catalogue(language).fuzzy

    def test_translates_every_message_in_all_forms_of_its_plural(self, language):
        forms = catalogue(language).num_plurals
        empty = [
            name(message)
            for message in messages(language)
            if len(as_texts(message.string)) != (forms if message.pluralizable else 1)
            or not all(text.strip() for text in as_texts(message.string))
        ]

        assert empty == []

    def test_holds_no_guess_that_nobody_has_looked_at(self, language):
        assert [name(message) for message in messages(language) if message.fuzzy] == []

    def test_keeps_the_placeholders_and_tags_of_every_text(self, language):
        assert [name(message) for message in messages(language) if misplaced(language, message)] == []

    def test_keeps_the_space_around_every_text(self, language):
        moved = [
            name(message)
            for message in messages(language)
            if any(frame(text) != frame(name(message)) for text in as_texts(message.string))
        ]

        assert moved == []

    def test_misses_no_text_of_the_sources(self, language):
        known = {text for message in messages(language) for text in as_texts(message.id)}

        assert {text: where for text, where in texts_in_sources().items() if text not in known} == {}


def test_every_arabic_text_is_written_in_arabic():
    latin = {
        name(message)
        for message in messages("ar")
        if not all(ARABIC_LETTER.search(PLACEHOLDER.sub("", text)) for text in as_texts(message.string))
    }

    assert latin == WITHOUT_ARABIC_LETTERS


def test_only_a_form_of_a_single_number_may_leave_the_number_out():
    assert forms_of_one_number("ar") == {0, 1, 2}
    assert 0 not in forms_of_one_number("fr"), "French says 0 and 1 alike"


def test_the_sources_are_read_as_xgettext_reads_them():
    module = '_("one " "text"); ngettext("row", "rows", n); print("no"); _(name)'
    template = '{% translate "It\'s on" %}{% blocktranslate %}Hello {{ who }}{% endblocktranslate %}'

    assert list(texts_in_python(module)) == ["one text", "row"]
    assert list(texts_in_template(template)) == ["It's on", "Hello %(who)s"]
