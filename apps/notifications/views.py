"""The reader's inbox, their preferences, and announcements by staff."""

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from apps.accounts import permissions
from apps.accounts.models import User
from apps.common.api import answer
from apps.common.idempotency import idempotent

from . import selectors, services
from .filters import NotificationFilters
from .serializers import (
    AnnouncedSerializer,
    AnnounceInput,
    NotificationSerializer,
    PreferencesInput,
    PreferencesSerializer,
    ReadAllSerializer,
)

TAGS = ["Notifications"]
ITEM = OpenApiExample(
    "An appointment was confirmed",
    value={
        "id": "019a0b5e-7a10-7c3e-9d41-5b8f0c2e7a11",
        "kind": "bookings.appointment_confirmed",
        "title": "Your appointment is confirmed",
        "body": "Asha Rao expects you.",
        "data": {"appointment_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60"},
        "is_read": False,
        "created_at": "2026-11-21T09:30:00Z",
    },
    response_only=True,
)


def _me(request: Request) -> User:
    """The caller, whom the permissions have found to be signed in."""
    return cast(User, request.user)


class NotificationViewSet(GenericViewSet):
    """One's own messages in the app."""

    serializer_class = NotificationSerializer
    filterset_class = NotificationFilters
    sort_fields = {"created_at": "created_at"}
    default_sort = ("-created_at",)
    extra_meta = {"unread_count": {"type": "integer", "description": "How many of all my messages are unread."}}

    def get_permissions(self) -> list[BasePermission]:
        if self.action == "create":
            return [permissions.IsCoordinatorOrAdmin()]
        return [permissions.IsSignedIn()]

    def get_queryset(self) -> Any:
        return selectors.inbox(_me(self.request))

    @extend_schema(
        summary="My messages in the app",
        description="Newest first. `meta.unread_count` is the number of all unread ones.",
        examples=[ITEM],
        tags=TAGS,
    )
    def list(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        response = self.get_paginated_response([selectors.shown(row, reader=_me(request)) for row in rows])
        unread = rows[0]["unread"] if rows else selectors.unread_count(_me(request))
        response.envelope_meta["unread_count"] = unread  # type: ignore[attr-defined]
        return response

    @extend_schema(
        summary="Tell people something",
        description="By coordinators and platform admins, in their words. Nothing medical: it goes by e-mail too.",
        request=AnnounceInput,
        responses={201: AnnouncedSerializer},
        examples=[
            OpenApiExample(
                "Closed on Friday",
                value={
                    "user_ids": ["019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60"],
                    "title": "Our office is closed on Friday",
                    "body": "We are back on Monday at 9.",
                },
                request_only=True,
            ),
            OpenApiExample("One person is told", value={"recipients": 1}, response_only=True),
        ],
        tags=TAGS,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        wanted = AnnounceInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        return answer({"recipients": services.announce(**wanted.validated_data, by=_me(request))}, status=201)

    @extend_schema(
        summary="Mark one of my messages as read", request=None, responses=NotificationSerializer,
        examples=[ITEM], tags=TAGS,
    )  # fmt: skip
    def read(self, request: Request, pk: UUID) -> Response:
        services.mark_read(pk, by=_me(request))
        return answer(selectors.shown(self.get_queryset().get(pk=pk), reader=_me(request)))

    @extend_schema(
        summary="Mark all my messages as read", request=None, responses=ReadAllSerializer,
        examples=[OpenApiExample("Three were unread", value={"updated": 3}, response_only=True)], tags=TAGS,
    )  # fmt: skip
    def read_all(self, request: Request) -> Response:
        return answer({"updated": services.mark_all_read(by=_me(request))})

    @extend_schema(summary="Remove one of my messages from the list", responses={204: None}, tags=TAGS)
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.remove(pk, by=_me(request))
        return answer(status=204)


PREFERENCES = OpenApiExample(
    "E-mail only, and it always comes",
    value={
        "channels": [{"channel": "email", "label": "E-mail", "is_available": True}],
        "kinds": [
            {
                "kind": "accounts.reset_password",
                "group": "account",
                "group_label": "Account and sign-in",
                "label": "Link to set a new password",
                "is_transactional": True,
                "channels": [{"channel": "email", "is_wanted": True, "can_mute": False}],
            }
        ],
    },
    response_only=True,
)


class PreferencesView(APIView):
    """Which kinds of message one wishes over which channels."""

    permission_classes = [permissions.IsSignedIn]

    @extend_schema(
        summary="What I wish to be told, and how", responses=PreferencesSerializer, examples=[PREFERENCES], tags=TAGS
    )
    def get(self, request: Request) -> Response:
        return answer(selectors.preferences(_me(request)))

    @extend_schema(
        summary="Change what I wish to be told",
        description="Names only what changes. 409 `notifications.cannot_mute` for a message that always comes.",
        request=PreferencesInput,
        responses=PreferencesSerializer,
        examples=[
            OpenApiExample(
                "No announcements by e-mail",
                value={"preferences": [{"kind": "notifications.announcement", "channel": "email", "is_wanted": False}]},
                request_only=True,
            ),
            PREFERENCES,
        ],
        tags=TAGS,
    )
    def patch(self, request: Request) -> Response:
        wanted = PreferencesInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        wishes = [services.Wish(**wish) for wish in wanted.validated_data["preferences"]]
        services.set_preferences(wishes, by=_me(request))
        return answer(selectors.preferences(_me(request)))
