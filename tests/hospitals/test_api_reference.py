"""The lists that a client's choices are made of: everyone's, in the caller's language, filtered by name."""

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


@pytest.fixture
def lists():
    call_command("load_reference_data", verbosity=0)


def read(client, path, **query):
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("path", ["specialties", "procedures", "treatment-categories", "accreditation-bodies"])
def test_a_stranger_reads_each_list(client, lists, path):
    body = read(client, path, limit=100)
    assert len(body["data"]) == min(100, body["meta"]["pagination"]["total_items"]) > 10


def test_names_are_in_the_asked_language_and_say_so(client, lists):
    [category] = read(client, "treatment-categories", limit=1, lang="ar")["data"]
    assert category["languages"] == {"name": "ar", "description": "ar"}
    assert category["machine"] == []


def test_procedures_are_narrowed_by_specialty_and_by_words_in_any_language(client, lists):
    hearts = read(client, "procedures", specialty="cardiology", limit=100)["data"]
    assert {row["specialty"] for row in hearts} == {"cardiology"}
    found = read(client, "procedures", search="angiography", limit=100, lang="es")["data"]
    assert "coronary-angiography" in {row["code"] for row in found}


def test_a_specialty_that_does_not_exist_is_named_as_wrong(client, lists):
    answer = client.get("/api/v1/procedures", {"specialty": "nonsense"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["specialty"]


def test_categories_come_in_the_order_in_which_they_are_shown(client, lists):
    codes = [row["code"] for row in read(client, "treatment-categories", limit=100)["data"]]
    assert codes != sorted(codes)
    assert [row["code"] for row in read(client, "treatment-categories", limit=100, sort_by="code")["data"]] == sorted(
        codes
    )
