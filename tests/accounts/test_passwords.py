"""Passwords: forgotten and set by a link, changed, invited; a new one ends every session."""

import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts import exceptions, services
from apps.accounts.models import OneTimeSecret, Session, User
from apps.accounts.roles import Role
from apps.accounts.services import passwords
from apps.common.exceptions import Forbidden
from apps.common.models import AuditEntry
from apps.notifications.models import Message
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "Fresh-Start-42"


@pytest.fixture
def user(db):
    return UserFactory(email="amina@example.com", password=PASSWORD)


@pytest.fixture
def token(user, post, sent):
    post("auth/forgot-password", {"email": user.email})
    return token_of(sent(user, "accounts.reset_password")["link"])


def token_of(link):
    return urlsplit(link).fragment.removeprefix("token=")


def reset(post, token, new=NEW, confirm=None):
    body = {"token": token, "new_password": new, "confirm_password": new if confirm is None else confirm}
    return post("auth/reset-password", body)


def signs_in(post, email, password):
    return post("auth/login", {"email": email, "password": password}).status_code == 200


# --- Forgotten -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unknown", "inactive"])
def test_asking_for_a_link_answers_the_same_and_does_the_same_work_for_everyone(post, user, kind):
    if kind == "inactive":
        UserFactory(email="other@example.com", is_active=False)
    with CaptureQueriesContext(connection) as for_known:
        known = post("auth/forgot-password", {"email": user.email})
    with CaptureQueriesContext(connection) as for_other:
        other = post("auth/forgot-password", {"email": "other@example.com"})

    assert known.status_code == other.status_code == 200
    assert {**known.json(), "timestamp": ""} == {**other.json(), "timestamp": ""}
    assert abs(len(for_known) - len(for_other)) <= 1, "one ends in a release, the other in a roll-back"
    assert Message.objects.count() == OneTimeSecret.objects.count() == 1, "nothing is kept or sent for the other"


@pytest.mark.parametrize(
    ("role", "base"), [(Role.PATIENT, "https://app.example.com"), (Role.COORDINATOR, "https://medivoy.example.com")]
)
def test_the_link_leads_to_the_app_or_for_staff_to_the_admin_with_the_token_behind_the_hash(
    post, sent, settings, role, base
):
    settings.APP_URL, settings.PUBLIC_URL = "https://app.example.com", "https://medivoy.example.com"
    person = UserFactory(role=role)
    post("auth/forgot-password", {"email": person.email.upper()})

    link = urlsplit(sent(person, "accounts.reset_password")["link"])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{base}/set-password"
    assert not link.query
    assert len(token_of(link.geturl())) == 43


def test_links_are_asked_for_five_times_an_hour_known_or_not(post, user):
    for email in [user.email, "nobody@example.com"]:
        statuses = [post("auth/forgot-password", {"email": email}).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2


# --- Set by a link ---------------------------------------------------------------------------------------------------


def test_the_link_sets_the_password_ends_every_session_and_tells_the_person(post, api, user, token):
    device = api(user)
    answer = reset(post, token)

    assert answer.status_code == 200
    assert not signs_in(post, user.email, PASSWORD)
    assert signs_in(post, user.email, NEW)
    assert device.get("/api/v1/auth/profile").status_code == 401
    device.session_row.refresh_from_db()
    assert device.session_row.end_reason == "password_changed"
    assert Message.objects.filter(recipient=user, kind="accounts.password_changed").exists()


def test_the_link_proves_the_address_it_was_sent_to(post, token, user):
    User.objects.filter(pk=user.pk).update(email_verified_at=None)
    reset(post, token)
    user.refresh_from_db()
    assert user.email_verified_at is not None


def test_a_link_works_once(post, token):
    assert reset(post, token).status_code == 200
    again = reset(post, token, "Another-Start-43")
    assert (again.status_code, again.json()["code"]) == (400, "accounts.link_invalid")


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3601, 400)])
def test_a_link_is_good_for_an_hour(post, token, seconds, status):
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        assert reset(post, token).status_code == status


def test_a_newer_link_replaces_the_older(post, user, token, sent):
    post("auth/forgot-password", {"email": user.email})
    assert reset(post, token).status_code == 400
    assert reset(post, token_of(sent(user, "accounts.reset_password")["link"])).status_code == 200


def test_a_new_password_makes_every_older_link_void(post, api, user, token):
    assert change(api(user)).status_code == 200
    assert reset(post, token, "Third-Start-43").status_code == 400
    assert signs_in(post, user.email, NEW)


