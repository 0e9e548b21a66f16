"""Every way to succeed and to fail, in one envelope with a stable code."""

import json
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client

from apps.common.api import pagination
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.views")]

PEOPLE = "/api/v1/test/people"
ECHO = "/api/v1/test/echo"
JSON = "application/json"


@pytest.fixture
def client():
    """Answers 500 instead of raising, as the web does."""
    return Client(raise_request_exception=False)


def assert_failure(response, status, code):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == JSON
    body = response.json()
    assert set(body) <= {"success", "message", "code", "errors", "timestamp", "data"}
    assert body["success"] is False
    assert body["code"] == code
    assert body["message"]
    assert isinstance(body["errors"], dict)
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None
    assert response["X-Request-ID"]
    assert "a secret of the inside" not in response.content.decode()
    return body


# --- success ---------------------------------------------------------------------------------------------------------


def test_success_is_in_the_envelope(client):
    response = client.post(ECHO, {"note": "é"}, content_type=JSON)
    body = response.json()

    assert response.status_code == 201
    assert set(body) == {"success", "message", "data", "timestamp"}
    assert body["success"] is True
    assert body["data"] == {"note": "é"}
    assert body["timestamp"].endswith("Z")


def test_204_has_no_body(client):
    response = client.get("/api/v1/test/fine/204")
    assert (response.status_code, response.content) == (204, b"")


def test_head_answers_as_get_does_without_a_body(client):
    UserFactory()
    response = client.head(PEOPLE)
    assert (response.status_code, response.content) == (200, b"")


def test_options_says_the_methods_and_nothing_of_the_inside(client):
    response = client.options(ECHO)
    assert response.status_code == 200
    assert response.json()["data"] == {"methods": ["POST", "OPTIONS"]}
    assert response["Allow"] == "POST, OPTIONS"


def test_a_list_says_where_in_it_we_are(client):
    UserFactory.create_batch(5)
    body = client.get(PEOPLE, {"limit": 2, "page": 2}).json()

    assert len(body["data"]) == 2
    assert body["meta"]["pagination"] == {
        "current_page": 2,
        "total_pages": 3,
        "total_items": 5,
        "total_is_exact": True,
        "items_per_page": 2,
        "has_next_page": True,
        "has_prev_page": True,
        "next_page": 3,
        "prev_page": 1,
    }


def test_pages_do_not_overlap_and_leave_nothing_out(client):
    ids = {str(user.pk) for user in UserFactory.create_batch(7, first_name="Same")}
    seen = []
    for page in (1, 2, 3):
        rows = client.get(PEOPLE, {"limit": 3, "page": page, "sort_by": "first_name"}).json()["data"]
        seen += [row["id"] for row in rows]
    assert len(seen) == 7
    assert set(seen) == ids


def test_an_empty_list_is_one_empty_page(client):
    body = client.get(PEOPLE).json()
    assert body["data"] == []
    assert body["meta"]["pagination"]["total_items"] == 0
    assert body["meta"]["pagination"]["has_next_page"] is False


def test_a_page_and_its_total_cost_one_query(client, django_assert_num_queries):
    UserFactory.create_batch(3)
    with django_assert_num_queries(1):
        client.get(PEOPLE, {"limit": 2, "search": "First"})


def test_the_total_is_counted_only_as_far_as_anyone_pages(client, monkeypatch):
    monkeypatch.setattr(pagination, "MAX_REACHABLE", 4)
    monkeypatch.setattr(pagination.EnvelopePagination, "reachable", 4)
    UserFactory.create_batch(6)

    body = client.get(PEOPLE, {"limit": 2, "page": 2}).json()
    assert body["meta"]["pagination"]["total_items"] == 4
    assert body["meta"]["pagination"]["total_is_exact"] is False
    assert body["meta"]["pagination"]["has_next_page"] is False
    assert_failure(client.get(PEOPLE, {"limit": 2, "page": 3}), 404, "pagination.out_of_range")


def test_sorting_goes_both_ways(client):
    for name in ("Bea", "Ana", "Cleo"):
        UserFactory(first_name=name)

    def names(**query):
        return [row["first_name"] for row in client.get(PEOPLE, {"sort_by": "first_name"} | query).json()["data"]]

    assert names() == ["Ana", "Bea", "Cleo"]
    assert names(sort_order="desc") == ["Cleo", "Bea", "Ana"]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_rows_without_a_value_come_last_whichever_way_they_are_sorted(client, order):
    UserFactory(first_name="Unknown", email_verified_at=None)
    UserFactory(first_name="Known")
    rows = client.get(PEOPLE, {"sort_by": "verified", "sort_order": order}).json()["data"]
    assert [row["first_name"] for row in rows] == ["Known", "Unknown"]


# --- refusals of what was asked --------------------------------------------------------------------------------------

