"""What the views of clinical have in common."""

from typing import Any, cast

from rest_framework.viewsets import GenericViewSet

from apps.accounts.models import User


class Signed(GenericViewSet):
    """A viewset that only signed-in people reach."""

    @property
    def caller(self) -> User:
        return cast(User, self.request.user)


def read(shape: type, data: Any, *, partial: bool = False) -> Any:
    """What a body says. Raises ValidationError."""
    given = shape(data=data, partial=partial)
    given.is_valid(raise_exception=True)
    return given.validated_data