def test_a_deactivated_persons_link_does_not_work(post, user, token):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert reset(post, token).status_code == 400


@pytest.mark.parametrize("bad", ["", "x", "x" * 43, "é", "' OR 1=1 --", "x" * 500])
def test_what_is_no_token_is_400(post, user, token, bad):
    assert reset(post, bad).status_code == 400


@pytest.mark.parametrize(("new", "confirm"), [("weak", None), (NEW, "Other-Start-42"), ("Amina@Example.Com7", None)])
def test_a_weak_or_mistyped_password_does_not_use_the_link_up(post, user, token, new, confirm):
    refused = reset(post, token, new, confirm)
    assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")
    assert signs_in(post, user.email, PASSWORD)
    assert reset(post, token).status_code == 200


def test_the_token_is_kept_only_as_a_hash(token):
    assert token not in OneTimeSecret.objects.get().digest


def test_an_e_mail_code_is_no_token(post, user):
    _secret, code = services.registration.secrets.issue_code(
        user, "verify_email", sent_to=user.email, now=timezone.now()
    )
    assert reset(post, code).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_link_used_16_times_at_once_sets_one_password(together, post, user, token):
    answers = together(16, lambda number: reset(post, token, f"Fresh-Start-{number}"))

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [400] * 15
    assert signs_in(post, user.email, f"Fresh-Start-{statuses.index(200)}")


@pytest.mark.django_db(transaction=True)
def test_control_without_the_persons_lock_a_link_is_used_more_than_once(together, post, user, token, monkeypatch):
    looked = threading.Barrier(16, timeout=30)
    real = passwords.secrets.rules.why_not_use_secret
    calls = threading.local()

    def look(secret, *, now):
        answer = real(secret, now=now)
        calls.count = getattr(calls, "count", 0) + 1
        if calls.count == 2:  # the look under what should be the lock
            looked.wait()
        return answer

    monkeypatch.setattr(type(User.objects.all()), "select_for_update", lambda self, **_given: self)
    monkeypatch.setattr(passwords.secrets.rules, "why_not_use_secret", look)
    answers = together(16, lambda number: reset(post, token, f"Fresh-Start-{number}"))

    assert sum(answer.status_code == 200 for answer in answers) > 1


# --- Changed ---------------------------------------------------------------------------------------------------------


def change(client, current=PASSWORD, new=NEW, confirm=None):
    body = {
        "current_password": current,
        "new_password": new,
        "confirm_password": new if confirm is None else confirm,
    }
    return client.post("/api/v1/auth/change-password", body)


def test_changing_ends_every_session_and_gives_this_device_a_new_one(api, user, post):
    here, there = api(user), api(user)
    Session.objects.filter(pk=here.session_row.pk).update(device="Amina's phone")
    answer = change(here)

    assert answer.status_code == 200
    for client in [here, there]:
        assert client.get("/api/v1/auth/profile").status_code == 401
    here.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['data']['access']}")
    assert here.get("/api/v1/auth/profile").status_code == 200
    assert Session.objects.live(timezone.now()).get().device == "Amina's phone"
    assert signs_in(post, user.email, NEW)
    assert Message.objects.filter(recipient=user, kind="accounts.password_changed").exists()
    assert AuditEntry.objects.filter(action="password.changed", actor=user).exists()


@pytest.mark.parametrize(
    ("current", "new", "confirm", "code", "field"),
    [
        ("Wrong-Horse-7", NEW, None, "accounts.wrong_password", "current_password"),
        (PASSWORD, NEW, "Other-Start-42", "request.invalid", "confirm_password"),
        (PASSWORD, "weak", None, "request.invalid", "new_password"),
        (PASSWORD, PASSWORD, None, "request.invalid", "new_password"),
    ],
)
def test_a_refused_change_changes_nothing(api, user, post, current, new, confirm, code, field):
    client = api(user)
    answer = change(client, current, new, confirm)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert list(answer.json()["errors"]) == [field]
    assert client.get("/api/v1/auth/profile").status_code == 200
    assert signs_in(post, user.email, PASSWORD)
    assert not Message.objects.exists()


def test_a_stolen_token_guesses_the_password_five_times_only(api, user):
    client = api(user)
    statuses = [change(client, f"Wrong-Horse-{number}").status_code for number in range(6)]
    assert statuses == [400] * 5 + [429]
    assert change(client).status_code == 429


def test_a_browser_that_changes_the_password_gets_no_device_session(user, api):
    device = api(user)
    services.change_password(user, current_password=PASSWORD, new_password=NEW, confirm_password=NEW, origin=None)
    assert not Session.objects.live(timezone.now()).exists()
    device.session_row.refresh_from_db()
    assert device.session_row.ended_at is not None