WRONG_QUERIES = [
    ({"page": "0"}, "page"),
    ({"page": "-1"}, "page"),
    ({"page": "abc"}, "page"),
    ({"page": ""}, "page"),
    ({"page": "1e9"}, "page"),
    ({"page": "1000000000"}, "page"),
    ({"page": "١"}, "page"),
    ({"page": "1.0"}, "page"),
    ({"limit": "0"}, "limit"),
    ({"limit": "101"}, "limit"),
    ({"limit": "-5"}, "limit"),
    ({"sort_by": "password"}, "sort_by"),
    ({"sort_by": ""}, "sort_by"),
    ({"sort_by": "first_name", "sort_order": "up"}, "sort_order"),
    ({"role": "king"}, "role"),
    ({"id": "not-a-uuid"}, "id"),
    ({"joined_on": "2026-02-30"}, "joined_on"),
    ({"lang": "xx"}, "lang"),
    ({"lang": ""}, "lang"),
    ({"lang": "../../etc/passwd"}, "lang"),
]


@pytest.mark.parametrize(("query", "field"), WRONG_QUERIES, ids=json.dumps)
def test_a_query_that_makes_no_sense_is_refused_by_its_name(client, query, field):
    body = assert_failure(client.get(PEOPLE, query), 400, "request.invalid")
    assert list(body["errors"]) == [field]
    assert body["errors"][field]


@pytest.mark.parametrize("page", [2, 101, 999_999_999])
def test_a_page_beyond_the_end_is_not_there(client, page):
    UserFactory()
    assert_failure(client.get(PEOPLE, {"page": page, "limit": 100}), 404, "pagination.out_of_range")


def test_the_last_row_that_can_be_paged_to_is_reachable(client):
    reachable = pagination.MAX_REACHABLE // 100
    assert client.get(PEOPLE, {"page": 1, "limit": 100}).status_code == 200
    body = assert_failure(client.get(PEOPLE, {"page": reachable + 1, "limit": 100}), 404, "pagination.out_of_range")
    assert "10000" in body["message"]


BODIES = [
    ("nothing but a brace", b"{"),
    ("NaN", b'{"note": NaN}'),
    ("Infinity", b'{"note": Infinity}'),
    ("a trailing comma", b'{"note": 1,}'),
    ("single quotes", b"{'note': 1}"),
    ("NUL in a value", b'{"note": "a\\u0000b"}'),
    ("NUL in a key", b'{"a\\u0000b": 1}'),
    ("NUL deep inside", b'{"a": [{"b": ["x", "\\u0000"]}]}'),
    ("NUL deeper than Python goes", b"[" * 1000 + b'"\\u0000"' + b"]" * 1000),
    ("a raw NUL", b'{"note": "a\x00b"}'),
    ("a lone surrogate", b'{"note": "\\ud800"}'),
    ("bytes that are not UTF-8", b'{"note": "\xff\xfe"}'),
    ("Latin-1", '{"note": "é"}'.encode("latin-1")),
    ("nested without end", b"[" * 100_000),
    ("nested and closed, deeper than Python goes", b'{"note": ' + b"[" * 900 + b"]" * 900 + b"}"),
    ("objects one deeper than is read", b'{"a":' * 33 + b"1" + b"}" * 33),
]


@pytest.mark.parametrize("body", [body for _name, body in BODIES], ids=[name for name, _body in BODIES])
def test_a_body_that_is_not_sound_json_is_malformed(client, body):
    assert_failure(client.post(ECHO, body, content_type=JSON), 400, "request.malformed")


def test_a_body_as_deep_as_is_read_and_one_full_of_brackets_are_sound(client):
    for body in [b'{"note":' * 32 + b"1" + b"}" * 32, b'{"note": "' + b"[{" * 500 + b'"}', b"[" + b"[]," * 99 + b"{}]"]:
        assert "malformed" not in client.post(ECHO, body, content_type=JSON).content.decode()


def test_a_body_of_three_megabytes_is_too_large(client):
    body = b'{"note": "' + b"x" * 3 * 1024 * 1024 + b'"}'
    assert_failure(client.post(ECHO, body, content_type=JSON), 413, "request.too_large")


def test_a_body_just_within_the_limit_is_read(client):
    note = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len('{"note":""}'))
    body = json.dumps({"note": note}, separators=(",", ":"))
    assert len(body) == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert client.post(ECHO, body, content_type=JSON).status_code == 201
    assert_failure(client.post(ECHO, body + " ", content_type=JSON), 413, "request.too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"])
def test_a_body_of_another_type_is_refused(client, kind):
    assert_failure(client.post(ECHO, b"note=1", content_type=kind), 415, "request.unsupported_media_type")


def test_only_json_is_answered(client):
    assert_failure(client.get(PEOPLE, HTTP_ACCEPT="text/html"), 406, "request.not_acceptable")
    assert client.get(PEOPLE, HTTP_ACCEPT="text/html, */*;q=0.1").status_code == 200, "a browser's own header"


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_method_that_is_not_offered_is_named_with_those_that_are(client, method):
    response = getattr(client, method)(ECHO)
    assert_failure(response, 405, "request.method_not_allowed")
    assert response["Allow"] == "POST, OPTIONS"


