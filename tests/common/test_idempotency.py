"""The same POST under the same key has one effect and one answer, however often and however close together it comes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.common import idempotency
from apps.common.models import AuditEntry, IdempotencyKey

from . import views

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.views")]

URL = "/api/v1/test/effect"


def effects():
    return AuditEntry.objects.filter(action=views.EFFECT).count()


def send(client, body=None, key="key-1", **extra):
    return client.post(URL, body if body is not None else {"note": "a"}, HTTP_IDEMPOTENCY_KEY=key, **extra)


def test_a_repeated_request_gets_the_first_answer_and_has_no_second_effect(api, patient):
    client = api(patient.user)
    first, second = send(client), send(client)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["data"] == first.json()["data"]
    assert second.json()["message"] == "Done."
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert effects() == 1


def test_the_order_of_fields_and_the_language_do_not_make_it_another_request(api, patient):
    client = api(patient.user)
    first = client.post(URL, {"note": "a", "place": "b"}, HTTP_IDEMPOTENCY_KEY="k")
    second = client.post(f"{URL}?lang=fr", {"place": "b", "note": "a"}, HTTP_IDEMPOTENCY_KEY="k")

    assert second.json()["data"] == first.json()["data"]
    assert second["Content-Language"] == "en", "the kept message is in the language it was given in"
    assert effects() == 1


def test_another_body_under_the_same_key_is_refused(api, patient):
    client = api(patient.user)
    send(client)
    refused = send(client, {"note": "b"})

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency.key_reused")
    assert effects() == 1


def test_a_body_too_deep_to_be_compared_is_malformed(api, patient):
    body = '{"note": %s}' % ("[" * 300 + "]" * 300)
    answer = api(patient.user).post(URL, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.malformed")
    assert effects() == 0


def test_another_path_or_query_under_the_same_key_is_refused(api, patient):
    client = api(patient.user)
    send(client)
    refused = client.post(f"{URL}?all=true", {"note": "a"}, HTTP_IDEMPOTENCY_KEY="key-1")
    assert refused.json()["code"] == "idempotency.key_reused"


def test_keys_belong_to_the_caller(api, patient, other_patient):
    assert send(api(patient.user)).status_code == 201
    assert send(api(other_patient.user), {"note": "b"}).status_code == 201
    assert effects() == 2


def test_a_refused_request_is_not_kept_and_may_be_corrected_under_its_key(api, patient):
    client = api(patient.user)
    refused = send(client, {"note": "a", "refuse": True})

    assert refused.status_code == 409
    assert effects() == 0, "what the refused request wrote is rolled back"
    assert not IdempotencyKey.objects.exists()
    assert send(client, {"note": "a"}).status_code == 201


def test_only_success_is_kept(api, patient):
    client = api(patient.user)
    for _time in range(2):
        assert send(client, {"accept_without_success": True}).status_code == 303
    assert effects() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", "has space", "ä", "x" * 101])
def test_a_key_that_is_none_is_refused_by_name(api, patient, key):
    refused = send(api(patient.user), key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")
    assert idempotency.HEADER in refused.json()["errors"]
    assert effects() == 0


def test_without_a_key_every_request_has_its_effect(api, patient):
    client = api(patient.user)
    for _time in range(2):
        assert client.post(URL, {"note": "a"}).status_code == 201
    assert effects() == 2


def test_an_anonymous_request_runs_as_if_it_had_no_key(api):
    for _time in range(2):
        assert send(api()).status_code == 201
    assert effects() == 2


def test_an_answer_is_kept_for_a_day(api, patient):
    client = api(patient.user)
    send(client)
    kept = IdempotencyKey.objects.get()
    at = kept.created_at + idempotency.KEPT_FOR

    assert idempotency.forget_expired(at) == 0
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.KEPT_FOR - timedelta(seconds=1))
    assert send(client, {"note": "another"}).status_code == 201, "an expired key is new, cleaned up or not"
    assert effects() == 2
    assert idempotency.forget_expired(at + timedelta(minutes=1)) == 1
    assert not IdempotencyKey.objects.exists()


def together(client, user, count):
    """The same request `count` times at once, each on its own connection."""
    barrier = threading.Barrier(count)
    token = client._credentials["HTTP_AUTHORIZATION"]

    def one(_number):
        own = type(client)()
        own.credentials(HTTP_AUTHORIZATION=token)
        barrier.wait(timeout=30)
        try:
            return send(own)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_has_the_effect_and_the_others_its_answer_or_a_409(api, patient):
    answers = together(api(patient.user), patient.user, 12)

    assert effects() == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    given = [answer.json()["data"] for answer in answers if answer.status_code == 201]
    assert given
    assert all(data == given[0] for data in given)
    refused = [answer for answer in answers if answer.status_code == 409]
    assert all(answer.json()["code"] == "idempotency.in_progress" for answer in refused)
    assert all(answer["Retry-After"] == "1" for answer in refused)
    retried = send(api(patient.user))
    assert retried.json()["data"] == given[0]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_requests_collide(api, patient, monkeypatch):
    """The race test can fail: with the guard off requests run twice, and only the unique constraint undoes them."""
    inside = threading.Barrier(4)
    kept = idempotency._kept

    def kept_after_all_have_looked(*args):
        found = kept(*args)
        inside.wait(timeout=30)
        return found

    monkeypatch.setattr(idempotency, "_claim", lambda *args: None)
    monkeypatch.setattr(idempotency, "_kept", kept_after_all_have_looked)
    answers = together(api(patient.user), patient.user, 4)

    codes = [answer.json().get("code") for answer in answers if answer.status_code != 201]
    assert codes == ["conflict"] * 3, "not told that the first is in progress, and their work was done in vain"
