"""Who calls the API: a bearer token of a live session of an active person. One query."""

from datetime import timedelta
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.tokens import AccessToken

from apps.common import audit

from . import tokens
from .models import Session, User

#: `last_seen_at` is written at most so often, so that reading costs no write.
SEEN_EVERY = timedelta(minutes=5)


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`. An ended session or a deactivated person is refused at once."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        claims = tokens.read(AccessToken, parts[1].decode("latin-1")) if len(parts) == 2 else None
        if claims is None:
            raise AuthenticationFailed(_("The token is invalid or has expired."))
        now = timezone.now()
        session = (
            Session.objects.live(now).select_related("user").filter(pk=claims["sid"], user_id=claims["sub"]).first()
        )
        if session is None or not session.user.is_active:
            raise AuthenticationFailed(_("This session has ended. Please sign in again."))
        if now - session.last_seen_at > SEEN_EVERY:
            Session.objects.filter(pk=session.pk).update(last_seen_at=now)
        audit.actor_is(session.user)
        structlog.contextvars.bind_contextvars(user_id=str(session.user_id))
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class SessionTokenScheme(OpenApiAuthenticationExtension):
    target_class = SessionTokenAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
