"""What every answer carries besides its content, whoever gives it: a view, an error page, a file, a preflight."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.views")]

NOTHING_LOADED = "default-src 'none'"
ANSWERS = {
    "front page": ("get", "/", 200),
    "API": ("get", "/api/v1/health", 200),
    "API list": ("get", "/api/v1/test/people", 200),
    "API document": ("get", "/api/schema", 200),
    "Swagger UI": ("get", "/api-docs", 200),
    "ReDoc": ("get", "/api/redoc", 200),
    "admin sign-in": ("get", "/admin/login/", 200),
    "redirect": ("get", "/admin", 302),
    "metrics": ("get", "/metrics", 200),
    "static file": ("get", "/static/medivoy/front.css", 200),
    "no static file": ("get", "/static/medivoy/nothing.css", 404),
    "no page": ("get", "/nothing", 404),
    "no API": ("get", "/api/v1/nothing", 404),
    "NUL": ("get", "/api/v1/%00", 400),
    "defect in a page": ("get", "/test/breaks", 500),
    "defect in the API": ("get", "/api/v1/test/fails/defect", 500),
    "method of a page": ("post", "/api-docs", 405),
    "method of the API": ("delete", "/api/v1/health", 405),
    "options": ("options", "/api/v1/test/people", 200),
}


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture(params=ANSWERS, ids=str)
def response(request, client):
    method, path, status = ANSWERS[request.param]
    response = getattr(client, method)(path)
    assert response.status_code == status
    yield response
    response.close()


def test_every_answer_is_guarded(response):
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert NOTHING_LOADED in response["Content-Security-Policy"]


def test_no_answer_says_what_it_is_made_with(response):
    assert "Server" not in response
    assert "X-Powered-By" not in response
    assert not [name for name in response.headers if "django" in response[name].lower()]


@pytest.mark.parametrize("name", [name for name, (_m, path, _s) in ANSWERS.items() if path.startswith("/api/v1")])
def test_the_api_is_not_cached_and_its_data_may_load_nothing(client, name):
    method, path, _status = ANSWERS[name]
    response = getattr(client, method)(path)
    assert response["Cache-Control"] == "no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "'self'" not in response["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/api-docs", "/api/redoc"])
def test_pages_run_scripts_from_here_only_and_none_in_line(client, path):
    response = client.get(path)
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert "<script>" not in response.content.decode()
    assert "//" not in response.content.decode().replace("<!DOCTYPE html>", ""), "no address of another host"


def test_a_request_id_that_looks_sane_is_kept_and_any_other_replaced(client):
    def given_back(sent):
        return client.get("/api/v1/health", HTTP_X_REQUEST_ID=sent)["X-Request-ID"]

    assert given_back("7ee1388b-7a00-4e75-b35f-5e551af15ec0") == "7ee1388b-7a00-4e75-b35f-5e551af15ec0"
    for sent in ("short", "x" * 65, "has space in it", 'quote"quote"', "amina@example.com", "новый-запрос", ""):
        assert given_back(sent) != sent
        assert len(given_back(sent)) == 32


# --- other origins ---------------------------------------------------------------------------------------------------


@pytest.fixture
def allowed_origin(settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    return "https://app.example.com"


def preflight(client, origin, path="/api/v1/test/echo"):
    return client.options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type,idempotency-key",
    )


def test_the_apps_own_origin_may_call_the_api(client, allowed_origin):
    response = preflight(client, allowed_origin)
    assert response["Access-Control-Allow-Origin"] == allowed_origin
    allowed = response["Access-Control-Allow-Headers"].replace(" ", "").split(",")
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed)
    assert "Access-Control-Allow-Credentials" not in response, "tokens travel in a header, never in a cookie"
    answer = client.get("/api/v1/test/people", HTTP_ORIGIN=allowed_origin)
    assert answer["Access-Control-Allow-Origin"] == allowed_origin
    assert "Retry-After" in answer["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "https://app.example.com.evil.com", "null", "http://app.example.com"]
)
def test_no_other_origin_may(client, allowed_origin, origin):
    assert "Access-Control-Allow-Origin" not in preflight(client, origin)
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/test/people", HTTP_ORIGIN=origin)


def test_no_origin_may_read_the_admin(client, allowed_origin):
    assert "Access-Control-Allow-Origin" not in client.get("/admin/login/", HTTP_ORIGIN=allowed_origin)


# --- cookies ---------------------------------------------------------------------------------------------------------


def test_cookies_are_for_http_only_and_stay_on_this_site(client, settings):
    client.get("/")
    client.post("/i18n/setlang/", {"language": "fr", "next": "/"})
    assert client.cookies
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key


def test_the_api_sets_no_cookie(client):
    client.get("/api/v1/test/people")
    client.post("/api/v1/test/echo", {}, content_type="application/json")
    assert not client.cookies
