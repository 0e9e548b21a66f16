"""A request and a task leave one line of JSON each, with ids; nobody's name, address, token or text is in any."""

import io
import json
import logging

import pytest
import structlog
from celery import shared_task
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.common import logs
from tests.common import views
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.test_logs")]

CANARY = "Zephyrine"
EMAIL = "zephyrine.quill@example.com"
SECRETS = [CANARY, EMAIL, "zephyrine", PASSWORD, "metformin-canary", "Canary-Street"]


class QuotesItsInput(APIView):
    """A defect whose message quotes what a patient wrote, raised from another that does too."""

    permission_classes = [AllowAny]

    def post(self, request):
        password = request.data["password"]
        try:
            int(request.data["complaint"])
        except ValueError as error:
            raise RuntimeError(f"cannot read {request.data} of {password}") from error


class TakesAnEmailTwice(APIView):
    """PostgreSQL's message quotes the row: `Key (email)=(...) already exists`."""

    permission_classes = [AllowAny]

    def post(self, request):
        UserFactory(email=request.data["email"])


urlpatterns = [
    *views.urlpatterns,
    path("api/v1/test/quotes", QuotesItsInput.as_view()),
    path("api/v1/test/twice", TakesAnEmailTwice.as_view()),
]
handler400, handler403 = views.handler400, views.handler403
handler404, handler500 = views.handler404, views.handler500


