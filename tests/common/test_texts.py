"""Which text a reader gets, and how far each has come: kept by the database, whoever writes the row."""

from datetime import datetime

import pytest
from django.db import Error, connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Cast
from django.test.utils import isolate_apps
from django.utils import timezone

from apps.common import audit, texts
from apps.common.exceptions import Invalid
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
    """Language to status, but for what is missing, which is checked once."""
    row.refresh_from_db()
    entries = row.text_status.get(field, {})
    return {language: entry["status"] for language, entry in entries.items() if entry["status"] != "missing"}


def by_psql(leaflet, assignments, row):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {leaflet._meta.db_table} SET {assignments} WHERE id = %s", [row.pk])  # noqa: S608


# --- how far each text has come --------------------------------------------------------------------------------------


def test_a_field_with_a_text_has_an_entry_for_every_language_and_one_without_has_none(leaflet):
    row = leaflet.objects.create(title_en="Knee")
    row.refresh_from_db()

    assert set(row.text_status) == {"title"}
    assert {language: entry["status"] for language, entry in row.text_status["title"].items()} == {
        "en": "reviewed",
        "ar": "missing",
        "hi": "missing",
        "es": "missing",
        "fr": "missing",
    }
    assert set(row.text_status["title"]["ar"]) == {"status", "by", "at"}


def save(leaflet, row, **texts_by_column):
    for column, text in texts_by_column.items():
        setattr(row, column, text)
    row.save()


def save_fields(leaflet, row, **texts_by_column):
    for column, text in texts_by_column.items():
        setattr(row, column, text)
    row.save(update_fields=list(texts_by_column))


def update(leaflet, row, **texts_by_column):
    leaflet.objects.filter(pk=row.pk).update(**texts_by_column)


def bulk(leaflet, row, **texts_by_column):
    for column, text in texts_by_column.items():
        setattr(row, column, text)
    leaflet.objects.bulk_update([row], list(texts_by_column))


def psql(leaflet, row, **texts_by_column):
    by_psql(leaflet, ", ".join(f"{column} = '{text}'" for column, text in texts_by_column.items()), row)


@pytest.mark.parametrize("write", [save, save_fields, update, bulk, psql])
def test_whoever_writes_the_status_is_kept(leaflet, write):
    row = leaflet.objects.create(title_en="Knee", title_ar="ركبة", title_fr="Genou")

    write(leaflet, row, title_es="Rodilla")
    assert statuses(row) == dict.fromkeys(("en", "ar", "fr", "es"), "reviewed")
    write(leaflet, row, title_en="Hip", title_fr="Hanche")
    assert statuses(row) == {"en": "reviewed", "fr": "reviewed", "ar": "outdated", "es": "outdated"}
    write(leaflet, row, title_ar="")
    assert statuses(row) == {"en": "reviewed", "fr": "reviewed", "es": "outdated"}


W = {"en": "One", "ar": "Two"}


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(W, {"ar": "Three"}, {"en": "reviewed", "ar": "reviewed"}, id="a person's text is reviewed"),
        pytest.param(W, {"en": "Three"}, {"en": "reviewed", "ar": "outdated"}, id="new English makes others outdated"),
        pytest.param(
            W, {"en": "Three", "ar": "Four"}, {"en": "reviewed", "ar": "reviewed"}, id="but for what comes with it"
        ),
        pytest.param(W, {"ar": ""}, {"en": "reviewed"}, id="an empty text is missing"),
        pytest.param(W, {"ar": None}, {"en": "reviewed"}, id="no text is missing"),
        pytest.param(W, {"en": ""}, {"ar": "reviewed"}, id="English that goes makes nothing outdated"),
        pytest.param(W, {"en": "", "ar": ""}, {}, id="nothing left, nothing kept"),
        pytest.param(
            {"ar": "Two"}, {"en": "One"}, {"en": "reviewed", "ar": "reviewed"}, id="the first English neither"
        ),
        pytest.param(W, {"en": "One"}, {"en": "reviewed", "ar": "reviewed"}, id="the same text is no change"),
        pytest.param({}, {"hi": "Two"}, {"hi": "reviewed"}, id="a text without English"),
    ],
)
def test_what_becomes_of_a_text(leaflet, before, change, after):
    row = leaflet.objects.create(**{f"title_{language}": text for language, text in before.items()})
    leaflet.objects.update(**{f"title_{language}": text for language, text in change.items()})
    assert statuses(row) == after


