"""Refusals: facts with a stable code that every entry point (API, admin, task) can show.

A refusal is raised by a service or returned by a rule. The API turns it into the failure envelope, the admin into a
message, a task into a log line. `code` never changes once published; `message` is translated when it is shown.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DomainError(Exception):
    """The base of all refusals.

    `errors` names fields: {"email": ["..."]}. `data` is what the caller needs to go on (fresh alternatives, a limit).
    `retry_after` is in seconds.
    """

    code = "request.refused"
    message: Text = _("This is not possible.")
    status = HTTPStatus.BAD_REQUEST

    def __init__(
        self,
        message: Text | None = None,
        *,
        errors: Mapping[str, Sequence[Text]] | None = None,
        data: Any = None,
        retry_after: int | None = None,
        **params: Any,
    ) -> None:
        self.template = message if message is not None else self.message
        self.params = params
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}
        self.data = data
        self.retry_after = retry_after
        super().__init__(self.code)

    @property
    def text(self) -> str:
        """The message in the language that is active now, its named placeholders filled."""
        template: Any = self.template  # of a text with plural forms, the parameters choose the form
        return str(template % self.params if self.params else template)

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class Invalid(DomainError):
    """The input is wrong; `errors` says where."""

    code = "request.invalid"
    message = _("Please correct the marked fields.")


class Malformed(DomainError):
    """What arrived is not a sound HTTP request."""

    code = "request.malformed"
    message = _("The request is malformed.")


class TooLarge(DomainError):
    """The body is larger than any that makes sense here."""

    code = "request.too_large"
    message = _("The request is too large.")
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Forbidden(DomainError):
    """The caller may see the object but may not do this."""

    code = "auth.forbidden"
    message = _("You are not allowed to do this.")
    status = HTTPStatus.FORBIDDEN


class NotFound(DomainError):
    """There is no such object, or none that the caller may know of."""

    code = "not_found"
    message = _("Not found.")
    status = HTTPStatus.NOT_FOUND


class Conflict(DomainError):
    """The request is sound but the present state does not allow it."""

    code = "conflict"
    message = _("This conflicts with the present state.")
    status = HTTPStatus.CONFLICT


class InUse(Conflict):
    code = "conflict.in_use"
    message = _("This cannot be removed because other records refer to it.")


class Busy(Conflict):
    """Another request holds the lock, or the database chose this one as a deadlock's victim; trying again is safe."""

    code = "conflict.busy"
    message = _("Someone else is changing this right now. Please try again.")


class MoveNotAllowed(Conflict):
    """The workflow has no edge from the present status to the asked one."""

    code = "workflow.move_not_allowed"
    message = _("A change from “%(from_label)s” to “%(to_label)s” is not possible.")


class TooMany(DomainError):
    """A limit on the number of attempts is reached; `retry_after` says when to come back."""

    code = "request.throttled"
    message = _("Too many attempts. Please wait and try again.")
    status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(DomainError):
    """A service that this needs (database, Redis) is down; nothing was changed and trying again is safe."""

    code = "service.unavailable"
    message = _("The service is temporarily unavailable. Please try again shortly.")
    status = HTTPStatus.SERVICE_UNAVAILABLE


def raise_if(refusal: DomainError | None) -> None:
    """What a rule has returned: nothing, or a reason to stop."""
    if refusal:
        raise refusal
