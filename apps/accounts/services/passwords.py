"""Passwords: strong enough, changed, forgotten, set by a link. A new one ends every session and every link."""

import contextlib
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts import exceptions, notifications, rules
from apps.accounts.models import Session, User
from apps.accounts.roles import STAFF_ROLES
from apps.common import audit, ids
from apps.common.exceptions import Invalid
from apps.common.throttling import Limit

from . import secrets, sessions
from .secrets import Purpose
from .sessions import Origin

#: Links are asked for this often for one account, and tried this often from one address.
LINK_REQUEST_LIMIT = Limit("link.request", attempts=5, seconds=60 * 60)
LINK_ADDRESS_LIMIT = Limit("link.address", attempts=50, seconds=15 * 60)
#: A stolen access token must not become a way to guess the password.
CHANGE_LIMIT = Limit("password.change", attempts=5, seconds=15 * 60, lock_seconds=15 * 60)


def check_strength(password: str, *, user: User, field: str = "password") -> None:
    """Raises Invalid, naming `field`, for a password that is too weak, too common or too like the person's own data."""
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise Invalid(errors={field: error.messages}) from error


def _check_confirmation(password: str, confirmation: str) -> None:
    if password != confirmation:
        raise Invalid(errors={"confirm_password": [_("The two passwords are not the same.")]})


def link_for(user: User, token: str) -> str:
    """Where a person sets a password: staff here, patients and doctors in their app.

    The token stands behind the #, which browsers send to no server: it gets into no log and no Referer.
    """
    base = settings.PUBLIC_URL if user.role in STAFF_ROLES else settings.APP_URL
    return f"{base}/set-password#token={token}"


@contextlib.contextmanager
def one_or_nobody(people: QuerySet[User]) -> Iterator[User]:
    """A transaction for the one person found, locked; when there is none the same work is done and taken back.

    So neither the answer nor the time it takes tells whether there is such an account.
    """
    with transaction.atomic():
        user = people.select_for_update(no_key=True).first()
        yield user if user is not None else User(pk=ids.uuid7())
        if user is None:
            transaction.set_rollback(True)


def forgot_password(*, email: str, address: str) -> None:
    """Whoever has an active account with this address gets a link, good for an hour; the caller learns nothing."""
    now = timezone.now()
    email = email.strip().lower()
    LINK_ADDRESS_LIMIT.take(rules.network_of(address))
    LINK_REQUEST_LIMIT.take(email)
    lifetime = rules.RESET_LIFETIME
    with one_or_nobody(User.objects.by_email(email).filter(is_active=True)) as user:
        secret, token = secrets.issue_link(user, Purpose.RESET_PASSWORD, lifetime=lifetime, now=now)
        hours = int(lifetime.total_seconds() // 3600)
        notifications.password_reset(user, secret_id=secret.pk, link=link_for(user, token), hours=hours)


def set_password_by_link(*, token: str, new_password: str, confirm_password: str, address: str) -> User:
    """The link of a reset or an invitation is used, the password set, every session ended, the address proved.

    Raises LinkInvalid for a link that is wrong, used or expired; Invalid for a weak password, which uses nothing up.
    """
    now = timezone.now()
    LINK_ADDRESS_LIMIT.take(rules.network_of(address))
    _check_confirmation(new_password, confirm_password)
    secret = secrets.find_link(token)
    if secret is None or rules.why_not_use_secret(secret, now=now):
        raise exceptions.LinkInvalid()
    check_strength(new_password, user=secret.user, field="new_password")
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=secret.user_id)
        if not secrets.use_link(secret, now=now):
            raise exceptions.LinkInvalid()
        user.email_verified_at = user.email_verified_at or now
        _set(user, new_password, now=now)
        audit.record("password.set_by_link", user, actor=user, purpose=secret.purpose)
    return user


def _set(user: User, password: str, *, now: datetime) -> None:
    had_one = user.has_usable_password()
    user.set_password(password)
    user.save(update_fields=["password", "email_verified_at", "updated_at"])
    sessions.end_all_sessions(user, reason=Session.End.PASSWORD_CHANGED, now=now)
    secrets.void_links(user, now=now)  # an older link would set yet another one
    if had_one:
        notifications.password_changed(user, at=now)


def change_password(
    user: User, *, current_password: str, new_password: str, confirm_password: str, origin: Origin | None
) -> Session | None:
    """The password is another; every session is ended, and the device at `origin`, if one is named, has a new one.

    Raises WrongPassword, Invalid for a weak or unchanged one, TooMany after five wrong present passwords.
    """
    now = timezone.now()
    _check_confirmation(new_password, confirm_password)
    _check_present(user, current_password)
    if current_password == new_password:
        raise Invalid(errors={"new_password": [_("Choose a password that is not the present one.")]})
    check_strength(new_password, user=user, field="new_password")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.password != user.password:  # it was changed meanwhile
            raise exceptions.WrongPassword(errors={"current_password": [exceptions.WrongPassword.message]})
        _set(locked, new_password, now=now)
        session = sessions.open_session(locked, origin=origin, now=now) if origin is not None else None
        audit.record("password.changed", locked, actor=locked)
    return session


def confirm_password(user: User, password: str) -> None:
    """The person gives the password once more, before what cannot be undone. Not to be called inside a transaction, as
    the failure is to be kept. Raises WrongPassword, and TooMany after five wrong ones."""
    _check_present(user, password, field="password")


def _check_present(user: User, password: str, *, field: str = "current_password") -> None:
    CHANGE_LIMIT.take(str(user.pk))
    if not user.check_password(password):
        audit.record("password.change_failed", user, actor=user)
        raise exceptions.WrongPassword(errors={field: [exceptions.WrongPassword.message]})
    CHANGE_LIMIT.forgive(str(user.pk))
