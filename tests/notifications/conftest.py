"""Kinds of message that only tests use, with texts of their own."""

from pathlib import Path

import pytest

from apps.notifications import catalogue
from apps.notifications.catalogue import Kind


@pytest.fixture
def make_kind(monkeypatch, settings):
    """Puts a kind into the catalogue for one test; its texts stand in `templates/` beside this file."""
    monkeypatch.setattr(catalogue, "_kinds", dict(catalogue._kinds))
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], Path(__file__).with_name("templates")]}]

    def make(**details):
        described = {"name": "tests.made", "group": "account", "label": "Made for a test", "subject": "A subject"}
        return catalogue.register(Kind(**(described | details)))

    return make