def test_fields_are_kept_apart(leaflet):
    row = leaflet.objects.create(title_en="Knee", title_ar="ركبة", body_en="About it", body_ar="عنها")
    leaflet.objects.update(title_en="Hip")
    assert statuses(row, "title") == {"en": "reviewed", "ar": "outdated"}
    assert statuses(row, "body") == {"en": "reviewed", "ar": "reviewed"}


def test_who_wrote_a_text_and_when_is_kept(leaflet, translator):
    before = timezone.now().replace(microsecond=0)
    row = leaflet.objects.create(title_en="Knee")
    with audit.acting(actor=translator):
        leaflet.objects.update(title_fr="Genou")

    row.refresh_from_db()
    entry = row.text_status["title"]["fr"]
    assert entry["by"] == str(translator.pk)
    assert before <= datetime.fromisoformat(entry["at"]) <= timezone.now()
    assert row.text_status["title"]["en"]["by"] is None


def test_a_statement_that_changes_no_text_changes_no_status(leaflet, translator):
    row = leaflet.objects.create(title_en="Knee", title_ar="ركبة")
    row.refresh_from_db()
    before = row.text_status
    with audit.acting(actor=translator):
        leaflet.objects.update(title_en="Knee", updated_at=timezone.now())
        row.save()
    row.refresh_from_db()
    assert row.text_status == before


# --- machines --------------------------------------------------------------------------------------------------------


def test_what_a_machine_writes_is_marked_and_what_a_person_writes_after_it_is_not(leaflet):
    row = leaflet.objects.create(title_en="Knee")
    with texts.by_machine():
        leaflet.objects.update(title_fr="Genou", title_es="Rodilla")
    assert statuses(row) == {"en": "reviewed", "fr": "machine", "es": "machine"}
    leaflet.objects.update(title_es="La rodilla")
    assert statuses(row) == {"en": "reviewed", "fr": "machine", "es": "reviewed"}


def test_the_block_ends_where_it_ends_within_one_transaction(leaflet):
    with transaction.atomic():
        with texts.by_machine():
            machine = leaflet.objects.create(title_en="One")
            with texts.by_machine():
                pass
            inner = leaflet.objects.create(title_en="Two")
        person = leaflet.objects.create(title_en="Three")
    assert [statuses(row) for row in (machine, inner, person)] == [
        {"en": "machine"},
        {"en": "machine"},
        {"en": "reviewed"},
    ]


def test_after_a_failure_the_next_writer_is_a_person(leaflet):
    leaflet.objects.create(title_en="One")
    with pytest.raises(Error), texts.by_machine():
        leaflet.objects.update(title_en=Cast(Value("x"), models.IntegerField()))
    assert statuses(leaflet.objects.create(title_en="Two")) == {"en": "reviewed"}


def test_a_machine_and_the_person_it_works_for_are_both_known(leaflet, translator):
    with audit.acting(actor=translator), texts.by_machine():
        row = leaflet.objects.create(title_en="Knee")
    row.refresh_from_db()
    assert row.text_status["title"]["en"].items() >= {"status": "machine", "by": str(translator.pk)}.items()


def test_an_outdated_machine_translation_is_remembered_as_one(leaflet):
    row = leaflet.objects.create(title_en="Knee")
    with texts.by_machine():
        leaflet.objects.update(title_fr="Genou")
    leaflet.objects.update(title_en="Hip")
    leaflet.objects.update(title_en="Shoulder")
    row.refresh_from_db()
    assert row.text_status["title"]["fr"].items() >= {"status": "outdated", "was": "machine"}.items()
    assert texts.chosen(row, "title", "fr") == ("Genou", "fr", True)


