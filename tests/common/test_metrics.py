"""Figures for Prometheus: true, few series, all processes together, and for internal addresses only."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.common import metrics, redis
from apps.notifications.models import Channel, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def read(text):
    """{(name, labels): value} of an exposition."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figures(client):
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    return read(response.content.decode())


def requests_of(found, **labels):
    return found.get(("medivoy_requests_total", tuple(sorted(labels.items()))), 0)


def test_requests_are_counted_by_method_route_and_status(client):
    labels = {"method": "GET", "route": "/api/v1/health", "status": "200"}
    before = requests_of(figures(client), **labels)
    for _time in range(3):
        client.get("/api/v1/health")
    after = figures(client)

    assert requests_of(after, **labels) == before + 3
    duration = ("medivoy_request_seconds_count", (("method", "GET"), ("route", "/api/v1/health")))
    assert after[duration] >= 3
    assert after[("medivoy_requests_in_flight", (("kind", "request"),))] == 1, "this one"


def test_paths_that_people_make_up_are_one_series(client):
    for number in range(20):
        client.get(f"/api/v1/made-up/{number}")
        client.generic(f"METHOD{number}", "/api/v1/health")
    routes = {dict(labels)["route"] for name, labels in figures(client) if name == "medivoy_requests_total"}
    methods = {dict(labels)["method"] for name, labels in figures(client) if name == "medivoy_requests_total"}
    assert not [route for route in routes if "made-up" in route]
    assert methods <= metrics.METHODS | {"OTHER"}


def test_the_route_is_the_pattern_and_not_the_path(client, hospital):
    client.get(f"/api/v1/hospitals/{hospital.pk}")
    text = client.get("/metrics").content.decode()
    assert 'route="/api/v1/hospitals/<uuid:pk>"' in text
    assert str(hospital.pk) not in text


@pytest.mark.urls("tests.common.views")
def test_what_the_database_refuses_is_counted(client):
    key = ("medivoy_database_errors_total", (("error", "OperationalError"),))
    before = figures(client).get(key, 0)
    client.get("/api/v1/test/fails/database")
    assert figures(client)[key] == before + 1


def test_the_outbox_and_the_queue_show_their_depth(client, patient):
    now = timezone.now()
    for number, due_at in enumerate((now - timedelta(minutes=5), now - timedelta(minutes=1), now + timedelta(days=1))):
        Message.objects.create(
            recipient=patient.user, channel=Channel.EMAIL, kind="test", event=f"test:{number}", due_at=due_at
        )
    Message.objects.create(
        recipient=patient.user, channel=Channel.EMAIL, kind="test", event="dead", due_at=now, status="dead"
    )
    redis.client().rpush("celery", "one", "two")

    found = figures(client)
    assert found[("medivoy_outbox_waiting", ())] == 2
    assert 300 <= found[("medivoy_outbox_oldest_seconds", ())] < 360
    assert found[("medivoy_outbox_dead", ())] == 1
    assert found[("medivoy_celery_queue_length", ())] == 2
    assert found[("process_resident_memory_bytes", ())] > 1_000_000


def test_a_figure_that_cannot_be_read_does_not_hide_the_others(client, monkeypatch):
    def fails(self, now):
        raise OperationalError

    monkeypatch.setattr(type(Message.objects.all()), "due", fails)
    found = figures(client)
    assert ("medivoy_outbox_waiting", ()) not in found
    assert ("medivoy_celery_queue_length", ()) in found


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("10.0.0.7", {}, 200),
        ("203.0.113.5", {}, 404),
        ("10.0.0.7", {"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, 404),
        ("10.0.0.7", {"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ("", {}, 404),
    ],
)
def test_only_internal_addresses_see_them(client, address, headers, status):
    response = client.get("/metrics", REMOTE_ADDR=address, **headers)
    assert response.status_code == status
    assert (b"medivoy_requests" in response.content) is (status == 200)


def test_a_platform_admin_from_outside_does_not_either(client, platform_admin):
    client.force_login(platform_admin)
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.5").status_code == 404


COUNT = """
import django; django.setup()
from apps.common import metrics
with metrics.in_flight():
    metrics.count_request("GET", "/somewhere", 200, 0.01)
"""
SHOW = """
import django; django.setup()
from apps.common import metrics
print(metrics.exposition().decode())
"""


def test_the_processes_of_a_web_server_count_together(tmp_path):
    environ = os.environ | {
        "MEDIVOY_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "medivoy.settings",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }

    def run(code):
        done = subprocess.run(
            [sys.executable, "-c", code], env=environ, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
        )
        return done.stdout

    run("import django; django.setup()\nimport apps.common.middleware")
    assert list(tmp_path.iterdir()) == [], "what only imports the figures leaves no file"
    for _process in range(2):
        run(COUNT)

    found = read(run(SHOW))
    assert requests_of(found, method="GET", route="/somewhere", status="200") == 2
    assert found[("medivoy_request_seconds_count", (("method", "GET"), ("route", "/somewhere")))] == 2
