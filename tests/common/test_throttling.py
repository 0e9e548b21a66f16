"""A limit of five lets five pass, however many come at once, and counts each caller apart."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from rest_framework.throttling import SimpleRateThrottle

from apps.common import exceptions, redis, throttling

PARALLEL = 32
LIMITED = "/api/v1/test/limited"

limit = throttling.Limit("test", attempts=5, seconds=60)


def at_once(call):
    barrier = threading.Barrier(PARALLEL)

    def one(number):
        barrier.wait(timeout=30)
        return call(number)

    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(one, range(PARALLEL)))


def passes(attempt):
    try:
        attempt()
    except exceptions.TooMany:
        return False
    return True


def test_of_32_at_once_exactly_the_limit_pass():
    assert sum(at_once(lambda _number: passes(lambda: limit.take("someone")))) == 5


def test_control_a_throttle_that_reads_and_then_writes_lets_more_pass(rf):
    """DRF's own, with all callers between its reading and its writing: what happens under load now and then."""
    between = threading.Barrier(PARALLEL)

    class ReadsThenWrites(SimpleRateThrottle):
        rate = "5/min"
        kept: dict = {}

        class cache:  # noqa: N801  the name that DRF looks for
            @staticmethod
            def get(key, default):
                found = ReadsThenWrites.kept.get(key, default)
                between.wait(timeout=30)
                return list(found)

            @staticmethod
            def set(key, value, duration):
                ReadsThenWrites.kept[key] = value

        def get_cache_key(self, request, view):
            return "someone"

    assert sum(at_once(lambda _number: ReadsThenWrites().allow_request(rf.get("/"), None))) == PARALLEL


@pytest.mark.urls("tests.common.views")
def test_of_32_requests_at_once_exactly_the_limit_are_answered():
    answers = at_once(lambda _number: Client().get(LIMITED))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 27
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "request.throttled"
    assert 1 <= int(refused["Retry-After"]) <= 60


@pytest.mark.urls("tests.common.views")
def test_each_address_has_a_limit_of_its_own_and_an_ipv6_network_shares_one():
    def statuses(address, times):
        return [Client().get(LIMITED, REMOTE_ADDR=address).status_code for _time in range(times)]

    assert statuses("192.0.2.1", 6) == [200] * 5 + [429]
    assert statuses("192.0.2.2", 1) == [200]
    assert statuses("2001:db8:0:1::1", 5) == [200] * 5
    assert statuses("2001:db8:0:1:ffff::2", 1) == [429], "the same customer's network"
    assert statuses("2001:db8:0:2::1", 1) == [200]


def test_each_key_and_each_limit_is_counted_apart():
    other = throttling.Limit("other", attempts=5, seconds=60)
    for _time in range(5):
        limit.take("a")
    limit.take("b")
    other.take("a")
    with pytest.raises(exceptions.TooMany) as refusal:
        limit.take("a")
    assert 1 <= refusal.value.retry_after <= 60


def test_the_window_ends_and_its_end_is_not_moved_by_more_attempts():
    for _time in range(9):
        passes(lambda: limit.take("a"))
    [key] = redis.client().keys("limit:test:*")
    assert 59_000 < redis.client().pttl(key) <= 60_000
    redis.client().pexpire(key, 1000)
    assert not passes(lambda: limit.take("a"))
    assert redis.client().pttl(key) <= 1000
    redis.client().delete(key)
    assert passes(lambda: limit.take("a"))


def test_the_store_names_nobody():
    limit.take("amina@example.com")
    keys = redis.client().keys("*")
    assert keys
    assert not [key for key in keys if b"amina" in key or b"example.com" in key]


def test_forgiven_attempts_are_forgotten():
    for _time in range(5):
        limit.take("a")
    assert limit.is_used_up("a")
    limit.forgive("a")
    assert not limit.is_used_up("a")
    limit.take("a")


def test_an_attempt_given_back_may_be_used_again():
    for _time in range(5):
        limit.take("a")
    limit.give_back("a")
    assert passes(lambda: limit.take("a"))
    assert not passes(lambda: limit.take("a"))


# --- the rough limit of all requests ---------------------------------------------------------------------------------


def processes(count, attempts=600):
    """The same limit as several processes hold it."""
    return [throttling.RoughLimit("rough", attempts=attempts, seconds=60, batch=10) for _process in range(count)]


def test_one_process_lets_exactly_the_rough_limit_pass():
    [alone] = processes(1)
    assert sum(passes(lambda: alone.take("a")) for _time in range(700)) == 600


def test_several_processes_never_let_more_pass_and_at_most_nine_fewer_each():
    several = processes(4)
    one_caller_only = [passes(lambda one=one: one.take("a")) for one in several[:3]]
    passed = sum(one_caller_only) + sum(passes(lambda: several[3].take("a")) for _time in range(700))

    assert 600 - 3 * 9 <= passed <= 600


def test_of_32_at_once_no_more_than_the_rough_limit_pass():
    [alone] = processes(1, attempts=20)
    assert 1 <= sum(at_once(lambda _number: passes(lambda: alone.take("a")))) <= 20


def test_a_rough_limit_asks_redis_once_in_ten(monkeypatch):
    [alone] = processes(1)
    asked = []
    honest = throttling.Limit._take
    monkeypatch.setattr(throttling.Limit, "_take", lambda *args: asked.append(1) or honest(*args))
    for _time in range(30):
        alone.take("a")
    assert len(asked) == 3


def test_what_was_taken_ends_with_its_window(monkeypatch):
    [alone] = processes(1)
    alone.take("a")
    later = throttling.time.monotonic() + 61
    monkeypatch.setattr(throttling.time, "monotonic", lambda: later)
    redis.client().flushdb()
    alone.take("a")
    assert redis.client().keys("limit:rough:*"), "asked anew"


def test_callers_beyond_those_remembered_are_limited_all_the_same(monkeypatch):
    monkeypatch.setattr(throttling, "_REMEMBERED_KEYS", 2)
    [alone] = processes(1, attempts=20)
    for key in "abcde":
        assert sum(passes(lambda key=key: alone.take(key)) for _time in range(30)) == 20
