"""Signing in: the same answer for every wrong reason, limits that hold exactly, Argon2, the second factor."""

import statistics
import threading
import time
from datetime import timedelta

import pytest
import redis as redis_library
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher, identify_hasher, make_password
from django.utils import timezone
from django_otp.oath import totp

from apps.accounts import exceptions, services
from apps.accounts.models import Authenticator, Session, User
from apps.accounts.roles import Role
from apps.accounts.services import credentials
from apps.common import redis, throttling
from apps.common.exceptions import TooMany
from apps.common.models import AuditEntry
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

WRONG = "Wrong-Horse-7"


def attempt(post, email, password=PASSWORD, **extra):
    return post("auth/login", {"email": email, "password": password}, **extra)


@pytest.fixture
def user():
    return UserFactory(email="amina@example.com", password=PASSWORD)


def test_the_right_password_opens_a_session_with_a_token_pair(post, user):
    before = timezone.now()
    answer = post(
        "auth/login",
        {"email": "Amina@Example.com", "password": PASSWORD, "device": "Amina's phone"},
        HTTP_USER_AGENT="MedivoyApp/3.2 (Android 15)",
        REMOTE_ADDR="192.0.2.7",
    )

    assert answer.status_code == 200
    data, session = answer.json()["data"], Session.objects.get()
    assert data["user"]["id"] == str(user.pk)
    assert data["session_id"] == str(session.pk)
    assert (session.device, session.address) == ("Amina's phone", "192.0.2.7")
    assert timedelta(days=6, hours=23) < session.expires_at - before < timedelta(days=7, minutes=1)
    user.refresh_from_db()
    assert user.last_login >= before


