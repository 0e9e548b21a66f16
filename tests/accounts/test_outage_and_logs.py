"""What closes without Redis and what goes on; and that no password, code or token gets into a log line."""

import logging

import pytest
import redis as redis_library

from apps.accounts.models import User
from apps.common import redis
from medivoy.beat import SCHEDULE
from medivoy.celery import app
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

EMAIL = {"email": "amina@example.com"}
NEW = {"new_password": "Fresh-Start-42", "confirm_password": "Fresh-Start-42"}


@pytest.fixture
def without_redis(monkeypatch):
    def gone(*_args, **_kwargs):
        raise redis_library.ConnectionError

    monkeypatch.setattr(redis, "breaker", redis.Breaker(redis.LEFT_ALONE_SECONDS))
    monkeypatch.setattr(redis_library.Redis, "execute_command", gone)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("auth/login", {**EMAIL, "password": PASSWORD}),
        ("auth/verify-email", {**EMAIL, "code": "AAAAAA"}),
        ("auth/resend-verification", EMAIL),
        ("auth/forgot-password", EMAIL),
        ("auth/reset-password", {"token": "x" * 43, **NEW}),
        ("auth/verify-phone", {"code": "AAAAAA"}),
        ("auth/change-password", {"current_password": PASSWORD, **NEW}),
    ],
)
def test_whatever_could_be_guessed_is_closed_without_redis(api, post, without_redis, path, body):
    user = UserFactory(**EMAIL, password=PASSWORD, phone="+442079460018")
    answer = post(path, body, client=api(user))

    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
    assert int(answer["Retry-After"]) > 0
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "auth/profile", None, 200),
        ("patch", "auth/profile", {"language": "es"}, 200),
        ("get", "auth/sessions", None, 200),
        ("post", "auth/logout", {}, 200),
        ("get", "users", None, 200),
    ],
)
def test_everything_else_goes_on_without_redis(api, platform_admin, without_redis, method, path, body, status):
    answer = getattr(api(platform_admin), method)(f"/api/v1/{path}", body)
    assert answer.status_code == status


def test_a_device_stays_signed_in_without_redis(post, without_redis, registration):
    pair = post("auth/register", registration).json()["data"]
    assert post("auth/refresh", {"refresh": pair["refresh"]}).status_code == 200


def test_no_log_line_holds_a_password_a_code_a_token_or_an_address(post, api, sent, registration, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    pair = post("auth/register", registration).json()["data"]
    user = User.objects.get()
    code = sent(user, "accounts.welcome")["code"]
    post("auth/verify-email", {"email": user.email, "code": "WRONG7"})
    post("auth/verify-email", {"email": user.email, "code": code})
    post("auth/login", {"email": user.email, "password": "Wrong-Horse-7"})
    login = post("auth/login", {"email": user.email, "password": PASSWORD}).json()["data"]
    refreshed = post("auth/refresh", {"refresh": pair["refresh"]}).json()["data"]
    post("auth/forgot-password", {"email": user.email})
    token = sent(user, "accounts.reset_password")["link"].split("token=")[1]
    post("auth/reset-password", {"token": token, **NEW})
    post("auth/reset-password", {"token": token, **NEW})
    written = caplog.text + "".join(capfd.readouterr())

    assert "auth/login" in written, "the control: requests are logged at all"
    secrets = [
        PASSWORD, "Wrong-Horse-7", NEW["new_password"], code, token, user.password, user.email, user.last_name,
        pair["access"], pair["refresh"], login["access"], login["refresh"], refreshed["access"], refreshed["refresh"],
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in written] == []


def test_the_job_that_cleans_up_is_on_the_schedule_and_known_to_the_workers():
    app.loader.import_default_modules()
    assert "accounts.clean_up" in {line["task"] for line in SCHEDULE.values()}
    assert app.tasks["accounts.clean_up"].run()["sessions"] == 0