# --- reviews ---------------------------------------------------------------------------------------------------------


def test_a_status_is_given_by_a_person_and_stands_in_the_trail(leaflet, translator):
    row = leaflet.objects.create(title_en="Knee")
    with texts.by_machine():
        leaflet.objects.update(title_fr="Genou")
    before = AuditEntry.objects.count()

    texts.set_status(row, "title", "fr", TextStatus.APPROVED, by=translator)

    assert row.text_status["title"]["fr"]["status"] == "approved"
    assert statuses(row) == {"en": "reviewed", "fr": "approved"}
    assert row.text_status["title"]["fr"]["by"] == str(translator.pk)
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.actor_id, entry.changes) == (
        "text.status_changed",
        translator.pk,
        {"title_fr": ["machine", "approved"]},
    )
    assert AuditEntry.objects.count() == before + 1


@pytest.mark.parametrize(("field", "language"), [("title", "fr"), ("body", "en"), ("nothing", "en"), ("title", "de")])
def test_a_text_that_is_not_there_has_no_other_status(leaflet, field, language):
    row = leaflet.objects.create(title_en="Knee")
    row.refresh_from_db()
    before = row.text_status
    with pytest.raises(NoText):
        texts.set_status(row, field, language, "approved", by=None)
    row.refresh_from_db()
    assert row.text_status == before
    assert not AuditEntry.objects.filter(action="text.status_changed").exists()


@pytest.mark.parametrize("status", ["missing", "wonderful", ""])
def test_a_status_that_nobody_can_give_is_a_programmers_mistake(leaflet, status):
    row = leaflet.objects.create(title_en="Knee")
    with pytest.raises(ValueError, match=r"missing|not a valid"):
        texts.set_status(row, "title", "en", status, by=None)


def test_an_old_copy_of_a_row_does_not_undo_a_review(leaflet):
    row = leaflet.objects.create(title_en="Knee", title_fr="Genou")
    old = leaflet.objects.get(pk=row.pk)
    texts.set_status(row, "title", "fr", "approved", by=None)
    old.save()
    old.save(update_fields=["text_status"])
    assert statuses(row) == {"en": "reviewed", "fr": "approved"}


def test_a_text_and_its_status_can_be_written_in_one_statement(leaflet):
    row = leaflet.objects.create(title_en="Knee", title_fr="Genou")
    by_psql(leaflet, """title_fr = 'Le genou', text_status = '{"title": {"fr": {"status": "approved"}}}'""", row)
    assert statuses(row) == {"en": "reviewed", "fr": "approved"}
    assert set(row.text_status["title"]["fr"]) == {"status", "by", "at"}


@pytest.mark.parametrize("garbage", ["{}", "[]", "1", "null", '{"title": 1}', '{"title": {"en": {"status": "good"}}}'])
def test_what_is_no_status_is_not_kept(leaflet, garbage):
    row = leaflet.objects.create(title_en="Knee")
    by_psql(leaflet, f"text_status = '{garbage}'", row)
    assert statuses(row) == {"en": "reviewed"}


def test_a_new_row_may_bring_its_statuses(leaflet):
    row = leaflet.objects.create(
        title_en="Knee", title_fr="Genou", text_status={"title": {"en": {"status": "approved"}}}
    )
    assert statuses(row) == {"en": "approved", "fr": "reviewed"}


def test_the_trail_does_not_say_everything_twice(leaflet):
    row = leaflet.objects.create(title_en="Knee")
    leaflet.objects.update(title_fr="Genou")
    entry = AuditEntry.objects.filter(object_id=str(row.pk)).latest("id")
    assert entry.changes == {"title_fr": [None, "Genou"]}


# --- finding ---------------------------------------------------------------------------------------------------------


