"""JSON Web Tokens of a session: an access token of 15 minutes, and the one refresh token that is current."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from .models import Session


@dataclass(frozen=True)
class TokenPair:
    """What a device keeps: the two tokens of its session, and until when each is good."""

    access: str
    refresh: str
    access_expires_at: datetime
    refresh_expires_at: datetime
    session_id: UUID


def pair(session: Session, now: datetime) -> TokenPair:
    """A new access token, and the session's current refresh token."""
    return TokenPair(
        access=access_token(session, now),
        refresh=refresh_token(session, now),
        access_expires_at=(now + api_settings.ACCESS_TOKEN_LIFETIME).replace(microsecond=0),
        refresh_expires_at=session.expires_at.replace(microsecond=0),
        session_id=session.pk,
    )


#: Ours are a tenth of this; nothing longer is worth parsing.
MAX_LENGTH = 4096


def access_token(session: Session, now: datetime) -> str:
    token = AccessToken()
    token.set_exp(from_time=now)
    token.set_iat(at_time=now)
    token["sub"] = str(session.user_id)
    token["sid"] = str(session.pk)
    return str(token)


def refresh_token(session: Session, now: datetime) -> str:
    """The session's current refresh token: made again from the row it is the same token (same jti, same expiry)."""
    token = RefreshToken()
    token.set_exp(from_time=now, lifetime=session.expires_at - now)
    token.set_iat(at_time=session.rotated_at)
    token["sub"] = str(session.user_id)
    token["sid"] = str(session.pk)
    token["jti"] = session.current_jti.hex
    return str(token)


def read(kind: type[AccessToken] | type[RefreshToken], text: str) -> dict[str, Any] | None:
    """The claims of a token that is ours, of the right kind, unexpired and complete; None for any other."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        token = kind(text)  # type: ignore[arg-type]
        return {
            "sid": UUID(token["sid"]),
            "sub": UUID(token["sub"]),
            "jti": UUID(token["jti"]),
        }
    except (TokenError, KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None
