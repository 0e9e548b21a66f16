"""What the views of accounts share, and those of the apps above that only signed-in people reach."""

from typing import Any, cast

from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from apps.accounts import services
from apps.accounts.models import Session, User
from apps.accounts.permissions import IsSignedIn
from apps.common import requests

MAX_USER_AGENT = 200


def origin_of(request: Request, device: str = "") -> services.Origin:
    """Where a sign-in comes from."""
    user_agent = request.META.get("HTTP_USER_AGENT", "")[:MAX_USER_AGENT]
    return services.Origin(address=requests.client_address(request), user_agent=user_agent, device=device)


def caller(request: Request) -> User:
    """Who asks, where the view's permissions let only people in."""
    return cast("User", request.user)


def caller_session(request: Request) -> Session:
    """The session of the token that came along."""
    return cast("Session", request.auth)


def read(shape: type, data: Any, *, partial: bool = False) -> Any:
    """What a body or a query says, as `shape` describes it. Raises ValidationError."""
    given = shape(data=data, partial=partial)
    given.is_valid(raise_exception=True)
    return given.validated_data


class Signed(GenericViewSet):
    """A viewset that only signed-in people reach."""

    @property
    def caller(self) -> User:
        return caller(self.request)


class InputView(GenericAPIView):
    """A view with a body."""

    def given(self, request: Request) -> Any:
        """The validated body, as the view's `serializer_class` describes it."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class AccountView(InputView):
    """One input, one service, one answer. For whoever is signed in."""

    permission_classes = [IsSignedIn]
    filter_backends: list[Any] = []
    pagination_class = None


class PublicView(AccountView):
    """For everyone. A token sent along is not looked at: a phone may hold an expired one when it signs in again."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