def test_rows_are_found_by_the_status_of_their_texts(leaflet):
    missing = leaflet.objects.create(title_en="Knee")
    done = leaflet.objects.create(title_en="Hip", title_ar="ورك", body_en="About it", body_ar="عنها")
    nobody = leaflet.objects.create()

    def found(language, status, *fields):
        return set(texts.with_status(leaflet.objects.all(), language, status, fields))

    assert found("ar", TextStatus.MISSING, "title", "body") == {missing}
    assert found("hi", "missing", "body") == {done}
    assert found("ar", "reviewed", "title") == {done}
    assert found("en", "reviewed", "title", "body") == {missing, done}
    assert found("en", "reviewed") == set()
    assert nobody.text_status == {}


def test_they_are_found_by_an_index(leaflet):
    leaflet.objects.bulk_create([leaflet(title_en=f"Leaflet {n}") for n in range(50)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert (
        "leaflet_text_status" in texts.with_status(leaflet.objects.all(), "ar", "missing", ["title", "body"]).explain()
    )


# --- what a reader gets ----------------------------------------------------------------------------------------------

MACHINE = {"name": {"fr": {"status": "machine"}, "en": {"status": "reviewed"}}}


@pytest.mark.parametrize(
    ("row", "language", "chosen"),
    [
        ({"name_en": "Knee", "name_fr": "Genou"}, "fr", ("Genou", "fr", False)),
        ({"name_en": "Knee", "name_fr": "Genou", "text_status": MACHINE}, "fr", ("Genou", "fr", True)),
        ({"name_en": "Knee", "name_fr": "Genou", "text_status": MACHINE}, "en", ("Knee", "en", False)),
        ({"name_en": "Knee", "name_fr": ""}, "fr", ("Knee", "en", False)),
        ({"name_en": "Knee", "name_fr": None}, "fr", ("Knee", "en", False)),
        ({"name_en": "Knee"}, "fr", ("Knee", "en", False)),
        ({"name_en": "", "name_hi": "घुटना", "name_es": "Rodilla"}, "fr", ("घुटना", "hi", False)),
        ({"name_en": "", "name_es": "Rodilla"}, "en", ("Rodilla", "es", False)),
        ({"name_en": "", "name_fr": None}, "fr", ("", "en", False)),
    ],
)
def test_a_reader_gets_the_asked_language_or_english_or_what_there_is(row, language, chosen):
    assert texts.chosen(row, "name", language) == chosen


def test_a_related_rows_text_comes_with_its_own_status():
    row = {"specialty__name_fr": "Genou", "specialty__text_status": MACHINE, "name_fr": "x", "text_status": {}}
    assert texts.chosen(row, "specialty__name", "fr") == ("Genou", "fr", True)


def test_an_instance_is_read_like_a_mapping(leaflet):
    with texts.by_machine():
        row = leaflet.objects.create(title_en="Knee", title_fr="Genou")
    row.refresh_from_db()
    assert texts.chosen(row, "title", "ar") == ("Knee", "en", True)


# --- writing ---------------------------------------------------------------------------------------------------------


def test_texts_are_written_by_language_and_others_stay(leaflet):
    row = leaflet(title_en="Knee", title_fr="Genou")
    texts.write(row, {"title": {"fr": "  Le genou ", "es": None}}, texts={"title"}, plain=())
    assert (row.title_en, row.title_fr, row.title_es) == ("Knee", "Le genou", "")


def test_an_unknown_language_is_refused_by_name(leaflet):
    with pytest.raises(Invalid) as refusal:
        texts.write(leaflet(), {"title": {"de": "Knie"}}, texts={"title"}, plain=())
    assert list(refusal.value.errors) == ["title.de"]


def test_a_field_that_is_neither_text_nor_plain_is_a_programmers_mistake(leaflet):
    with pytest.raises(TypeError, match="secret"):
        texts.write(leaflet(), {"secret": 1}, texts={"title"}, plain=())


def test_english_is_required_where_it_is_required(leaflet):
    texts.require_english(leaflet(title_en="Knee"), ["title"])
    with pytest.raises(Invalid) as refusal:
        texts.require_english(leaflet(title_fr="Genou"), ["title", "body"])
    assert list(refusal.value.errors) == ["title.en", "body.en"]
