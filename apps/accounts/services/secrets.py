"""One-time codes and link tokens: made, kept as keyed hashes, used once."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.accounts import rules
from apps.accounts.models import OneTimeSecret, User
from apps.common import ids

Purpose = OneTimeSecret.Purpose
LINK_PURPOSES = frozenset({Purpose.RESET_PASSWORD, Purpose.ACCEPT_INVITATION})


def _digest(salt: str, secret: str) -> str:
    """HMAC-SHA256 under a key derived from SECRET_KEY: a stolen table alone does not let anyone try six characters."""
    return salted_hmac(f"medivoy.accounts.{salt}", secret, algorithm="sha256").hexdigest()


def _code_digest(user: User, purpose: str, code: str) -> str:
    return _digest(f"code.{purpose}.{user.pk}", code)


def _issue(user: User, purpose: str, *, sent_to: str, digest: str, lifetime: timedelta, now: datetime) -> OneTimeSecret:
    replaced = OneTimeSecret.objects.filter(user=user, purpose=purpose, used_at=None, expires_at__gt=now)
    replaced.update(expires_at=now, updated_at=now)
    return OneTimeSecret.objects.create(
        user=user, purpose=purpose, sent_to=sent_to, digest=digest, expires_at=now + lifetime
    )


def issue_code(user: User, purpose: str, *, sent_to: str, now: datetime) -> tuple[OneTimeSecret, str]:
    """A new six-character code for ten minutes; earlier ones of the purpose no longer work."""
    code = ids.random_code(rules.CODE_LENGTH)
    digest = _code_digest(user, purpose, code)
    return _issue(user, purpose, sent_to=sent_to, digest=digest, lifetime=rules.CODE_LIFETIME, now=now), code


def issue_link(user: User, purpose: str, *, lifetime: timedelta, now: datetime) -> tuple[OneTimeSecret, str]:
    """A new 256-bit token for a link; earlier ones of the purpose no longer work."""
    token = secrets.token_urlsafe(32)
    digest = _digest("link", token)
    return _issue(user, purpose, sent_to=user.email, digest=digest, lifetime=lifetime, now=now), token


def try_code(user: User, purpose: str, *, sent_to: str, code: str, now: datetime) -> bool:
    """Whether this is the person's live code; a wrong one uses up a try, the right one the code.

    Call it with the person's row locked, in a transaction that is committed whatever comes out: then tries that arrive
    together are counted one after the other.
    """
    secret = OneTimeSecret.objects.filter(user=user, purpose=purpose, sent_to=sent_to).order_by("-created_at").first()
    if secret is None or rules.why_not_use_secret(secret, now=now):
        return False
    if not constant_time_compare(secret.digest, _code_digest(user, purpose, code.strip().upper())):
        OneTimeSecret.objects.filter(pk=secret.pk).update(failed_attempts=F("failed_attempts") + 1, updated_at=now)
        return False
    _use(secret, now=now)
    return True


def find_link(token: str, *, purposes: Collection[str] = LINK_PURPOSES) -> OneTimeSecret | None:
    """The row of a link's token, used or not."""
    return (
        OneTimeSecret.objects.filter(digest=_digest("link", token), purpose__in=purposes).select_related("user").first()
    )


def use_link(secret: OneTimeSecret, *, now: datetime) -> bool:
    """Whether the link was still good; now it is used. Call it with the person's row locked."""
    secret.refresh_from_db()
    if rules.why_not_use_secret(secret, now=now):
        return False
    _use(secret, now=now)
    return True


def void_links(user: User, *, now: datetime) -> None:
    """No link that was sent to the person works any more. Call it with the person's row locked."""
    live = OneTimeSecret.objects.filter(user=user, purpose__in=LINK_PURPOSES, used_at=None, expires_at__gt=now)
    live.update(expires_at=now, updated_at=now)


def _use(secret: OneTimeSecret, *, now: datetime) -> None:
    secret.used_at = now
    secret.save(update_fields=["used_at", "updated_at"])
