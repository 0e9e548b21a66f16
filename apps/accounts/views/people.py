"""/auth/profile: oneself; /users: accounts, kept by platform admins."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import serializers, services
from apps.accounts.filters import UserFilter
from apps.accounts.models import User
from apps.accounts.permissions import IsPlatformAdmin, IsSignedIn
from apps.accounts.querysets import UserQuerySet
from apps.common.api import answer
from apps.common.idempotency import idempotent

from .base import AccountView, InputView, caller

_INVITATION = {
    "email": "grace.mensah@example.com",
    "first_name": "Grace",
    "last_name": "Mensah",
    "role": "coordinator",
    "language": "en",
    "time_zone": "Africa/Accra",
}
_STAFF_INVITATION = {
    **_INVITATION,
    "role": "hospital_admin",
    "details": {"hospital_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60"},
}


class ProfileView(AccountView):
    serializer_class = serializers.ProfileInput

    @extend_schema(summary="One's own profile", tags=["auth"], request=None, responses=serializers.UserDetail)
    def get(self, request: Request) -> Response:
        return answer(serializers.UserDetail(request.user).data)

    @extend_schema(
        summary="Change one's own profile",
        description="Only what is given changes. A new phone number has to be verified again.",
        tags=["auth"],
        responses=serializers.UserDetail,
        examples=[OpenApiExample("A move", value={"time_zone": "Asia/Dubai", "language": "ar"}, request_only=True)],
    )
    def patch(self, request: Request) -> Response:
        user = services.update_user(caller(request).pk, changes=self.given(request), by=caller(request))
        return answer(serializers.UserDetail(user).data, message=_("Saved."))


class UserListView(ListAPIView, InputView):
    permission_classes = [IsPlatformAdmin]
    queryset = User.objects.none()
    filterset_class = UserFilter
    sort_fields = {"created_at": "created_at", "email": "email", "last_name": "last_name"}
    default_sort = ("-created_at",)

    def get_queryset(self) -> UserQuerySet:
        return User.objects.kept_by(self.request.user).select_related("picture")

    def get_serializer_class(self) -> Any:
        return serializers.InviteUserInput if self.request.method == "POST" else serializers.UserDetail

    @extend_schema(summary="Accounts", tags=["users"], responses=serializers.UserDetail(many=True))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    @idempotent
    @extend_schema(
        summary="Invite a person",
        description="Makes an account without a password, in any role, and sends a link, good for 72 hours, to set it.",
        tags=["users"],
        request=serializers.InviteUserInput,
        responses={201: serializers.UserDetail},
        examples=[
            OpenApiExample("A coordinator", value=_INVITATION, request_only=True),
            OpenApiExample("Hospital staff", value=_STAFF_INVITATION, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        user = services.invite_user(**{"language": get_language(), **self.given(request)}, by=caller(request))
        return answer(serializers.UserDetail(user).data, message=_("The invitation is on its way."), status=201)


class UserView(AccountView):
    serializer_class = serializers.UpdateUserInput

    def get_permissions(self) -> list[Any]:
        return [IsPlatformAdmin()] if self.request and self.request.method == "DELETE" else [IsSignedIn()]

    def found(self, request: Request, pk: UUID) -> User:
        return get_object_or_404(User.objects.kept_by(request.user), pk=pk)

    @extend_schema(summary="An account", tags=["users"], request=None, responses=serializers.UserDetail)
    def get(self, request: Request, pk: UUID) -> Response:
        return answer(serializers.UserDetail(self.found(request, pk)).data)

    @extend_schema(
        summary="Change an account",
        description="One's own names, phone, language and time zone; a platform admin everyone's, and the role and "
        "whether the account is active, except their own.",
        tags=["users"],
        responses=serializers.UserDetail,
        examples=[OpenApiExample("Another role", value={"role": "support"}, request_only=True)],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        user = self.found(request, pk)
        user = services.update_user(user.pk, changes=self.given(request), by=caller(request))
        return answer(serializers.UserDetail(user).data, message=_("Saved."))

    @extend_schema(
        summary="Deactivate an account",
        description="Signs the person out everywhere. Clinical and financial history stays.",
        tags=["users"],
        request=None,
        responses={204: OpenApiResponse(description="The account is inactive.")},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        services.deactivate_user(self.found(request, pk), by=caller(request))
        return answer(status=204)


class _ActivationView(AccountView):
    permission_classes = [IsPlatformAdmin]

    def found(self, request: Request, pk: UUID) -> User:
        return get_object_or_404(User.objects.kept_by(request.user), pk=pk)


class ActivateUserView(_ActivationView):
    @extend_schema(summary="Activate an account", tags=["users"], request=None, responses=serializers.UserDetail)
    def patch(self, request: Request, pk: UUID) -> Response:
        user = services.activate_user(self.found(request, pk), by=caller(request))
        return answer(serializers.UserDetail(user).data, message=_("The account is active."))


class DeactivateUserView(_ActivationView):
    @extend_schema(
        summary="Deactivate an account, which signs the person out everywhere",
        tags=["users"],
        request=None,
        responses=serializers.UserDetail,
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        user = services.deactivate_user(self.found(request, pk), by=caller(request))
        return answer(serializers.UserDetail(user).data, message=_("The account is deactivated."))