NOT_THERE = [
    "/api/v1/nothing/here",
    "/api/",
    "/api/v1/",
    f"{PEOPLE}/",
    f"{PEOPLE}/00000000-0000-4000-8000-000000000000",
    f"{PEOPLE}/not-a-uuid",
    f"{PEOPLE}/1",
    f"{PEOPLE}/%F0%28%8C%28",
    f"{PEOPLE}/" + "a" * 5000,
]


@pytest.mark.parametrize("path", NOT_THERE, ids=lambda path: path[:60])
def test_what_is_not_there_is_not_found(client, path):
    assert_failure(client.get(path), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/v1/test/%00", f"{PEOPLE}?search=a%00b", f"{PEOPLE}?%00=1", "/api/%00"])
def test_a_nul_in_the_url_is_malformed(client, path):
    assert_failure(client.get(path), 400, "request.malformed")


@pytest.mark.parametrize("query", ["search=%ED%A0%80", "search=%FF%FE", "search=" + "x" * 4000, "%FF=1", "&&&=&;"])
def test_a_query_of_strange_bytes_does_no_harm(client, query):
    assert client.get(f"{PEOPLE}?{query}").status_code == 200


def test_more_parameters_than_anyone_needs_are_malformed(client):
    assert_failure(client.get(PEOPLE + "?" + "a=1&" * 1001), 400, "request.malformed")


def test_a_host_that_is_not_ours_is_malformed(client):
    assert_failure(client.get(PEOPLE, HTTP_HOST="evil.example.com"), 400, "request.malformed")


# --- refusals and failures of what is behind -------------------------------------------------------------------------

FAILURES = {
    "integrity": (409, "conflict"),
    "database": (503, "service.unavailable"),
    "model": (400, "request.invalid"),
    "serializer": (400, "request.invalid"),
    "suspicious": (400, "request.malformed"),
    "unreadable": (400, "request.malformed"),
    "refusal": (409, "conflict"),
    "out_of_range": (400, "request.invalid"),
    "missing_profile": (500, "server.error"),
    "defect": (500, "server.error"),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_each_failure_behind_a_view_has_its_status_and_code(client, kind):
    status, code = FAILURES[kind]
    assert_failure(client.get(f"/api/v1/test/fails/{kind}"), status, code)


def test_an_outage_says_when_to_come_back(client):
    assert client.get("/api/v1/test/fails/database")["Retry-After"] == "5"


def test_a_defect_gives_the_request_id_to_report_and_nothing_of_the_inside(client):
    response = client.get("/api/v1/test/fails/defect", HTTP_X_REQUEST_ID="from-the-app-1")
    body = assert_failure(response, 500, "server.error")
    assert body["data"] == {"request_id": "from-the-app-1"}
    assert "ZeroDivisionError" not in response.content.decode()


def test_errors_name_nested_fields_by_their_path(client):
    assert client.get("/api/v1/test/fails/serializer").json()["errors"] == {"hours.0.starts": ["Wrong."]}
    assert client.get("/api/v1/test/fails/model").json()["errors"] == {"name": ["Too plain."]}


def test_a_refusal_fills_its_message_and_carries_its_data(client):
    body = client.get("/api/v1/test/fails/refusal").json()
    assert body["message"] == "Taken by another."
    assert body["data"] == {"alternatives": [1]}


def test_without_a_token_a_private_view_asks_for_one(client):
    response = client.get("/api/v1/test/private")
    assert_failure(response, 401, "auth.not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_wrong_token_is_told_from_a_missing_one(client):
    assert_failure(client.get("/api/v1/test/private", HTTP_AUTHORIZATION="Bearer x.y.z"), 401, "auth.token_invalid")


def test_a_browser_session_does_not_sign_in_to_the_api(client, platform_admin):
    client.force_login(platform_admin)
    assert_failure(client.get("/api/v1/test/private"), 401, "auth.not_authenticated")


# --- languages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "header", "expected"),
    [
        ({}, "", "en"),
        ({}, "fr", "fr"),
        ({}, "fr-CA,fr;q=0.8", "fr"),
        ({}, "de,ar;q=0.5,en;q=0.1", "ar"),
        ({}, "de", "en"),
        ({}, "fr;q=0, es", "es"),
        ({}, "hi" + ",x" * 4000, "hi"),
        ({}, "x" * 6000, "en"),
        ({}, ";;;,,,=", "en"),
        ({"lang": "hi"}, "fr", "hi"),
    ],
)
def test_the_language_is_that_of_the_query_else_of_the_header(client, query, header, expected):
    response = client.get(PEOPLE, query, HTTP_ACCEPT_LANGUAGE=header)
    assert response["Content-Language"] == expected
    assert "Accept-Language" in response["Vary"]


def test_a_failure_is_worded_in_the_language_asked_for(client):
    """By a text that Django translates itself, so that this does not hang on our own catalogue."""
    said = {
        language: client.get(PEOPLE, {"joined_on": "x", "lang": language}).json()["errors"]["joined_on"][0]
        for language, _name in settings.LANGUAGES
    }
    assert said["en"] == "Enter a valid date."
    assert len(set(said.values())) == len(said)


def test_the_api_does_not_heed_the_language_cookie_of_a_browser(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    assert client.get(PEOPLE)["Content-Language"] == "en"
