"""Signed-in devices: open, refresh, end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken

from apps.accounts import exceptions, rules, tokens
from apps.accounts.models import Session, User
from apps.accounts.tokens import TokenPair
from apps.common import audit, ids


@dataclass(frozen=True)
class Origin:
    """Where a sign-in comes from, as far as the request says."""

    address: str = ""
    user_agent: str = ""
    device: str = ""


def open_session(user: User, *, origin: Origin, now: datetime) -> Session:
    """A new device is signed in. The caller has checked that it may be."""
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME
    return Session.objects.create(
        user=user,
        rotated_at=now,
        last_seen_at=now,
        expires_at=rules.session_expiry(started_at=now, now=now, lifetime=lifetime),
        device=(origin.device.strip() or rules.device_name(origin.user_agent))[:120],
        user_agent=origin.user_agent[:200],
        address=origin.address or None,
    )


def refresh_session(token: str) -> TokenPair:
    """The device gets a new pair; a token that was used before ends the session instead.

    Requests with the same token wait for one another at the session's row: the first rotates, the others within ten
    seconds get the same new refresh token. Raises TokenInvalid, SessionEnded, TokenReused.
    """
    now = timezone.now()
    claims = tokens.read(RefreshToken, token)
    if claims is None:
        raise exceptions.TokenInvalid()
    with transaction.atomic():
        session = _locked(pk=claims["sid"], user_id=claims["sub"])
        if session is None:
            raise exceptions.TokenInvalid()
        refusal = rules.why_not_use_session(session, now=now)
        if refusal:
            raise refusal
        judgement = rules.judge_refresh(session, jti=claims["jti"], now=now)
        if judgement is rules.Refresh.ROTATE:
            _rotate(session, now=now)
        elif judgement is rules.Refresh.REUSED:
            _end(Session.objects.filter(pk=session.pk), Session.End.TOKEN_REUSED, now)
            audit.record("session.token_reused", session)
    # Raised after the block, so that the end is committed although the answer is a refusal.
    if judgement is rules.Refresh.REUSED:
        raise exceptions.TokenReused()
    return tokens.pair(session, now)


def _locked(**lookup: Any) -> Session | None:
    rows = Session.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    return rows.filter(**lookup).first()


def _rotate(session: Session, *, now: datetime) -> None:
    session.previous_jti, session.current_jti = session.current_jti, ids.uuid7()
    session.rotated_at = session.last_seen_at = now
    session.expires_at = rules.session_expiry(
        started_at=session.created_at, now=now, lifetime=api_settings.REFRESH_TOKEN_LIFETIME
    )
    session.save(
        update_fields=["previous_jti", "current_jti", "rotated_at", "last_seen_at", "expires_at", "updated_at"]
    )


def _end(sessions: Any, reason: str, now: datetime) -> int:
    return sessions.filter(ended_at=None).update(ended_at=now, end_reason=reason, updated_at=now)


def end_all_sessions(user: User, *, reason: str, now: datetime) -> int:
    """Every device of the person is signed out at once; how many there were."""
    return _end(Session.objects.filter(user=user), reason, now)


def sign_out(session: Session, *, everywhere: bool = False) -> int:
    """This device, or every device of the same person, is signed out; how many there were."""
    now = timezone.now()
    if everywhere:
        return end_all_sessions(session.user, reason=Session.End.SIGNED_OUT, now=now)
    return _end(Session.objects.filter(pk=session.pk), Session.End.SIGNED_OUT, now)


def revoke_session(session_id: UUID, *, by: User) -> None:
    """One of the person's own devices is signed out. Raises DoesNotExist for another's, or one that has ended."""
    now = timezone.now()
    session = Session.objects.live(now).get(pk=session_id, user=by)
    _end(Session.objects.filter(pk=session.pk), Session.End.REVOKED, now)
