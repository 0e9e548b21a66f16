"""Decisions about accounts, at their boundaries."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from apps.accounts import exceptions, rules
from apps.accounts.models import OneTimeSecret, Session, User
from apps.accounts.roles import Role
from apps.common import ids
from apps.common.exceptions import Forbidden

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CURRENT, PREVIOUS, OLDER = (ids.uuid7() for _ in range(3))


def session(**fields):
    given = {"user": User(), "current_jti": CURRENT, "previous_jti": PREVIOUS, "rotated_at": NOW, "last_seen_at": NOW}
    return Session(**{**given, "expires_at": NOW + timedelta(days=7), **fields})


def secret(**fields):
    given = {"user": User(), "purpose": "verify_email", "expires_at": NOW + timedelta(minutes=10)}
    return OneTimeSecret(**{**given, **fields})


@pytest.mark.parametrize(
    ("jti", "age", "outcome"),
    [
        (CURRENT, timedelta(0), rules.Refresh.ROTATE),
        (CURRENT, timedelta(days=6), rules.Refresh.ROTATE),
        (PREVIOUS, timedelta(0), rules.Refresh.REPEAT),
        (PREVIOUS, timedelta(seconds=10), rules.Refresh.REPEAT),
        (PREVIOUS, timedelta(seconds=10, microseconds=1), rules.Refresh.REUSED),
        (OLDER, timedelta(0), rules.Refresh.REUSED),
        (UUID(int=0), timedelta(0), rules.Refresh.REUSED),
    ],
)
def test_a_refresh_token_is_judged_by_its_place_in_the_row_of_tokens_and_its_age(jti, age, outcome):
    assert rules.judge_refresh(session(), jti=jti, now=NOW + age) is outcome


def test_a_session_never_refreshed_has_no_previous_token():
    assert rules.judge_refresh(session(previous_jti=None), jti=OLDER, now=NOW) is rules.Refresh.REUSED


@pytest.mark.parametrize(
    ("fields", "usable"),
    [
        ({}, True),
        ({"expires_at": NOW + SECOND}, True),
        ({"expires_at": NOW}, False),
        ({"ended_at": NOW - SECOND, "end_reason": "signed_out"}, False),
        ({"user": User(is_active=False)}, False),
    ],
)
def test_a_session_is_usable_until_it_ends_or_expires_and_while_its_person_is_active(fields, usable):
    assert (rules.why_not_use_session(session(**fields), now=NOW) is None) is usable


@pytest.mark.parametrize(
    ("age", "expiry"),
    [
        (timedelta(0), timedelta(days=7)),
        (timedelta(days=83), timedelta(days=90)),
        (timedelta(days=83, seconds=1), timedelta(days=90)),
        (timedelta(days=89), timedelta(days=90)),
    ],
)
def test_a_session_lives_a_week_after_each_refresh_and_never_beyond_ninety_days(age, expiry):
    assert rules.session_expiry(started_at=NOW, now=NOW + age, lifetime=timedelta(days=7)) == NOW + expiry


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({}, None),
        ({"failed_attempts": 4}, None),
        ({"failed_attempts": 5}, exceptions.CodeInvalid),
        ({"expires_at": NOW + SECOND}, None),
        ({"expires_at": NOW}, exceptions.CodeInvalid),
        ({"used_at": NOW - SECOND}, exceptions.CodeInvalid),
        ({"user": User(is_active=False)}, exceptions.CodeInvalid),
        ({"purpose": "verify_phone", "failed_attempts": 5}, exceptions.CodeInvalid),
        ({"purpose": "reset_password"}, None),
        ({"purpose": "reset_password", "expires_at": NOW}, exceptions.LinkInvalid),
        ({"purpose": "accept_invitation", "used_at": NOW}, exceptions.LinkInvalid),
    ],
)
def test_a_code_or_link_works_once_until_it_expires_and_a_code_for_five_tries(fields, refusal):
    assert type(rules.why_not_use_secret(secret(**fields), now=NOW)) is (refusal or type(None))


@pytest.mark.parametrize("role", Role.values)
def test_only_patients_and_doctors_register(role):
    assert (rules.why_not_register_as(role) is None) is (role in {"patient", "doctor"})


def person(role, **fields):
    return User(role=role, **fields)


ADMIN = person(Role.ADMIN)


@pytest.mark.parametrize(
    ("user", "by", "others", "refusal"),
    [
        (person(Role.PATIENT), ADMIN, 0, None),
        (person(Role.ADMIN), ADMIN, 1, None),
        (person(Role.ADMIN), ADMIN, 0, exceptions.LastAdmin),
        (ADMIN, ADMIN, 5, exceptions.NotYourself),
        (person(Role.PATIENT), person(Role.COORDINATOR), 5, Forbidden),
        (person(Role.PATIENT), person(Role.ADMIN, is_active=False), 5, Forbidden),
    ],
)
def test_admins_deactivate_others_but_never_themselves_nor_the_last_admin(user, by, others, refusal):
    assert type(rules.why_not_deactivate(user, by=by, other_active_admins=others)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("user", "to", "by", "others", "refusal"),
    [
        (person(Role.SUPPORT), Role.COORDINATOR, ADMIN, 0, None),
        (person(Role.SUPPORT), Role.ADMIN, ADMIN, 0, None),
        (person(Role.ADMIN), Role.SUPPORT, ADMIN, 1, None),
        (person(Role.ADMIN), Role.SUPPORT, ADMIN, 0, exceptions.LastAdmin),
        (person(Role.PATIENT), Role.ADMIN, ADMIN, 1, exceptions.RoleIsFixed),
        (person(Role.DOCTOR), Role.PATIENT, ADMIN, 1, exceptions.RoleIsFixed),
        (person(Role.SUPPORT), Role.DOCTOR, ADMIN, 1, exceptions.RoleIsFixed),
        (ADMIN, Role.SUPPORT, ADMIN, 5, exceptions.NotYourself),
        (person(Role.SUPPORT), Role.ADMIN, person(Role.SUPPORT), 5, Forbidden),
    ],
)
def test_admins_give_staff_other_staff_roles(user, to, by, others, refusal):
    assert type(rules.why_not_change_role(user, to, by=by, other_active_admins=others)) is (refusal or type(None))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_attempts_are_counted_by_what_one_subscriber_has(address, network):
    assert rules.network_of(address) == network


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Edg/142.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("MedivoyApp/3.2 (Android 15; Pixel 9)", "Android"),
        ("curl/8.5.0", "curl"),
        ("", ""),
    ],
)
def test_a_device_is_called_what_its_owner_knows_it_by(user_agent, name):
    assert rules.device_name(user_agent) == name
