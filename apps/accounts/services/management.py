"""Keeping accounts: one's own profile, and what admins change, deactivate and activate."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.utils import timezone

from apps.accounts import rules
from apps.accounts.models import OneTimeSecret, Session, User
from apps.accounts.roles import Role
from apps.common import idempotency
from apps.common.exceptions import Forbidden
from apps.media import selectors as media_selectors

from . import sessions

#: What people change about themselves.
PROFILE_FIELDS = ("first_name", "last_name", "phone", "language", "time_zone")
#: What only a platform admin changes, about others.
ADMIN_FIELDS = ("role", "is_active")
#: Ended sessions stay visible to admins this long; used and expired secrets are of no use to anyone.
KEEP_ENDED_SESSIONS = timedelta(days=30)
KEEP_SECRETS = timedelta(days=1)


@transaction.atomic
def update_user(user_id: UUID, *, changes: Mapping[str, Any], by: User) -> User:
    """The named fields of the account are changed; a new phone number is unverified again.

    People change their own profile, platform admins everyone's, and only they the role and whether it is active. Raises
    Forbidden, NotYourself, LastAdmin, RoleIsFixed, DoesNotExist, Invalid for a picture that is not theirs.
    """
    now = timezone.now()
    if not by.is_platform_admin and (user_id != by.pk or set(changes) & set(ADMIN_FIELDS)):
        raise Forbidden()
    if set(changes) & set(ADMIN_FIELDS):
        user, other_admins = _lock_beside_admins(user_id)
        _change_role(user, changes.get("role", user.role), by=by, other_active_admins=other_admins)
        _set_active(user, changes.get("is_active", user.is_active), by=by, other_active_admins=other_admins, now=now)
    else:
        user = User.objects.lock(user_id)
    _change_profile(user, changes, by=by)
    user.save()
    return user


def _lock_beside_admins(user_id: UUID) -> tuple[User, int]:
    """The account, locked after all active admins, so that two admins cannot put out one another at once."""
    admins = list(User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").select_for_update(no_key=True))
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    return user, sum(admin.pk != user_id for admin in admins)


def _change_profile(user: User, changes: Mapping[str, Any], *, by: User) -> None:
    if "phone" in changes and str(changes["phone"]) != str(user.phone):
        user.phone_verified_at = None
    for name in PROFILE_FIELDS:
        if name in changes:
            setattr(user, name, changes[name])
    if "picture_id" in changes:
        user.picture = media_selectors.picture(changes["picture_id"], by=by, field="picture_id")


def _change_role(user: User, role: str, *, by: User, other_active_admins: int) -> None:
    if role == user.role:
        return
    refusal = rules.why_not_change_role(user, role, by=by, other_active_admins=other_active_admins)
    if refusal:
        raise refusal
    user.role = role


def _set_active(user: User, is_active: bool, *, by: User, other_active_admins: int, now: datetime) -> None:
    if is_active == user.is_active:
        return
    if not is_active:
        refusal = rules.why_not_deactivate(user, by=by, other_active_admins=other_active_admins)
        if refusal:
            raise refusal
        sessions.end_all_sessions(user, reason=Session.End.DEACTIVATED, now=now)
    user.is_active = is_active


def deactivate_user(user: User, *, by: User) -> User:
    """The person is signed out everywhere and cannot sign in; nothing of their history is removed.

    Deactivating twice changes nothing. Raises Forbidden, NotYourself, LastAdmin.
    """
    return update_user(user.pk, changes={"is_active": False}, by=by)


@transaction.atomic
def close_own_account(user: User, *, now: datetime) -> User:
    """Whoever wants no account any more is signed out everywhere and cannot sign in; only an admin opens it again."""
    user = User.objects.lock(user.pk)
    sessions.end_all_sessions(user, reason=Session.End.DEACTIVATED, now=now)
    user.is_active = False
    user.save(update_fields=["is_active", "updated_at"])
    return user


def activate_user(user: User, *, by: User) -> User:
    """The person can sign in again. Activating twice changes nothing. Raises Forbidden."""
    return update_user(user.pk, changes={"is_active": True}, by=by)


def clean_up() -> dict[str, int]:
    """What nobody needs any more is gone: old sessions, secrets and idempotency keys; how many of each."""
    now = timezone.now()
    return {
        "sessions": Session.objects.over_since(now - KEEP_ENDED_SESSIONS).delete()[0],
        "secrets": OneTimeSecret.objects.filter(expires_at__lt=now - KEEP_SECRETS).delete()[0],
        "browser_sessions": BrowserSession.objects.filter(expire_date__lt=now).delete()[0],
        "idempotency_keys": idempotency.forget_expired(now),
    }
