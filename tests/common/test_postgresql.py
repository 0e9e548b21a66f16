"""A kept connection is checked before each request, and the check seldom asks the server."""

import contextlib

import psycopg
import pytest
from django.conf import settings
from django.db import close_old_connections, connection, connections

from apps.common.postgresql import base

pytestmark = pytest.mark.django_db(transaction=True)
DOCTORS = "/api/v1/doctors"


@pytest.fixture
def kept():
    """The connection as between two requests of one process, open and just asked."""
    connection.ensure_connection()
    connection.health_check_enabled, connection.errors_occurred = True, False
    assert connection.is_usable()
    yield connection
    connection.close()


@contextlib.contextmanager
def asking_counted(monkeypatch):
    asked = []
    honest = base.base.DatabaseWrapper.is_usable
    monkeypatch.setattr(base.base.DatabaseWrapper, "is_usable", lambda self: asked.append(1) or honest(self))
    yield asked


def end_session(pid):
    """What a restart does to a session, and wait until the server has let go of it."""
    with psycopg.connect(**connections["default"].get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_the_settings_name_this_backend():
    assert settings.DATABASES["default"]["ENGINE"] == "apps.common.postgresql"
    assert isinstance(connections["default"], base.DatabaseWrapper)


def test_a_connection_that_has_just_answered_is_not_asked_again(kept, monkeypatch):
    with asking_counted(monkeypatch) as asked:
        assert kept.is_usable()
    assert asked == []


def test_a_connection_is_asked_once_a_second(kept, monkeypatch):
    kept._answered_at -= base.TRUSTED_SECONDS
    with asking_counted(monkeypatch) as asked:
        assert kept.is_usable()
        assert kept.is_usable()
    assert asked == [1]


def test_a_connection_is_asked_after_an_error(kept, monkeypatch):
    kept.errors_occurred = True
    with asking_counted(monkeypatch) as asked:
        assert kept.is_usable()
    assert asked == [1]


def test_a_session_that_the_server_has_ended_is_found_though_it_has_just_answered(kept):
    end_session(kept.connection.info.backend_pid)

    assert not kept.is_usable()


def test_the_request_after_a_restart_does_not_see_it(kept, client):
    ended = kept.connection.info.backend_pid
    end_session(ended)
    close_old_connections()  # as at the beginning of each request; the test client leaves it out

    assert client.get(DOCTORS).status_code == 200
    assert connection.connection.info.backend_pid != ended