def test_wrong_unknown_inactive_and_passwordless_get_the_very_same_answer(post, user):
    UserFactory(email="inactive@example.com", is_active=False)
    passwordless = UserFactory(email="invited@example.com")
    User.objects.filter(pk=passwordless.pk).update(password=make_password(None))
    attempts = [
        ("amina@example.com", WRONG),
        ("nobody@example.com", PASSWORD),
        ("inactive@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
    ]

    answers = [attempt(post, *each) for each in attempts]

    assert {answer.status_code for answer in answers} == {401}
    bodies = [{**answer.json(), "timestamp": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "auth.wrong_credentials"
    assert not Session.objects.exists()
    reasons = AuditEntry.objects.filter(action="sign_in.failed").order_by("id").values_list("changes", flat=True)
    assert [entry["reason"] for entry in reasons] == [
        "wrong_password", "unknown_account", "inactive_account", "wrong_password",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["wrong", "unknown", "inactive", "passwordless"])
def test_every_wrong_sign_in_hashes_exactly_one_password(post, user, kind, monkeypatch):
    hashed = []
    hasher = identify_hasher(user.password)
    encode = type(hasher).encode
    monkeypatch.setattr(type(hasher), "encode", lambda self, *args: hashed.append(1) or encode(self, *args))
    if kind == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
    if kind == "passwordless":
        User.objects.filter(pk=user.pk).update(password=make_password(None))
        hashed.clear()

    attempt(post, "nobody@example.com" if kind == "unknown" else user.email, WRONG)

    assert len(hashed) == 1


def test_passwords_are_hashed_by_argon2_and_an_unknown_account_takes_as_long(settings, post):
    settings.PASSWORD_HASHERS = [name for name in settings.PASSWORD_HASHERS if "MD5" not in name]
    user = UserFactory(email="argon@example.com", password=PASSWORD)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert attempt(post, user.email).status_code == 200

    def seconds(email):
        credentials.ACCOUNT_LIMIT.forgive(email)
        start = time.perf_counter()
        assert attempt(post, email, WRONG).status_code == 401
        return time.perf_counter() - start

    known = statistics.median(seconds(user.email) for _ in range(5))
    unknown = statistics.median(seconds("nobody@example.com") for _ in range(5))
    assert unknown > known / 4, "without a hash it would be fifty times quicker"


def test_a_hash_made_with_other_parameters_is_read_and_made_anew(settings, post):
    settings.PASSWORD_HASHERS = [name for name in settings.PASSWORD_HASHERS if "MD5" not in name]
    user = UserFactory(email="older@example.com")
    User.objects.filter(pk=user.pk).update(password=Argon2PasswordHasher().encode(PASSWORD, "saltsaltsaltsalt"))

    assert attempt(post, user.email).status_code == 200
    user.refresh_from_db()
    assert "m=19456,t=2,p=1" in user.password
    assert attempt(post, user.email).status_code == 200


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour_even_for_the_right_password(post, user):
    for _ in range(5):
        assert attempt(post, user.email, WRONG).status_code == 401

    for password in [WRONG, PASSWORD]:
        locked = attempt(post, user.email, password)
        assert (locked.status_code, locked.json()["code"]) == (429, "auth.locked_out")
        assert 15 * 60 - 30 <= int(locked["Retry-After"]) <= 15 * 60
    assert not Session.objects.exists()


def test_the_lock_lasts_its_full_time_from_the_last_failure(user):
    for _ in range(4):
        with pytest.raises(exceptions.WrongCredentials):
            services.check_credentials(email=user.email, password=WRONG, address="192.0.2.7")
    key = credentials.ACCOUNT_LIMIT._key(user.email)
    redis.client().pexpire(key, 1000)  # as if the four came nearly a quarter of an hour ago
    with pytest.raises(exceptions.WrongCredentials):
        services.check_credentials(email=user.email, password=WRONG, address="192.0.2.7")

    assert redis.client().ttl(key) > 15 * 60 - 30


def test_an_account_that_does_not_exist_locks_just_the_same(post):
    answers = [attempt(post, "nobody@example.com", WRONG).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_the_right_password_forgets_the_failures_before_it(post, user):
    for _ in range(3):
        for _ in range(4):
            attempt(post, user.email, WRONG)
        assert attempt(post, user.email).status_code == 200


def test_a_locked_account_locks_nobody_else(post, user):
    other = UserFactory()
    for _ in range(6):
        attempt(post, user.email, WRONG)
    assert attempt(post, other.email).status_code == 200


def test_fifty_failures_from_one_address_lock_that_address_only(post, user):
    for number in range(50):
        assert attempt(post, f"n{number}@example.com", WRONG, REMOTE_ADDR="198.51.100.1").status_code == 401

    assert attempt(post, user.email, REMOTE_ADDR="198.51.100.1").status_code == 429
    assert attempt(post, user.email, REMOTE_ADDR="198.51.100.2").status_code == 200


def test_good_sign_ins_do_not_count_against_the_address(post, user):
    for _ in range(60):
        assert attempt(post, user.email, REMOTE_ADDR="198.51.100.1").status_code == 200


def test_one_ipv6_subscriber_is_one_address(post):
    statuses = [
        attempt(post, f"n{number}@example.com", WRONG, REMOTE_ADDR=f"2001:db8::{number:x}").status_code
        for number in range(52)
    ]
    assert statuses == [401] * 50 + [429] * 2


def test_without_redis_nobody_signs_in_and_the_answer_is_503(post, user, monkeypatch):
    def gone(*_args, **_kwargs):
        raise redis_library.ConnectionError

    monkeypatch.setattr(redis, "breaker", redis.Breaker(redis.LEFT_ALONE_SECONDS))
    monkeypatch.setattr(redis_library.Redis, "execute_command", gone)
    answer = attempt(post, user.email)

    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
    assert int(answer["Retry-After"]) > 0
    assert not Session.objects.exists()


def test_a_password_changed_while_it_was_being_checked_does_not_open_a_session(user, monkeypatch):
    checked = credentials.check_credentials

    def check_then_reset(**given):
        found = checked(**given)
        User.objects.filter(pk=found.pk).update(password=make_password("Another-Horse-8"))
        return found

    monkeypatch.setattr(credentials, "check_credentials", check_then_reset)
    with pytest.raises(exceptions.WrongCredentials):
        services.sign_in(email=user.email, password=PASSWORD, origin=services.Origin())
    assert not Session.objects.exists()


def test_an_account_deactivated_while_the_password_was_being_checked_does_not_open_a_session(user, monkeypatch):
    checked = credentials.check_credentials

    def check_then_deactivate(**given):
        found = checked(**given)
        User.objects.filter(pk=found.pk).update(is_active=False)
        return found

    monkeypatch.setattr(credentials, "check_credentials", check_then_deactivate)
    with pytest.raises(exceptions.WrongCredentials):
        services.sign_in(email=user.email, password=PASSWORD, origin=services.Origin())
    assert not Session.objects.exists()


def test_success_and_failure_stand_in_the_audit_trail_with_address_and_without_password(post, user):
    attempt(post, user.email, WRONG, REMOTE_ADDR="192.0.2.9", HTTP_USER_AGENT="app/1")
    attempt(post, user.email, REMOTE_ADDR="192.0.2.9", HTTP_USER_AGENT="app/1")

    failed = AuditEntry.objects.get(action="sign_in.failed")
    succeeded = AuditEntry.objects.get(action="sign_in.succeeded")
    assert (failed.actor_id, failed.object_id) == (None, str(user.pk))
    assert (succeeded.actor_id, succeeded.object_id) == (user.pk, str(user.pk))
    assert {failed.address, succeeded.address} == {"192.0.2.9"}
    trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert PASSWORD not in trail
    assert WRONG not in trail


@pytest.mark.parametrize(
    "body",
    [{}, {"email": "a@example.com"}, {"password": "x"}, {"email": "x", "password": "y"}, [], "text", None, 7,
     {"email": {"a": 1}, "password": ["b"]}, {"email": "a@example.com", "password": "x" * 2000}],
)  # fmt: skip
def test_a_body_that_is_no_sign_in_is_400(post, body):
    assert post("auth/login", body, format="json").status_code in {400, 401}
    assert not Session.objects.exists()


def test_an_expired_token_sent_along_does_not_hinder_signing_in(post, user):
    answer = attempt(post, user.email, HTTP_AUTHORIZATION="Bearer expired.or.broken")
    assert answer.status_code == 200


# --- Exactly so many, however many at once ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_32_wrong_sign_ins_at_once_exactly_five_are_looked_at(together, post, user):
    answers = together(32, lambda _number: attempt(post, user.email, WRONG))

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [401] * 5 + [429] * 27
    assert AuditEntry.objects.filter(action="sign_in.failed").count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_right_password_hidden_among_32_at_once_is_found_by_no_more_than_five_tries(together, post, user):
    """An attacker's list of 32 passwords, the right one among the last."""
    answers = together(32, lambda number: attempt(post, user.email, PASSWORD if number == 31 else f"{WRONG}{number}"))

    looked_at = [answer for answer in answers if answer.status_code in {200, 401}]
    found = [answer for answer in answers if answer.status_code == 200]
    assert len(answers) == 32
    assert len(found) <= 1
    assert len(looked_at) == 5 or found


@pytest.mark.django_db(transaction=True)
def test_control_a_limit_that_looks_before_it_counts_lets_more_than_five_pass(together, post, user, monkeypatch):
    """With the atomic count replaced by look-then-count, as in many a framework's throttle, the guard fails."""
    looked = threading.Barrier(32, timeout=30)

    def naive_take(self, key):
        if self is not credentials.ACCOUNT_LIMIT:
            return
        client = redis.client()
        used = int(client.get(self._key(key)) or 0)
        looked.wait()
        if used >= self.attempts:
            raise TooMany(retry_after=1)
        client.set(self._key(key), used + 1, ex=self.seconds)

    monkeypatch.setattr(throttling.Limit, "take", naive_take)
    answers = together(32, lambda _number: attempt(post, user.email, WRONG))

    assert sum(answer.status_code == 401 for answer in answers) > 5


# --- The second factor -----------------------------------------------------------------------------------------------


@pytest.fixture
def coordinator_with_app(db):
    person = UserFactory(role=Role.COORDINATOR, password=PASSWORD)
    device = Authenticator.objects.create(user=person, name="authenticator", confirmed=True)
    return person, lambda: f"{totp(device.bin_key):06d}"


def test_who_has_a_second_factor_needs_it_at_the_api_too(post, coordinator_with_app):
    person, _code = coordinator_with_app
    missing = attempt(post, person.email)
    wrong = post("auth/login", {"email": person.email, "password": PASSWORD, "one_time_code": "000000"})

    assert (missing.status_code, missing.json()["code"]) == (401, "auth.second_factor_required")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "auth.second_factor_wrong")
    assert not Session.objects.exists()


def test_the_right_code_of_the_app_signs_in_and_works_once(post, coordinator_with_app):
    person, code = coordinator_with_app
    body = {"email": person.email, "password": PASSWORD, "one_time_code": code()}

    assert post("auth/login", body).status_code == 200
    assert post("auth/login", body).status_code == 401
    assert Session.objects.count() == 1


def test_the_second_factor_is_asked_for_only_after_the_right_password(post, coordinator_with_app):
    person, _code = coordinator_with_app
    assert attempt(post, person.email, WRONG).json()["code"] == "auth.wrong_credentials"


def test_codes_of_the_app_are_limited_too(post, coordinator_with_app):
    person, _code = coordinator_with_app
    statuses = []
    for number in range(7):
        body = {"email": person.email, "password": PASSWORD, "one_time_code": f"{number:06d}"}
        statuses.append(post("auth/login", body).status_code)
    assert statuses == [401] * 5 + [429] * 2


def test_a_role_that_must_have_a_second_factor_does_not_get_round_it_by_the_api(post, settings):
    settings.SECOND_FACTOR_REQUIRED_ROLES = ["admin", "coordinator"]
    person = UserFactory(role=Role.ADMIN, password=PASSWORD)
    answer = attempt(post, person.email)

    assert (answer.status_code, answer.json()["code"]) == (403, "auth.second_factor_not_set_up")
    assert not Session.objects.exists()


def test_a_token_lives_a_quarter_of_an_hour(post, user, api):
    access = attempt(post, user.email).json()["data"]["access"]
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    with time_machine.travel(timezone.now() + timedelta(minutes=14, seconds=50), tick=False):
        assert client.get("/api/v1/auth/profile").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert client.get("/api/v1/auth/profile").status_code == 401
