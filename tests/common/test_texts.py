"""Which text a reader gets, and how far each has come: kept by the database, whoever writes the row."""

import pytest
from django.db import connection, models, transaction
from django.test.utils import isolate_apps

from apps.common import audit, texts
from apps.common.models import AuditEntry, TranslatedModel
from apps.common.texts import NoText, TextStatus

LANGUAGES = ("en", "ar", "hi", "es", "fr")


@pytest.fixture(scope="module")
def leaflet_model():
    """A model with two translated fields, their columns as modeltranslation makes them."""
    with isolate_apps("apps.common"):
        columns = {
            f"{field}_{language}": models.TextField(null=True, blank=True)
            for field in ("title", "body")
            for language in LANGUAGES
        }
        meta = type(
            "Meta",
            (),
            {
                "app_label": "common",
                "indexes": [texts.status_index("leaflet_text_status")],
                "triggers": [texts.kept("title", "body"), audit.tracked(ignored=["text_status"])],
            },
        )
        return type("Leaflet", (TranslatedModel,), {"__module__": __name__, "Meta": meta, **columns})


@pytest.fixture
def leaflet(db, leaflet_model):
    with connection.schema_editor() as editor:
        editor.create_model(leaflet_model)
    for trigger in leaflet_model._meta.triggers:
        trigger.install(leaflet_model)
    return leaflet_model


def statuses(row, field="title"):
    row.refresh_from_db()
    return {language: entry["status"] for language, entry in row.text_status.get(field, {}).items()}


def test_x(leaflet):
    row = leaflet.objects.create(title_en="Knee", title_ar="ركبة")
    assert statuses(row) == {"en": "reviewed", "ar": "reviewed", "hi": "missing", "es": "missing", "fr": "missing"}
    assert "body" not in row.text_status
    row.title_en = "Hip"
    row.save()
    assert statuses(row)["ar"] == "outdated"
    with texts.by_machine():
        leaflet.objects.update(title_fr="Hanche")
    leaflet.objects.update(title_es="Cadera")
    assert statuses(row) == {"en": "reviewed", "ar": "outdated", "hi": "missing", "es": "reviewed", "fr": "machine"}
    texts.set_status(row, "title", "fr", "approved", by=None)
    assert statuses(row)["fr"] == "approved"
