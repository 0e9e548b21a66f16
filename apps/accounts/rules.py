"""What is decided about accounts: sessions and their tokens, codes and links, roles, deactivation."""

import ipaddress
import re
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from apps.common.exceptions import DomainError, Forbidden

from . import exceptions
from .models import OneTimeSecret, Session, User
from .roles import SELF_REGISTERED_ROLES, Role

#: How errors of what is given for the profile are named: `details.birth_date`.
DETAILS_PREFIX = "details."
CODE_LENGTH = 6
CODE_LIFETIME = timedelta(minutes=10)
CODE_ATTEMPTS = 5
RESET_LIFETIME = timedelta(hours=1)
INVITATION_LIFETIME = timedelta(hours=72)
#: A phone that lost the answer sends its old refresh token once more; for so long that is no theft.
REFRESH_GRACE = timedelta(seconds=10)
#: However diligently it refreshes, a device signs in anew after so long.
SESSION_MAX_LIFETIME = timedelta(days=90)


class Refresh(Enum):
    """What a refresh token of a live session gets."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    REUSED = "reused"


def judge_refresh(session: Session, *, jti: UUID, now: datetime) -> Refresh:
    """The current token rotates, the one before gets the same pair again within ten seconds, any older was stolen."""
    if jti == session.current_jti:
        return Refresh.ROTATE
    if jti == session.previous_jti and now - session.rotated_at <= REFRESH_GRACE:
        return Refresh.REPEAT
    return Refresh.REUSED


def why_not_use_session(session: Session, *, now: datetime) -> DomainError | None:
    """A session can be used until it is ended or expires, and only while its person is active."""
    if session.ended_at is not None or session.expires_at <= now or not session.user.is_active:
        return exceptions.SessionEnded()
    return None


def session_expiry(*, started_at: datetime, now: datetime, lifetime: timedelta) -> datetime:
    """A session lives on for `lifetime` after each refresh, and never longer than ninety days after signing in."""
    return min(now + lifetime, started_at + SESSION_MAX_LIFETIME)


def why_not_use_secret(secret: OneTimeSecret, *, now: datetime) -> DomainError | None:
    """A code or link works once, until it expires; a code stops working after five wrong tries."""
    is_code = secret.purpose in {OneTimeSecret.Purpose.VERIFY_EMAIL, OneTimeSecret.Purpose.VERIFY_PHONE}
    refusal: DomainError = exceptions.CodeInvalid() if is_code else exceptions.LinkInvalid()
    if secret.used_at is not None or secret.expires_at <= now or not secret.user.is_active:
        return refusal
    if is_code and secret.failed_attempts >= CODE_ATTEMPTS:
        return refusal
    return None


def why_not_register_as(role: str) -> DomainError | None:
    """People register as patients or doctors; the platform's and the hospitals' staff are invited by an admin."""
    return None if role in SELF_REGISTERED_ROLES else exceptions.CannotRegisterAs()


def why_not_invite_as(role: str, *, by: User) -> DomainError | None:
    """A platform admin invites people in any role, a coordinator patients."""
    if by.is_platform_admin or (by.role == Role.COORDINATOR and role == Role.PATIENT):
        return None
    return Forbidden()


def why_not_invite(user: User, *, by: User) -> DomainError | None:
    """People are invited while they are active and have not set a password."""
    refusal = why_not_invite_as(user.role, by=by)
    if refusal:
        return refusal
    if not user.is_active or user.has_usable_password():
        return exceptions.AlreadySetUp()
    return None


def why_not_deactivate(user: User, *, by: User, other_active_admins: int) -> DomainError | None:
    """An admin deactivates anyone but themself, and never the last active admin."""
    if not by.is_platform_admin:
        return Forbidden()
    if user.pk == by.pk:
        return exceptions.NotYourself()
    if user.is_platform_admin and other_active_admins == 0:
        return exceptions.LastAdmin()
    return None


def why_not_change_role(user: User, to: str, *, by: User, other_active_admins: int) -> DomainError | None:
    """An admin gives other staff another staff role; patients and doctors keep theirs; one admin always remains."""
    if not by.is_platform_admin:
        return Forbidden()
    if user.pk == by.pk:
        return exceptions.NotYourself()
    if user.role in SELF_REGISTERED_ROLES or to in SELF_REGISTERED_ROLES:
        return exceptions.RoleIsFixed()
    if user.is_platform_admin and to != Role.ADMIN and other_active_admins == 0:
        return exceptions.LastAdmin()
    return None


def network_of(address: str) -> str:
    """Whom a failed attempt is counted against: an IPv4 address, or the /64 that one IPv6 subscriber has to themself.

    Senders without a known address share one count.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Macintosh", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """What a person recognises a device by, from what its browser says: “Chrome, Windows”."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    browser = next((name for mark, name in _BROWSERS if f"{mark}/" in user_agent), "")
    named = ", ".join(filter(None, [browser, system]))
    return named or re.split(r"[/\s]", user_agent.strip(), maxsplit=1)[0][:40]
