"""/auth: register, sign in, refresh, sign out, and the devices that are signed in."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import serializers, services, tokens
from apps.accounts.models import Session
from apps.accounts.permissions import IsSignedIn
from apps.accounts.querysets import SessionQuerySet
from apps.common.api import answer
from apps.common.throttling import GeneralThrottle, Limit, LimitThrottle

from .base import AccountView, PublicView, caller, caller_session, origin_of

_PAIR = {
    "access": "eyJhbGciOiJIUzI1NiJ9.…",
    "refresh": "eyJhbGciOiJIUzI1NiJ9.…",
    "access_expires_at": "2026-11-21T09:45:00Z",
    "refresh_expires_at": "2026-11-28T09:30:00Z",
    "session_id": "019377c5-6d4b-7c1e-9a53-0242ac120002",
}
_LOGIN = {"email": "amina.okafor@example.com", "password": "Correct-Horse-7", "device": "Amina's phone"}
_REGISTER = {
    "email": "amina.okafor@example.com",
    "password": "Correct-Horse-7",
    "first_name": "Amina",
    "last_name": "Okafor",
    "role": "patient",
    "phone": "+2348031234567",
    "language": "en",
    "time_zone": "Africa/Lagos",
    "details": {"country": "NG", "city": "Lagos"},
}


class RegistrationThrottle(LimitThrottle):
    """One address makes a hundred accounts an hour at most. Open when Redis is gone: only sign-in and codes close."""

    limit = Limit("registration.address", attempts=100, seconds=60 * 60)


def signed_in(session: Session) -> dict[str, Any]:
    """The new token pair of a session that was just opened, and whose it is."""
    pair = tokens.pair(session, timezone.now())
    return serializers.SignedIn({**asdict(pair), "user": session.user}).data


class RegisterView(PublicView):
    serializer_class = serializers.RegisterInput
    throttle_classes = [GeneralThrottle, RegistrationThrottle]

    @extend_schema(
        summary="Register as a patient or doctor",
        description="Makes the account and its profile, signs in, and sends a welcome with a code for the address.",
        tags=["auth"],
        responses={201: serializers.SignedIn},
        examples=[OpenApiExample("A patient", value=_REGISTER, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        given = {"language": get_language(), **self.given(request)}
        origin = origin_of(request, given.pop("device", ""))
        session = services.register(**given, origin=origin)
        return answer(signed_in(session), message=_("Welcome. A code was sent to your e-mail address."), status=201)


class LoginView(PublicView):
    serializer_class = serializers.LoginInput
    extra_failures = (401,)

    @extend_schema(
        summary="Sign in",
        description="Five failures for an account within 15 minutes lock it for 15 minutes (429 with Retry-After).",
        tags=["auth"],
        responses={200: serializers.SignedIn},
        examples=[
            OpenApiExample("With a password", value=_LOGIN, request_only=True),
            OpenApiExample("With a second factor", value={**_LOGIN, "one_time_code": "492039"}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        given = self.given(request)
        session = services.sign_in(
            email=given["email"],
            password=given["password"],
            one_time_code=given.get("one_time_code", ""),
            origin=origin_of(request, given.get("device", "")),
        )
        return answer(signed_in(session), message=_("You are signed in."))


class RefreshView(PublicView):
    serializer_class = serializers.RefreshInput
    extra_failures = (401,)

    @extend_schema(
        summary="Exchange the refresh token for a new pair",
        description="Each refresh token works once. The one before the current may come again for ten seconds (a lost "
        "answer) and gets the current pair; an older one ends the whole session.",
        tags=["auth"],
        responses={200: serializers.TokenPair},
        examples=[OpenApiExample("A new pair", value=_PAIR, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        pair = services.refresh_session(self.given(request)["refresh"])
        return answer(serializers.TokenPair(pair).data)


class LogoutView(AccountView):
    serializer_class = serializers.LogoutInput

    @extend_schema(
        summary="Sign out this device, or all",
        tags=["auth"],
        responses={200: serializers.SignedOut},
        examples=[OpenApiExample("Every device", value={"all": True}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        ended = services.sign_out(caller_session(request), everywhere=self.given(request)["all"])
        return answer({"ended_sessions": ended}, message=_("You are signed out."))


class SessionListView(ListAPIView):
    serializer_class = serializers.SessionDetail
    permission_classes = [IsSignedIn]
    queryset = Session.objects.none()
    sort_fields = {"last_seen_at": "last_seen_at", "created_at": "created_at"}
    default_sort = ("-last_seen_at",)

    def get_queryset(self) -> SessionQuerySet:
        return Session.objects.live(timezone.now()).filter(user=caller(self.request))

    @extend_schema(summary="Devices that are signed in", tags=["auth"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)


class SessionView(AccountView):
    @extend_schema(
        summary="Sign one device out",
        tags=["auth"],
        request=None,
        responses={204: OpenApiResponse(description="The device is signed out.")},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        services.revoke_session(pk, by=caller(request))
        return answer(status=204)
