"""Between the password and the admin: who still owes a code, who still owes an enrolment, and how a sign-in ends."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts import second_factor
from apps.accounts.models import User
from apps.common import audit

#: Session key of a person who gave the right password and owes the code; good for ten minutes.
PENDING = "medivoy_pending_sign_in"
PENDING_LIFETIME = timedelta(minutes=10)


class Owed(Enum):
    """What keeps a signed-in person out: the code of their second factor, or having one."""

    CODE = "second_factor"
    ENROLMENT = "second_factor_enrol"


def owed(request: HttpRequest) -> Owed | None:
    """What this signed-in person must do before the admin opens. Asked once a request."""
    user: Any = request.user
    known = request.__dict__.get("_second_factor_owed", ...)
    if known is ...:
        known = _owed(user)
        request.__dict__["_second_factor_owed"] = known
    return known


def _owed(user: Any) -> Owed | None:
    if user.is_verified():
        return None
    if second_factor.is_enrolled(user):
        return Owed.CODE
    return Owed.ENROLMENT if second_factor.is_required(user) else None


def forget_what_is_owed(request: HttpRequest) -> None:
    request.__dict__.pop("_second_factor_owed", None)


def remember(request: HttpRequest, user: User) -> None:
    """The password was right; the code is next. Bound to that password: a new one makes it void."""
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": str(user.pk),
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().isoformat(),
    }


def pending_user(request: HttpRequest) -> User | None:
    """Who gave the right password within the last ten minutes in this browser and is still active."""
    pending = request.session.get(PENDING)
    if not pending or timezone.now() - datetime.fromisoformat(pending["at"]) > PENDING_LIFETIME:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    if user is None or not constant_time_compare(pending["hash"], user.get_session_auth_hash()):
        return None
    return user


def let_in(request: HttpRequest, response: HttpResponse, user: User, device: Any = None) -> HttpResponse:
    """The person is signed in to the admin, in the language they have chosen unless this browser has one."""
    request.session.pop(PENDING, None)
    login(request, user)
    if device is not None:
        django_otp.login(request, device)
    audit.actor_is(user)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
        )
    return response


def is_background(request: HttpRequest) -> bool:
    """A request that a page's script makes: it wants 401, not a sign-in page."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest" or "HX-Request" in request.headers