@pytest.fixture
def lines():
    """What the console shows, read back; also checks that each line is JSON."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    formatters = [other.formatter for other in root.handlers]
    handler.setFormatter(next(one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter)))
    root.addHandler(handler)

    def read(event=None):
        found = [json.loads(line) for line in written.getvalue().splitlines()]
        return [line for line in found if event in {None, line["event"]}]

    read.text = written.getvalue
    yield read
    root.removeHandler(handler)


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def post(client, path, body, **headers):
    return client.post(path, body, content_type="application/json", **headers)


def test_a_request_leaves_one_line_that_says_who_asked_for_what_and_how_it_ended(api, patient, hospital, lines):
    response = api(patient.user).get(f"/api/v1/hospitals/{hospital.pk}?search={CANARY}", HTTP_X_REQUEST_ID="request-77")

    assert response.status_code == 200
    [line] = lines()
    assert line["event"] == "request"
    assert line["request_id"] == "request-77"
    assert line["user_id"] == str(patient.user_id)
    assert line["method"] == "GET"
    assert line["route"] == "/api/v1/hospitals/<uuid:pk>"
    assert line["ids"] == {"pk": str(hospital.pk)}
    assert line["status"] == 200
    assert line["duration_ms"] > 0
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_the_admins_user_is_named_by_id_too(client, platform_admin, lines):
    client.force_login(platform_admin)
    client.get("/admin/")
    assert lines("request")[-1]["user_id"] == str(platform_admin.pk)


def test_one_request_does_not_leave_its_ids_to_the_next(api, client, patient, lines):
    api(patient.user).get("/api/v1/test/private")
    client.get("/api/v1/test/people")
    first, second = lines("request")
    assert first["user_id"] == str(patient.user_id)
    assert "user_id" not in second
    assert first["request_id"] != second["request_id"]
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize("path", [f"/api/v1/people/{EMAIL}", f"/{CANARY}", f"/api/v1/test/people/{CANARY}"])
def test_a_path_that_no_route_matches_is_not_written_down(client, lines, path):
    client.get(path)
    [line] = lines("request")
    assert (line["route"], line["status"]) == ("none", 404)
    assert CANARY.lower() not in lines.text().lower()


def test_machines_that_ask_for_health_are_logged_only_when_it_is_bad(client, lines, monkeypatch):
    client.get("/api/v1/health")
    client.get("/api/v1/health/redis")
    assert lines() == []
    client.post("/api/v1/health")
    assert lines("request")[0]["status"] == 405


def test_a_defect_is_logged_with_its_place_and_its_causes_but_none_of_their_messages(client, lines):
    response = post(
        client,
        "/api/v1/test/quotes",
        {"complaint": f"{CANARY} takes metformin-canary", "password": PASSWORD},
        HTTP_X_REQUEST_ID="request-78",
    )

    assert response.status_code == 500
    [defect] = lines("defect")
    assert defect["request_id"] == "request-78"
    assert defect["level"] == "error"
    assert defect["exception"]["type"] == "builtins.RuntimeError"
    assert "QuotesItsInput" not in defect["exception"]["type"]
    assert any("test_logs.py" in place and place.endswith(" post") for place in defect["exception"]["at"])
    assert defect["exception"]["cause"]["type"] == "builtins.ValueError"
    [line] = lines("request")
    assert (line["status"], line["request_id"]) == (500, "request-78")
    assert not [secret for secret in SECRETS if secret in lines.text()]


def test_a_defect_says_its_message_where_the_data_is_made_up(client, lines, settings):
    settings.LOG_EXCEPTION_MESSAGES = True
    post(client, "/api/v1/test/quotes", {"complaint": "x", "password": "y"})
    assert "cannot read" in lines("defect")[0]["exception"]["message"]


def test_what_the_database_refuses_is_named_by_its_constraint_and_not_by_the_row(client, lines):
    UserFactory(email=EMAIL)
    assert post(client, "/api/v1/test/twice", {"email": EMAIL}).status_code == 409

    [line] = lines("infrastructure_refusal")
    assert line["exception"]["type"] == "django.db.utils.IntegrityError"
    assert line["exception"]["cause"]["sqlstate"] == "23505"
    assert "email" in line["exception"]["cause"]["constraint"]
    assert EMAIL not in lines.text()


def test_control_the_exception_itself_does_quote_the_row():
    UserFactory(email=EMAIL)
    with pytest.raises(IntegrityError, match=EMAIL):
        UserFactory(email=EMAIL)


def test_a_refused_host_and_a_failed_sign_in_are_not_quoted(client, lines):
    client.get("/", HTTP_HOST=f"{CANARY}.example.com")
    client.get("/api/v1/test/private", HTTP_AUTHORIZATION=f"Bearer {CANARY}.{CANARY}.{CANARY}")
    client.get("/api/v1/test/people", HTTP_COOKIE=f"sessionid={CANARY}", HTTP_USER_AGENT=CANARY, HTTP_REFERER=CANARY)
    assert len(lines("request")) == 3
    assert CANARY not in lines.text()


def test_a_whole_journey_names_nobody(client, lines, settings):
    """Registering, signing in rightly and wrongly, looking around, changing oneself, failing: over HTTP only."""
    registered = post(
        client,
        "/api/v1/auth/register",
        {
            "email": EMAIL,
            "password": PASSWORD,
            "first_name": CANARY,
            "last_name": "Quill",
            "role": "patient",
            "phone": "+442079460018",
        },
    )
    assert registered.status_code == 201
    tokens = post(client, "/api/v1/auth/login", {"email": EMAIL, "password": PASSWORD}).json()["data"]
    header = {"HTTP_AUTHORIZATION": f"Bearer {tokens['access']}"}
    post(client, "/api/v1/auth/login", {"email": EMAIL, "password": f"{PASSWORD}-wrong"})
    post(client, "/api/v1/auth/register", {"email": EMAIL, "password": PASSWORD, "first_name": CANARY})
    client.get(f"/api/v1/doctors?search={CANARY}&sort_by={CANARY}", **header)
    client.patch("/api/v1/auth/profile", {"first_name": f"{CANARY} II"}, content_type="application/json", **header)
    post(client, "/api/v1/auth/refresh", {"refresh": tokens["refresh"]})
    post(client, "/api/v1/auth/forgot-password", {"email": EMAIL})
    post(client, "/api/v1/auth/reset-password", {"token": f"{CANARY}-token", "password": PASSWORD})
    post(client, "/api/v1/auth/verify-email", {"email": EMAIL, "code": "CANARY"})
    post(client, "/api/v1/test/quotes", {"complaint": "metformin-canary in Canary-Street", "password": PASSWORD})
    client.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})

    assert len(lines("request")) >= 12
    text = lines.text().lower()
    for secret in [*SECRETS, "quill", "442079460018", tokens["access"], tokens["refresh"]]:
        assert secret.lower() not in text, secret
    user = User.objects.get(email=EMAIL)
    assert str(user.pk) in text, "the person is named by id"


def test_library_logs_stay_quiet_when_ours_are_turned_up():
    """At DEBUG Django prints SQL with its parameters, and brokers print messages."""
    assert settings.LOGGING["root"]["level"] == "INFO"
    assert not logging.getLogger("django.db.backends").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("kombu").isEnabledFor(logging.DEBUG)


# --- tasks -----------------------------------------------------------------------------------------------------------


@shared_task(name="test.works")
def works(pk):
    structlog.get_logger("apps.test").info("working")


@shared_task(name="test.fails")
def fails(pk):
    raise ValueError(f"no such {CANARY}")


@pytest.fixture
def celery_logs():
    logs.connect_celery()


def test_a_task_leaves_one_line_and_lends_its_id_to_the_lines_in_it(lines, celery_logs):
    works.apply(args=["some-id"], task_id="task-1")

    [inside] = lines("working")
    [line] = lines("task")
    assert inside["task_id"] == line["task_id"] == "task-1"
    assert (line["task"], line["state"]) == ("test.works", "SUCCESS")
    assert line["duration_ms"] >= 0
    assert structlog.contextvars.get_contextvars() == {}


def test_a_task_that_fails_is_logged_without_its_message(lines, celery_logs):
    fails.apply(args=[CANARY], task_id="task-2")

    [failure] = lines("task_failed")
    assert failure["task_id"] == "task-2"
    assert failure["exception"]["type"] == "builtins.ValueError"
    assert lines("task")[0]["state"] == "FAILURE"
    assert CANARY not in lines.text()


def test_no_query_is_needed_to_log(client, lines, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/api/v1/nothing")
    assert connection.in_atomic_block
