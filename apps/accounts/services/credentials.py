"""Signing in: the one check of e-mail and password, for the API and the admin alike."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from apps.accounts import exceptions, rules, second_factor
from apps.accounts.models import Session, User
from apps.common import audit
from apps.common.exceptions import TooMany
from apps.common.throttling import Limit

from . import sessions
from .sessions import Origin

#: Five failures for an account within a quarter of an hour lock it for a quarter of an hour.
ACCOUNT_LIMIT = Limit("sign_in.account", attempts=5, seconds=15 * 60, lock_seconds=15 * 60)
#: One address fails for many accounts: ten times as many, since an office or a mobile network shares one.
ADDRESS_LIMIT = Limit("sign_in.address", attempts=50, seconds=15 * 60, lock_seconds=15 * 60)


def check_credentials(*, email: str, password: str, address: str) -> User:
    """The active person with this e-mail and password.

    An attempt is taken before the password is looked at, so that parallel ones cannot exceed the limit, and given back
    when it was right. Unknown, inactive and wrong answer alike and take alike. Raises WrongCredentials, LockedOut, and
    Unavailable without Redis.
    """
    email, network = email.strip().lower(), rules.network_of(address)
    _take(ADDRESS_LIMIT, network)
    _take(ACCOUNT_LIMIT, email)
    user = User.objects.by_email(email).first()
    reason = _why_not(user, password)
    if user is None or reason:
        audit.record("sign_in.failed", user, reason=reason)
        raise exceptions.WrongCredentials()
    ACCOUNT_LIMIT.forgive(email)
    ADDRESS_LIMIT.give_back(network)
    return user


def _take(limit: Limit, key: str) -> None:
    try:
        limit.take(key)
    except TooMany as refusal:
        raise exceptions.LockedOut(retry_after=refusal.retry_after) from refusal


def _why_not(user: User | None, password: str) -> str:
    """Why these credentials are refused, for the audit trail only. One password is hashed in every case."""
    if user is None:
        make_password(password)
        return "unknown_account"
    if not user.check_password(password):
        return "wrong_password"
    return "" if user.is_active else "inactive_account"


def sign_in(*, email: str, password: str, origin: Origin, one_time_code: str = "") -> Session:
    """A new device of the person is signed in.

    Who has a second factor gives its code too; who must have one sets it up in the admin first. Raises
    WrongCredentials, LockedOut, SecondFactorRequired, SecondFactorWrong, SecondFactorNotSetUp, TooMany for codes, and
    Unavailable without Redis.
    """
    now = timezone.now()
    user = check_credentials(email=email, password=password, address=origin.address)
    _check_second_factor(user, one_time_code)
    with transaction.atomic():
        session = _open_session_of_unchanged(user, origin=origin, now=now)
        audit.actor_is(user)
        audit.record("sign_in.succeeded", user, actor=user, session=str(session.pk))
    return session


def _check_second_factor(user: User, code: str) -> None:
    if second_factor.is_enrolled(user):
        if not code:
            raise exceptions.SecondFactorRequired()
        second_factor.verify(user, code)
    elif second_factor.is_required(user):
        raise exceptions.SecondFactorNotSetUp()


def _open_session_of_unchanged(user: User, *, origin: Origin, now: datetime) -> Session:
    """While the password was being hashed the account may have been deactivated or given another password."""
    current = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not current.is_active or current.password != user.password:
        raise exceptions.WrongCredentials()
    User.objects.filter(pk=user.pk).update(last_login=now)
    return sessions.open_session(current, origin=origin, now=now)
