"""Refresh tokens rotate, a used one ends the session, six at once hold one; devices are seen and signed out."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from apps.accounts import exceptions, services, tokens
from apps.accounts.models import Session
from apps.accounts.services import sessions
from apps.common import ids
from apps.common.models import AuditEntry
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return UserFactory(password=PASSWORD)


@pytest.fixture
def pair(user, post):
    return post("auth/login", {"email": user.email, "password": PASSWORD}).json()["data"]


@pytest.fixture
def refresh(post):
    return lambda token, **extra: post("auth/refresh", {"refresh": token}, **extra)


def bearer(access):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def jti(token):
    return tokens.read(RefreshToken, token)["jti"]


def test_a_refresh_token_is_exchanged_for_a_new_pair_of_the_same_session(refresh, pair):
    answer = refresh(pair["refresh"])

    assert answer.status_code == 200
    data, session = answer.json()["data"], Session.objects.get()
    assert set(data) == {"access", "refresh", "access_expires_at", "refresh_expires_at", "session_id"}
    assert data["session_id"] == pair["session_id"]
    assert data["refresh"] != pair["refresh"]
    assert session.current_jti == jti(data["refresh"])
    assert session.previous_jti == jti(pair["refresh"])
    assert bearer(data["access"]).get("/api/v1/auth/profile").status_code == 200


def test_each_refresh_moves_the_expiry_a_week_ahead(refresh, pair):
    later = timezone.now() + timedelta(days=6)
    with time_machine.travel(later, tick=False):
        refresh(pair["refresh"])
    assert Session.objects.get().expires_at == later + timedelta(days=7)


def test_a_session_not_refreshed_for_a_week_is_over(refresh, pair):
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert refresh(pair["refresh"]).status_code == 401
    assert Session.objects.get().ended_at is None, "it expired, nobody ended it"


def test_a_phone_that_lost_the_answer_gets_the_same_refresh_token_again_for_ten_seconds(refresh, pair):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        first = refresh(pair["refresh"]).json()["data"]
    with time_machine.travel(now + timedelta(seconds=10), tick=False):
        again = refresh(pair["refresh"])

    assert again.status_code == 200
    assert again.json()["data"]["refresh"] == first["refresh"]
    assert Session.objects.get().ended_at is None


def test_a_used_token_after_ten_seconds_ends_the_whole_session_and_the_end_is_kept(refresh, pair):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        second = refresh(pair["refresh"]).json()["data"]
    with time_machine.travel(now + timedelta(seconds=11), tick=False):
        stolen = refresh(pair["refresh"])
        assert (stolen.status_code, stolen.json()["code"]) == (401, "auth.token_reused")
        session = Session.objects.get()
        assert (session.ended_at, session.end_reason) == (now + timedelta(seconds=11), "token_reused")
        assert AuditEntry.objects.filter(action="session.token_reused", object_id=str(session.pk)).count() == 1
        owner = refresh(second["refresh"])
        assert (owner.status_code, owner.json()["code"]) == (401, "auth.session_ended")
        assert bearer(second["access"]).get("/api/v1/auth/profile").status_code == 401


def test_a_token_two_rotations_old_ends_the_session_at_once(refresh, pair):
    second = refresh(pair["refresh"]).json()["data"]
    refresh(second["refresh"])

    assert refresh(pair["refresh"]).json()["code"] == "auth.token_reused"
    assert Session.objects.get().end_reason == "token_reused"


def test_the_end_of_one_session_leaves_the_persons_others(refresh, pair, user, post):
    other = post("auth/login", {"email": user.email, "password": PASSWORD}).json()["data"]
    second = refresh(pair["refresh"]).json()["data"]
    refresh(second["refresh"])
    refresh(pair["refresh"])

    assert refresh(other["refresh"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_six_concurrent_refreshes_of_one_token_all_succeed_and_hold_one_token(together, refresh, pair):
    answers = together(6, lambda _number: refresh(pair["refresh"]))

    assert [answer.status_code for answer in answers] == [200] * 6
    held = {answer.json()["data"]["refresh"] for answer in answers}
    assert len(held) == 1
    session = Session.objects.get()
    assert session.current_jti == jti(held.pop())
    assert session.ended_at is None


@pytest.mark.django_db(transaction=True)
def test_control_without_the_rows_lock_concurrent_refreshes_hold_different_tokens(together, refresh, pair, monkeypatch):
    read = threading.Barrier(6, timeout=30)

    def unlocked(**lookup):
        session = Session.objects.select_related("user").get(**lookup)
        read.wait()
        return session

    monkeypatch.setattr(sessions, "_locked", unlocked)
    answers = together(6, lambda _number: refresh(pair["refresh"]))

    assert len({answer.json()["data"]["refresh"] for answer in answers}) > 1


@pytest.mark.django_db(transaction=True)
def test_a_refresh_racing_with_a_new_password_never_survives_it(together, refresh, pair, user):
    def act(number):
        if number == 0:
            services.change_password(
                user,
                current_password=PASSWORD,
                new_password="Fresh-Start-42",
                confirm_password="Fresh-Start-42",
                origin=None,
            )
            return None
        return refresh(pair["refresh"])

    together(6, act)
    assert not Session.objects.live(timezone.now()).exists()


# --- Signing out -----------------------------------------------------------------------------------------------------


def test_signing_out_ends_this_session_at_once_and_no_other(api, user):
    here, there = api(user), api(user)
    answer = here.post("/api/v1/auth/logout")

    assert answer.status_code == 200
    assert answer.json()["data"] == {"ended_sessions": 1}
    assert here.get("/api/v1/auth/profile").status_code == 401
    assert there.get("/api/v1/auth/profile").status_code == 200
    here.session_row.refresh_from_db()
    assert here.session_row.end_reason == "signed_out"


def test_signing_out_everywhere_ends_all_of_ones_own(api, user, coordinator):
    here, there, elsewhere = api(user), api(user), api(coordinator)
    answer = here.post("/api/v1/auth/logout", {"all": True})

    assert answer.json()["data"] == {"ended_sessions": 2}
    assert there.get("/api/v1/auth/profile").status_code == 401
    assert elsewhere.get("/api/v1/auth/profile").status_code == 200


def test_one_sees_ones_own_live_devices_newest_first_and_which_one_this_is(api, user, coordinator):
    here, there = api(user), api(user)
    api(coordinator)
    gone = api(user)
    gone.post("/api/v1/auth/logout")
    Session.objects.filter(pk=there.session_row.pk).update(device="Tablet", last_seen_at=timezone.now())
    Session.objects.filter(pk=here.session_row.pk).update(last_seen_at=timezone.now() - timedelta(minutes=4))

    listed = here.get("/api/v1/auth/sessions").json()

    assert [(row["id"], row["is_current"]) for row in listed["data"]] == [
        (str(there.session_row.pk), False),
        (str(here.session_row.pk), True),
    ]
    assert set(listed["data"][0]) == {
        "id", "device", "user_agent", "address", "created_at", "last_seen_at", "expires_at", "is_current",
    }  # fmt: skip
    assert listed["meta"]["pagination"]["total_items"] == 2


def test_one_device_of_ones_own_is_signed_out(api, user):
    here, there = api(user), api(user)
    assert here.delete(f"/api/v1/auth/sessions/{there.session_row.pk}").status_code == 204

    assert there.get("/api/v1/auth/profile").status_code == 401
    there.session_row.refresh_from_db()
    assert there.session_row.end_reason == "revoked"
    assert here.delete(f"/api/v1/auth/sessions/{there.session_row.pk}").status_code == 404, "it is gone already"


def test_anothers_device_is_404_for_everyone_admins_included(api, user, coordinator, platform_admin):
    theirs = api(user).session_row
    for other in [coordinator, platform_admin]:
        assert api(other).delete(f"/api/v1/auth/sessions/{theirs.pk}").status_code == 404
        assert api(other).delete(f"/api/v1/auth/sessions/{ids.uuid7()}").status_code == 404
    theirs.refresh_from_db()
    assert theirs.ended_at is None


def test_last_seen_is_written_at_most_every_five_minutes(api, user, django_assert_num_queries):
    client = api(user)
    with django_assert_num_queries(1):
        client.get("/api/v1/auth/profile")
    Session.objects.filter(pk=client.session_row.pk).update(last_seen_at=timezone.now() - timedelta(minutes=6))
    client.get("/api/v1/auth/profile")
    assert timezone.now() - Session.objects.get().last_seen_at < timedelta(seconds=10)


def test_a_session_ends_once_and_keeps_its_first_reason(api, user):
    client = api(user)
    services.sign_out(client.session_row)
    services.end_all_sessions(user, reason=Session.End.DEACTIVATED, now=timezone.now())
    client.session_row.refresh_from_db()
    assert client.session_row.end_reason == "signed_out"


def test_the_service_refuses_what_is_no_token():
    for text in ["", "x", "a.b.c", "é" * 50]:
        with pytest.raises(exceptions.TokenInvalid):
            services.refresh_session(text)
