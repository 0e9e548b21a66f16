"""The catalogue refuses a kind that could go wrong later."""

import pytest

from apps.notifications import catalogue
from apps.notifications.catalogue import CatalogueError, Kind


def described(**changes):
    return Kind(**({"name": "tests.described", "group": "account", "label": "Label", "subject": "Subject"} | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "described"},
        {"name": "tests.Described"},
        {"name": "tests." + "x" * 60},
        {"group": "gossip"},
        {"channels": ()},
        {"channels": ("pigeon",)},
        {"subject": "Your code is %(code)s", "secrets": ("code",)},
        {"summary": "Your code is %(code)s", "secrets": ("code",)},
        {"subject": "%(doctor)s", "example": {"patient": "Amina"}},
        {"name": "notifications.announcement"},
    ],
    ids=lambda changes: next(iter(changes)) + "=" + str(next(iter(changes.values())))[:20],
)
def test_a_kind_that_is_described_wrongly_is_refused_and_not_kept(changes):
    before = {kind.name for kind in catalogue.kinds()}
    with pytest.raises(CatalogueError):
        catalogue.register(described(**changes))
    assert {kind.name for kind in catalogue.kinds()} == before


def test_an_unknown_kind_is_a_programmers_mistake():
    with pytest.raises(CatalogueError, match=r"tests\.unheard_of"):
        catalogue.get("tests.unheard_of")


def test_registering_the_same_kind_twice_is_harmless():
    kind = catalogue.get("notifications.announcement")
    assert catalogue.register(kind) is kind
