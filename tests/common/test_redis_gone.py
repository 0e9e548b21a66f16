"""Redis stopped, frozen and back again, on a server of our own: what needs it is refused, all else works on."""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from apps.common import exceptions, redis, throttling
from medivoy.embedded import Supervisor, programs, servers
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.views")]

PEOPLE = "/api/v1/test/people"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class OwnRedis:
    """A server that this test may stop."""

    def __init__(self, supervisor, program):
        self._supervisor, self._program = supervisor, program

    def _process(self):
        return next(child.process for child in self._supervisor.children if child.program is self._program)

    def stop(self):
        self._process().terminate()
        self._process().wait(timeout=10)

    def freeze(self):
        os.kill(self._process().pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self._process().pid, signal.SIGCONT)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def own_redis(settings, monkeypatch, clock):
    directory = Path(tempfile.mkdtemp(prefix=servers.THROW_AWAY_PREFIX, dir="/tmp"))
    directory.chmod(0o711)
    try:
        with Supervisor(directory) as supervisor:
            place = programs.settle(directory)
            program = servers._valkey(place, directory / "log", durable=False)
            supervisor.start(program)
            settings.REDIS_URL = f"unix://{place.sockets / 'valkey.sock'}?db=0"
            settings.REDIS_TIMEOUT_SECONDS = 0.5
            monkeypatch.setattr(redis, "breaker", redis.Breaker(redis.LEFT_ALONE_SECONDS, clock))
            redis.client.cache_clear()
            own = OwnRedis(supervisor, program)
            try:
                yield own
            finally:
                own.thaw() if own._process().poll() is None else None
    finally:
        redis.client.cache_clear()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def failures(monkeypatch, own_redis):
    """The errors that calls to Redis ended with, each having cost its time-out."""
    seen = []
    failed = redis.breaker.failed
    monkeypatch.setattr(redis.breaker, "failed", lambda error: (seen.append(error), failed(error)))
    return seen


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def sign_in(client):
    return client.post(
        "/api/v1/auth/login",
        {"email": "amina@example.com", "password": PASSWORD},
        content_type="application/json",
    )


def test_lists_and_writes_work_on_without_redis(own_redis, client, api, patient):
    assert client.get(PEOPLE).status_code == 200
    own_redis.stop()

    assert client.get(PEOPLE).status_code == 200
    assert client.post("/api/v1/test/echo", {"a": 1}, content_type="application/json").status_code == 201
    assert api(patient.user).get("/api/v1/test/private").status_code == 200
    assert client.get("/api/v1/health").status_code == 200
    assert client.get("/api/v1/health/ready").status_code == 200


def test_signing_in_is_closed_without_redis(own_redis, client):
    UserFactory(email="amina@example.com")
    own_redis.stop()

    refused = sign_in(client)
    assert (refused.status_code, refused.json()["code"]) == (503, "service.unavailable")
    assert refused["Retry-After"] == "5"


def test_signing_in_works_with_redis(own_redis, client):
    """The control of the test above: it is Redis that makes the difference."""
    UserFactory(email="amina@example.com")
    assert sign_in(client).status_code == 200


def test_a_limit_is_closed_and_a_throttle_open_without_redis(own_redis, rf, patient):
    own_redis.stop()
    with pytest.raises(exceptions.Unavailable):
        throttling.Limit("test", attempts=1, seconds=60).take("a")

    class Strict(throttling.LimitThrottle):
        limit = throttling.Limit("test", attempts=0, seconds=60)

    request = rf.get("/")
    request.user = patient.user
    assert Strict().allow_request(request, None) is True


def test_a_frozen_redis_costs_its_time_out_once_and_not_on_every_request(own_redis, client, failures):
    assert client.get(PEOPLE).status_code == 200
    own_redis.freeze()

    assert [client.get(PEOPLE).status_code for _time in range(10)] == [200] * 10
    assert len(failures) == 1


def test_after_a_while_one_request_tries_again_for_all_others(own_redis, client, failures, clock):
    own_redis.freeze()
    client.get(PEOPLE)
    clock.now += redis.LEFT_ALONE_SECONDS

    for _time in range(3):
        client.get(PEOPLE)
    assert len(failures) == 2

    own_redis.thaw()
    clock.now += redis.LEFT_ALONE_SECONDS
    cache.set("a", "b")
    assert cache.get("a") == "b"
    throttling.Limit("test", attempts=1, seconds=60).take("b")
    assert len(failures) == 2


def test_a_connection_that_died_in_the_pool_is_replaced_at_once(own_redis, failures):
    """Redis was restarted between two requests: nobody notices."""
    cache.set("a", "b")
    for connection in redis.client().connection_pool._available_connections:
        connection._sock.shutdown(2)

    assert cache.get("a") == "b"
    assert failures == []


def test_the_cache_is_empty_and_stays_so_without_redis(own_redis):
    cache.set("a", "b")
    own_redis.stop()

    assert cache.get("a") is None
    assert cache.get("a", "default") == "default"
    assert cache.get_many(["a"]) == {}
    assert cache.get_or_set("a", lambda: "made") == "made"
    assert cache.add("a", "b") is False
    assert cache.touch("a") is False
    assert cache.delete("a") is False
    assert "a" not in cache
    assert cache.set_many({"a": 1}) == ["a"]
    assert cache.clear() is False
    cache.set("a", "b")
    cache.delete_many(["a"])
    with pytest.raises(ValueError, match="not in the cache"):
        cache.incr("a")


def test_clearing_the_cache_leaves_queues_and_limits(own_redis):
    redis.client().rpush("celery", "task")
    limit = throttling.Limit("test", attempts=1, seconds=60)
    limit.take("a")
    cache.set("a", "b")

    cache.clear()

    assert cache.get("a") is None
    assert redis.client().llen("celery") == 1
    assert limit.is_used_up("a")