def test_passwords_and_tokens_stand_in_no_audit_entry(api, user, post, token):
    change(api(user))
    reset(post, token, "Third-Start-43")
    trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    for secret in [PASSWORD, NEW, "Third-Start-43", token, User.objects.get(pk=user.pk).password]:
        assert secret not in trail


# --- Invited ---------------------------------------------------------------------------------------------------------


def invite(api, platform_admin, **changes):
    body = {"email": "grace@example.com", "first_name": "Grace", "last_name": "Mensah", "role": "coordinator"}
    return api(platform_admin).post("/api/v1/users", {**body, **changes})


def test_an_invited_person_sets_a_password_by_the_link_and_signs_in(api, platform_admin, post, sent):
    answer = invite(api, platform_admin)
    assert answer.status_code == 201
    person = User.objects.get(email="grace@example.com")
    assert not person.has_usable_password()
    context = sent(person, "accounts.invitation")
    assert context["invited_by"] == platform_admin.full_name

    assert reset(post, token_of(context["link"])).status_code == 200
    assert signs_in(post, person.email, NEW)
    person.refresh_from_db()
    assert person.email_verified_at is not None
    assert not Message.objects.filter(kind="accounts.password_changed").exists(), "a first password is no change"


@pytest.mark.parametrize(("hours", "status"), [(71.9, 200), (72.1, 400)])
def test_an_invitation_is_good_for_72_hours(api, platform_admin, post, sent, hours, status):
    invite(api, platform_admin)
    link = sent(User.objects.get(email="grace@example.com"), "accounts.invitation")["link"]
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
        assert reset(post, token_of(link)).status_code == status


def test_an_invitation_is_void_once_a_password_is_set_by_another_link(api, platform_admin, post, sent):
    invite(api, platform_admin)
    person = User.objects.get(email="grace@example.com")
    invitation = token_of(sent(person, "accounts.invitation")["link"])
    post("auth/forgot-password", {"email": person.email})
    assert reset(post, token_of(sent(person, "accounts.reset_password")["link"])).status_code == 200

    assert reset(post, invitation, "Third-Start-43").status_code == 400
    assert signs_in(post, person.email, NEW)


def test_an_invitation_is_sent_again_until_a_password_is_set(api, platform_admin, post, sent):
    invite(api, platform_admin)
    person = User.objects.get(email="grace@example.com")
    first = token_of(sent(person, "accounts.invitation")["link"])
    services.send_invitation(person, by=platform_admin)
    second = token_of(sent(person, "accounts.invitation")["link"])

    assert reset(post, first).status_code == 400
    assert reset(post, second).status_code == 200
    person.refresh_from_db()
    with pytest.raises(exceptions.AlreadySetUp):
        services.send_invitation(person, by=platform_admin)


def test_nobody_but_an_admin_invites_staff_and_nobody_inactive_is_invited(platform_admin, coordinator, user):
    User.objects.filter(pk=user.pk).update(password=make_password(None), is_active=False, role=Role.SUPPORT)
    user.refresh_from_db()
    with pytest.raises(Forbidden):
        services.send_invitation(user, by=coordinator)
    with pytest.raises(exceptions.AlreadySetUp):
        services.send_invitation(user, by=platform_admin)
    assert not Message.objects.exists()


def test_a_coordinator_invites_patients(coordinator, support_agent, user):
    User.objects.filter(pk=user.pk).update(password=make_password(None), role=Role.PATIENT)
    user.refresh_from_db()
    with pytest.raises(Forbidden):
        services.send_invitation(user, by=support_agent)
    services.send_invitation(user, by=coordinator)
    assert Message.objects.filter(recipient=user, kind="accounts.invitation").exists()


def test_a_patient_can_be_invited_and_has_a_profile(api, platform_admin):
    answer = invite(api, platform_admin, role="patient", details={"country": "KE"})
    assert answer.status_code == 201
    assert User.objects.get(email="grace@example.com").patient.country.code == "KE"


def test_inviting_a_taken_address_is_a_conflict(api, platform_admin, user):
    answer = invite(api, platform_admin, email=user.email)
    assert (answer.status_code, answer.json()["code"]) == (409, "accounts.email_taken")
    assert not Message.objects.exists()


def test_an_account_without_a_password_cannot_be_signed_in_to(post, user):
    User.objects.filter(pk=user.pk).update(password=make_password(None))
    assert not signs_in(post, user.email, PASSWORD)
    assert not signs_in(post, user.email, "")
