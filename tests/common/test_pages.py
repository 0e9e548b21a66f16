"""Pages for people: the start, the API's documentation, and what is shown when something is not there or fails."""

import json

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from medivoy import pages

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.views")]

LANGUAGES = [code for code, _name in settings.LANGUAGES]
PEOPLE = [{"role": "coordinator", "email": "c@example.com", "password": "Shown-on-purpose-1", "name": "<b>Ana</b>"}]


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def demo_file(settings, tmp_path):
    settings.DEMO_FILE = tmp_path / "demo.json"
    settings.DEMO_FILE.write_text(json.dumps(PEOPLE))
    return settings.DEMO_FILE


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_leads_on_in_every_language(client, language):
    response = client.get("/", HTTP_ACCEPT_LANGUAGE=language)
    assert response.status_code == 200
    text = text_of(response)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in text
    for address in ("/admin/", "/api-docs", "/api/redoc", "/api/schema", "/api/v1/health/ready"):
        assert f'href="{address}"' in text
        assert client.get(address).status_code in {200, 302}
    for _code, name in settings.LANGUAGES:
        assert name in text, "each language by its own name"


def test_the_language_chosen_on_the_page_is_kept(client):
    client.post("/i18n/setlang/", {"language": "ar", "next": "/"})
    assert 'lang="ar"' in text_of(client.get("/"))


def test_the_demos_people_are_on_the_front_page(client, demo_file):
    text = text_of(client.get("/"))
    assert "c@example.com" in text
    assert "Shown-on-purpose-1" in text
    assert "Coordinator" in text
    assert "&lt;b&gt;Ana" in text, "escaped"


def test_in_production_nobody_is(client, demo_file, settings):
    settings.PRODUCTION = True
    assert "c@example.com" not in text_of(client.get("/"))


def test_without_a_demo_there_is_no_list(client, settings, tmp_path):
    settings.DEMO_FILE = tmp_path / "none.json"
    assert "<table>" not in text_of(client.get("/"))


def test_the_front_page_needs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/")


# --- documentation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api-docs", "/api/redoc"])
def test_documentation_needs_nothing_from_elsewhere(client, path):
    text = text_of(client.get(path))
    assert 'data-schema="/api/schema"' in text
    addresses = [part.split('"')[0] for part in text.split('src="')[1:] + text.split('rel="stylesheet" href="')[1:]]
    assert len(addresses) >= 3
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        response.close()


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/vnd.oai.openapi", "application/vnd.oai.openapi"),
    ],
)
def test_the_document_comes_as_json_or_yaml(client, accept, kind):
    response = client.get("/api/schema", HTTP_ACCEPT=accept)
    assert response.status_code == 200
    assert response["Content-Type"].startswith(kind)
    assert b"openapi" in response.content[:40]


def test_the_document_is_made_once_and_kept(client, monkeypatch):
    first = client.get("/api/schema").content
    monkeypatch.setattr(pages.SchemaView, "generator_class", None)
    assert client.get("/api/schema").content == first


def test_every_operation_stands_under_the_first_word_of_its_path_and_says_how_it_fails(client):
    document = client.get("/api/schema").json()
    ours = {path: found for path, found in document["paths"].items() if not path.startswith("/api/v1/test/")}
    assert len(ours) > 20
    for path, operations in ours.items():
        for operation in operations.values():
            assert operation["tags"] == [path.removeprefix("/api/v1/").split("/")[0]]
            assert operation["summary"], path
            assert {"400", "405", "406", "429", "503"} <= set(operation["responses"])
            names = [(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])]
            assert len(names) == len(set(names)), path


def test_a_post_that_honours_idempotency_keys_says_so(client):
    operation = client.get("/api/schema").json()["paths"]["/api/v1/test/effect"]["post"]
    assert "Idempotency-Key" in [parameter["name"] for parameter in operation["parameters"]]
    assert "422" in operation["responses"]


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_page_that_is_not_there_is_a_page_for_people(client):
    response = client.get("/nothing", HTTP_ACCEPT_LANGUAGE="ar")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    assert 'dir="rtl"' in text_of(response)
    assert 'href="/"' in text_of(response)


def test_a_defect_shows_a_number_to_report_and_nothing_of_the_inside(client):
    response = client.get("/test/breaks", HTTP_X_REQUEST_ID="request-99")
    assert response.status_code == 500
    assert "request-99" in text_of(response)
    assert "secret" not in text_of(response)
    assert "ZeroDivisionError" not in text_of(response)


def test_a_refused_host_is_a_plain_400(client):
    assert client.get("/", HTTP_HOST="evil.example.com").status_code == 400


@pytest.mark.parametrize(("path", "kind"), [("/admin/", "text/html"), ("/api/v1/test/private", "application/json")])
def test_a_database_that_is_gone_is_503_wherever_it_is_noticed(client, api, platform_admin, monkeypatch, path, kind):
    """In the admin the session notices first, before any view; on the API the token's check does."""
    client.force_login(platform_admin)
    token = api(platform_admin)._credentials["HTTP_AUTHORIZATION"]

    def gone(*args, **kwargs):
        raise OperationalError("server closed the connection: a secret of the inside")

    monkeypatch.setattr(connection, "cursor", gone)
    response = client.get(path, HTTP_AUTHORIZATION=token)
    assert response.status_code == 503
    assert response["Content-Type"].startswith(kind)
    assert response["Retry-After"] == "5"
    assert "secret" not in text_of(response)
