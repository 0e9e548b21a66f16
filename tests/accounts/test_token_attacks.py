"""Tokens that are not ours, not for this, not any more: none is accepted, and none breaks anything."""

import base64
import hmac
import json
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts import tokens
from apps.accounts.models import Session
from apps.common import ids
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

KEY = settings.SIMPLE_JWT["SIGNING_KEY"]


def opened(user):
    now = timezone.now()
    return Session.objects.create(user=user, rotated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7))


@pytest.fixture
def session(db):
    return opened(UserFactory())


def claims(session, kind, **changes):
    now = timezone.now()
    good = {
        "token_type": kind,
        "exp": int((now + timedelta(minutes=10)).timestamp()),
        "iat": int(now.timestamp()),
        "jti": session.current_jti.hex,
        "sub": str(session.user_id),
        "sid": str(session.pk),
        "aud": "medivoy-api",
        "iss": "medivoy",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def signed(payload, key=KEY, algorithm="HS256", headers=None):
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claimed(payload, algorithm, hash_name):
    """What an attacker who had our key would sign by hand, under an algorithm that we do not use."""
    text = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(payload)}"
    signature = base64.urlsafe_b64encode(hmac.digest(KEY.encode(), text.encode(), hash_name)).rstrip(b"=").decode()
    return f"{text}.{signature}"


def unsigned(payload, algorithm):
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(payload)}."


def changed_after_signing(session, kind, **changes):
    head, _body, signature = signed(claims(session, kind)).split(".")
    return f"{head}.{part(claims(session, kind, **changes))}.{signature}"


def of_another(session, kind):
    other = opened(UserFactory())
    return signed(claims(session, kind, sid=str(other.pk)))


def ended(session, kind):
    Session.objects.filter(pk=session.pk).update(ended_at=timezone.now(), end_reason="revoked")
    return signed(claims(session, kind))


def over(session, kind):
    Session.objects.filter(pk=session.pk).update(expires_at=timezone.now())
    return signed(claims(session, kind))


def deactivated(session, kind):
    session.user.is_active = False
    session.user.save()
    return signed(claims(session, kind))


def the_other_kind(session, kind):
    return signed(claims(session, "refresh" if kind == "access" else "access"))


YESTERDAY = int(timezone.now().timestamp()) - 24 * 3600
TOMORROW = YESTERDAY + 2 * 24 * 3600

#: name -> the token that an attacker sends, made from a live session and the kind that the place expects
ATTACKS = {
    "no algorithm": lambda s, k: unsigned(claims(s, k), "none"),
    "no algorithm, odd case": lambda s, k: unsigned(claims(s, k), "nOnE"),
    "HS256 said, not signed": lambda s, k: unsigned(claims(s, k), "HS256"),
    "signature cut off": lambda s, k: signed(claims(s, k)).rsplit(".", 1)[0] + ".",
    "signature shortened": lambda s, k: signed(claims(s, k))[:-4],
    "another key": lambda s, k: signed(claims(s, k), "another-key-of-sufficient-length-for-hs256"),
    "the SECRET_KEY instead of the token key": lambda s, k: signed(claims(s, k), settings.SECRET_KEY),
    "another algorithm with our key, HS512": lambda s, k: claimed(claims(s, k), "HS512", "sha512"),
    "another algorithm with our key, HS384": lambda s, k: claimed(claims(s, k), "HS384", "sha384"),
    "RS256 said, signed as HS256": lambda s, k: claimed(claims(s, k), "RS256", "sha256"),
    "a key named by the token (jwk)": lambda s, k: signed(
        claims(s, k), "attacker-key-of-sufficient-length-000", headers={"jwk": {"kty": "oct", "k": "AAAA"}}
    ),
    "a key path named by the token (kid)": lambda s, k: signed(
        claims(s, k), "0123456789abcdef0123456789abcdef", headers={"kid": "../../../../dev/null"}
    ),
    "the other kind of token": the_other_kind,
    "an unknown kind of token": lambda s, k: signed(claims(s, "sliding")),
    "no kind": lambda s, k: signed(claims(s, k, token_type=...)),
    "expired a day ago": lambda s, k: signed(claims(s, k, exp=YESTERDAY)),
    "no expiry": lambda s, k: signed(claims(s, k, exp=...)),
    "an expiry that is text": lambda s, k: signed(claims(s, k, exp="tomorrow")),
    "an expiry beyond all time": lambda s, k: signed(claims(s, k, exp=10**30)),
    "issued tomorrow": lambda s, k: signed(claims(s, k, iat=TOMORROW)),
    "not before tomorrow": lambda s, k: signed(claims(s, k, nbf=TOMORROW)),
    "another audience": lambda s, k: signed(claims(s, k, aud="another-api")),
    "no audience": lambda s, k: signed(claims(s, k, aud=...)),
    "another issuer": lambda s, k: signed(claims(s, k, iss="evil")),
    "no issuer": lambda s, k: signed(claims(s, k, iss=...)),
    "no token id": lambda s, k: signed(claims(s, k, jti=...)),
    "a token id that is no UUID": lambda s, k: signed(claims(s, k, jti="' OR 1=1 --")),
    "no session": lambda s, k: signed(claims(s, k, sid=...)),
    "a session that is no UUID": lambda s, k: signed(claims(s, k, sid="1")),
    "a session that is a number": lambda s, k: signed(claims(s, k, sid=1)),
    "a session that is a list": lambda s, k: signed(claims(s, k, sid=[str(s.pk)])),
    "a session that is null": lambda s, k: signed(claims(s, k, sid=None)),
    "a session that does not exist": lambda s, k: signed(claims(s, k, sid=str(ids.uuid7()))),
    "another person's session": of_another,
    "no person": lambda s, k: signed(claims(s, k, sub=...)),
    "a person that does not exist": lambda s, k: signed(claims(s, k, sub=str(ids.uuid7()))),
    "a person that is an e-mail address": lambda s, k: signed(claims(s, k, sub=s.user.email)),
    "an ended session": ended,
    "an expired session": over,
    "a deactivated person": deactivated,
    "the person changed after signing": lambda s, k: changed_after_signing(s, k, sub=str(UserFactory().pk)),
    "the expiry changed after signing": lambda s, k: changed_after_signing(s, k, exp=TOMORROW),
    "garbage": lambda s, k: "garbage",
    "three dots": lambda s, k: "...",
    "an empty object in each part": lambda s, k: f"{part({})}.{part({})}.{part({})}",
    "a list as payload": lambda s, k: f"{part({'alg': 'HS256'})}.{part([1, 2])}.AAAA",
    "a number as header": lambda s, k: f"{part(7)}.{part({})}.AAAA",
    "bytes that are no UTF-8": lambda s, k: "\xff\xfe.\xff.\xff",
    "a huge token": lambda s, k: signed(claims(s, k, padding="x" * 60_000)),
    "deeply nested claims": lambda s, k: signed(claims(s, k, sub=json.loads("[" * 400 + "]" * 400))),
}


