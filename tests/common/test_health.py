"""What machines and admins learn of the system's health, and that asking is cheap."""

import threading
from datetime import timedelta

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.common import health, redis, tasks

HEALTH = "/api/v1/health"


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


@pytest.fixture
def clean_slate(monkeypatch):
    """A process that has not looked at its migrations yet."""
    monkeypatch.setattr(health, "_migrated", threading.Event())


def shown(response):
    return {service["name"]: service for service in response.json()["data"]["services"]}


def broken(error):
    def check():
        raise error

    return check


def test_liveness_asks_nobody(client, monkeypatch):
    """No database (the test has none: any query would fail), no Redis, not even for a throttle."""
    monkeypatch.setattr(redis, "client", broken(AssertionError("Redis was asked")))
    response = client.get(HEALTH)
    assert response.status_code == 200
    assert response.json()["data"] == {"ok": True}


@pytest.mark.django_db
def test_liveness_needs_no_query_even_with_a_token_and_a_session(client, platform_admin, django_assert_num_queries):
    client.force_login(platform_admin)
    with django_assert_num_queries(0):
        assert client.get(HEALTH, HTTP_AUTHORIZATION="Bearer x.y.z").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "services"), [("db", ["database"]), ("ready", ["database", "migrations"])])
def test_database_and_readiness_are_well(client, clean_slate, path, services):
    response = client.get(f"{HEALTH}/{path}")
    assert response.status_code == 200
    assert list(shown(response)) == services
    assert response.json()["data"]["ok"] is True
    assert all(service["latency_ms"] > 0 for service in shown(response).values())


def test_redis_is_well(client):
    response = client.get(f"{HEALTH}/redis")
    assert response.status_code == 200
    assert shown(response)["redis"]["ok"] is True


def test_a_database_that_is_gone_is_503_and_says_no_address(client, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere/secret-place")
    response = client.get(f"{HEALTH}/db")
    body = response.json()
    assert (response.status_code, body["code"]) == (503, "service.unavailable")
    assert shown(response)["database"]["ok"] is False
    assert "secret-place" not in response.content.decode()
    assert response["Retry-After"] == "5"


def test_redis_that_is_gone_is_503_but_the_process_stays_ready(client, monkeypatch):
    monkeypatch.setattr(health, "check_redis", broken(ConnectionRefusedError()))
    assert client.get(f"{HEALTH}/redis").status_code == 503
    assert "redis" not in health.READY


@pytest.mark.django_db(transaction=True)
def test_a_pending_migration_is_not_ready_and_is_counted_until_there_is_none(client, clean_slate):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions' RETURNING name, applied")
        [(name, applied)] = cursor.fetchall()
    try:
        response = client.get(f"{HEALTH}/ready")
        assert response.status_code == 503
        assert shown(response)["migrations"]["message"] == "1 migrations are pending"
        assert shown(response)["database"]["ok"] is True
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', %s, %s)", [name, applied]
            )
    assert client.get(f"{HEALTH}/ready").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_migrations_are_read_once_when_there_are_none_pending(client, clean_slate, monkeypatch):
    assert client.get(f"{HEALTH}/ready").status_code == 200
    monkeypatch.setattr(health, "MigrationExecutor", broken(AssertionError("read again")))
    assert client.get(f"{HEALTH}/ready").status_code == 200


def test_a_check_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(health, "TIME_LIMIT_SECONDS", 0.05)
    released = threading.Event()

    def hangs():
        released.wait(30)
        return ""

    try:
        slow, quick = health.examine({"slow": hangs, "quick": lambda: "fine"})
    finally:
        released.set()
    assert (slow.name, slow.ok, slow.message) == ("slow", False, "no answer in time")
    assert (quick.name, quick.ok, quick.message) == ("quick", True, "fine")


def test_what_a_check_raises_is_told_by_its_type_only():
    [finding] = health.examine({"a": broken(OSError("a secret address"))})
    assert (finding.ok, finding.message) == (False, "OSError")
    [finding] = health.examine({"a": broken(RuntimeError("a secret address"))})
    assert (finding.ok, finding.message) == (False, "RuntimeError")


# --- what an admin sees ----------------------------------------------------------------------------------------------


@pytest.fixture
def no_workers(monkeypatch):
    monkeypatch.setattr(health.current_app.control, "ping", lambda timeout: [])


@pytest.mark.django_db(transaction=True)
def test_an_admin_sees_every_service(api, platform_admin, no_workers):
    response = api(platform_admin).get(f"{HEALTH}/services")
    assert response.status_code == 200
    services = shown(response)
    assert list(services) == [
        "database", "migrations", "redis", "broker", "email", "workers", "beat", "scanner", "video",
    ]  # fmt: skip
    well = [name for name, service in services.items() if service["ok"]]
    assert well == ["database", "migrations", "redis", "broker", "email", "scanner", "video"]
    assert services["workers"]["message"] == "no worker answers"
    assert services["beat"]["message"] == "no heartbeat has come"
    assert response.json()["data"]["ok"] is False


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["coordinator", "hospital_admin", "patient"])
def test_nobody_else_does(api, role, request):
    person = request.getfixturevalue(role)
    response = api(getattr(person, "user", person)).get(f"{HEALTH}/services")
    assert response.status_code == 403
    assert api().get(f"{HEALTH}/services").status_code == 401


def test_a_heartbeat_that_came_all_the_way_shows_beat_and_a_worker_alive():
    tasks.heartbeat()
    assert health.check_beat().startswith("heartbeat ")


@pytest.mark.parametrize(("over", "well"), [(timedelta(seconds=-5), True), (timedelta(seconds=5), False)])
def test_an_old_heartbeat_shows_that_one_of_them_is_not(over, well):
    health.write_heartbeat(timezone.now() - health.HEARTBEAT_STALE_AFTER - over)
    [finding] = health.examine({"beat": health.check_beat})
    assert finding.ok is well


def test_workers_that_answer_are_counted(monkeypatch):
    monkeypatch.setattr(health.current_app.control, "ping", lambda timeout: [{"a": "pong"}, {"b": "pong"}])
    assert health.check_workers() == "2 answered"


def test_a_mail_server_that_does_not_answer_is_found(monkeypatch):
    monkeypatch.setattr(
        health, "get_connection", lambda **kwargs: EmailBackend(host="127.0.0.1", port=1, fail_silently=False, **kwargs)
    )
    [finding] = health.examine({"email": health.check_email})
    assert (finding.ok, finding.message) == (False, "ConnectionRefusedError")
