"""What the views of clinical have in common."""

from typing import Any, cast

from rest_framework.response import Response
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


def again(kept: Response, made: Response) -> Response:
    """The answer to a request that may have been sent before. It is made anew: what is kept for repetitions is an id,
    nothing medical."""
    if "Idempotent-Replayed" in kept:
        made["Idempotent-Replayed"] = kept["Idempotent-Replayed"]
    return made