def test_there_are_at_least_twenty_attacks():
    assert len(ATTACKS) >= 20


def as_access(token):
    client = APIClient()
    return client.get("/api/v1/auth/profile", HTTP_AUTHORIZATION=f"Bearer {token}")


def as_refresh(token):
    return APIClient().post("/api/v1/auth/refresh", {"refresh": token})


def test_the_tokens_that_the_attacks_start_from_are_accepted(session):
    """The control: without it every attack below could fail for the wrong reason."""
    assert as_access(signed(claims(session, "access"))).status_code == 200
    assert as_refresh(signed(claims(session, "refresh"))).status_code == 200


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_forged_access_token_is_accepted(session, attack):
    token = ATTACKS[attack](session, "access")
    before = list(Session.objects.order_by("pk").values_list("pk", "ended_at", "current_jti"))
    answer = as_access(token)

    assert answer.status_code == 401
    assert answer.json()["code"] == "auth.token_invalid"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert token not in answer.content.decode()
    assert list(Session.objects.order_by("pk").values_list("pk", "ended_at", "current_jti")) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_forged_refresh_token_is_accepted_or_ends_anyones_session(session, attack):
    token = ATTACKS[attack](session, "refresh")
    before = list(Session.objects.order_by("pk").values_list("pk", "ended_at", "current_jti"))
    answer = as_refresh(token)

    assert answer.status_code == (400 if attack == "a huge token" else 401)
    assert token not in answer.content.decode()
    assert list(Session.objects.order_by("pk").values_list("pk", "ended_at", "current_jti")) == before


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer a b", "bearer", "Basic dXNlcjpwYXNz", "Token x", "Bearer\tx", "Bearer x" * 999],
)
def test_no_malformed_header_lets_anyone_in(session, header):
    answer = APIClient().get("/api/v1/auth/profile", HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
    assert answer.json()["code"] in {"auth.not_authenticated", "auth.token_invalid"}


def test_the_scheme_is_read_in_any_case(session):
    token = tokens.access_token(session, timezone.now())
    assert APIClient().get("/api/v1/auth/profile", HTTP_AUTHORIZATION=f"bearer {token}").status_code == 200


def test_a_token_in_the_query_or_a_cookie_is_not_looked_at(session):
    token = tokens.access_token(session, timezone.now())
    client = APIClient()
    client.cookies["access"] = token
    assert client.get(f"/api/v1/auth/profile?access={token}").status_code == 401


def test_a_browser_signed_in_to_the_admin_is_nobody_at_the_api(client, platform_admin):
    """The API looks at tokens only, so a foreign page cannot use the admin's cookie against it."""
    client.force_login(platform_admin)
    assert client.get("/api/v1/auth/profile").status_code == 401
