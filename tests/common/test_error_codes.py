"""docs/api.md lists every code that an answer can carry, with its status; a code is never two refusals' own."""

import importlib
import re

import pytest

from apps.common import exceptions
from apps.common.api import errors
from tests import architecture as house

DOCUMENT = house.ROOT / "docs" / "api.md"
ROW = re.compile(r"^\| `([a-z0-9_.]+)` \| (\d{3}) \| (.+) \|$", flags=re.MULTILINE)


def refusals():
    """Every kind of DomainError that the apps declare."""
    for path in house.modules("apps"):
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    found, waiting = set(), [exceptions.DomainError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("apps."):
            found.add(kind)
    return found


def codes():
    """{code: (status, what it says)} of refusals, of the framework's own failures, and of Django's pages."""
    found = {kind.code: (int(kind.status), str(kind.message)) for kind in refusals()}
    for kind, code in errors.FRAMEWORK_CODES.items():
        found.setdefault(code, (kind.status_code, str(kind.default_detail)))
    for status, (code, message) in errors.STATUSES.items():
        found.setdefault(code, (status, str(message)))
    return found


def row(code, status, message):
    return f"| `{code}` | {status} | {message} |"


def test_the_document_lists_every_code_with_its_status():
    listed = {code: int(status) for code, status, _meaning in ROW.findall(DOCUMENT.read_text())}
    wanted = codes()
    missing = [row(code, *wanted[code]) for code in sorted(wanted) if listed.get(code) != wanted[code][0]]
    assert not missing, "add to docs/api.md:\n" + "\n".join(missing)
    assert sorted(set(listed) - set(wanted)) == [], "listed, but nothing answers so"


def test_the_list_is_in_order_so_that_one_finds_a_code():
    listed = [code for code, _status, _meaning in ROW.findall(DOCUMENT.read_text())]
    assert listed == sorted(set(listed))


def test_a_code_has_one_status():
    kinds = {}
    for kind in refusals():
        kinds.setdefault(kind.code, set()).add(int(kind.status))
    assert {code: statuses for code, statuses in kinds.items() if len(statuses) > 1} == {}


@pytest.mark.parametrize("code", sorted(codes()))
def test_a_code_is_words_with_dots(code):
    assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", code)
