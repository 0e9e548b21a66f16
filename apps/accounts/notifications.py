"""What accounts tells people: one function a message, and KINDS for the catalogue.

notifications lies above accounts, so a message is announced by the signal `message_wanted`, and notifications, which
registers KINDS in its catalogue, writes the outbox row in the same transaction.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from . import signals
from .models import User

#: Arguments of `notifications.catalogue.Kind`. Codes and links are secrets: removed once the message is sent.
KINDS: tuple[dict[str, Any], ...] = (
    {
        "name": "accounts.welcome",
        "group": "account",
        "label": _("Welcome"),
        "subject": _("Welcome to Medivoy, %(first_name)s"),
        "summary": _("Your account is ready."),
        "channels": ("email", "in_app"),
        "transactional": True,
    },
    {
        "name": "accounts.verify_email",
        "group": "account",
        "label": _("Code to confirm your e-mail address"),
        "subject": _("Your Medivoy confirmation code"),
        "channels": ("email",),
        "transactional": True,
        "secrets": ("code",),
    },
    {
        "name": "accounts.verify_phone",
        "group": "account",
        "label": _("Code to confirm your phone number"),
        "subject": _("Your Medivoy confirmation code"),
        "channels": ("sms",),
        "transactional": True,
        "secrets": ("code",),
    },
    {
        "name": "accounts.reset_password",
        "group": "account",
        "label": _("Link to set a new password"),
        "subject": _("Set a new Medivoy password"),
        "channels": ("email",),
        "transactional": True,
        "secrets": ("link",),
    },
    {
        "name": "accounts.password_changed",
        "group": "account",
        "label": _("Your password was changed"),
        "subject": _("Your Medivoy password was changed"),
        "summary": _("Your password was changed and every device was signed out."),
        "channels": ("email", "in_app"),
        "transactional": True,
    },
    {
        "name": "accounts.invitation",
        "group": "account",
        "label": _("Invitation to Medivoy"),
        "subject": _("You are invited to Medivoy"),
        "channels": ("email",),
        "transactional": True,
        "secrets": ("link",),
    },
)


def _tell(kind: str, recipient: User, event: str, context: dict[str, Any]) -> None:
    signals.message_wanted.send(
        sender=User,
        kind=f"accounts.{kind}",
        recipient=recipient,
        event=event,
        context={"first_name": recipient.first_name, **context},
    )


def welcome(user: User) -> None:
    _tell("welcome", user, f"accounts.registered:{user.pk}", {})


def verification_code(user: User, *, secret_id: UUID, code: str, minutes: int) -> None:
    _tell("verify_email", user, f"accounts.secret:{secret_id}", {"code": code, "minutes": minutes})


def phone_code(user: User, *, secret_id: UUID, code: str, minutes: int) -> None:
    _tell("verify_phone", user, f"accounts.secret:{secret_id}", {"code": code, "minutes": minutes})


def password_reset(user: User, *, secret_id: UUID, link: str, hours: int) -> None:
    _tell("reset_password", user, f"accounts.secret:{secret_id}", {"link": link, "hours": hours})


def password_changed(user: User, *, at: datetime) -> None:
    _tell("password_changed", user, f"accounts.password_changed:{user.pk}:{at.isoformat()}", {"at": at.isoformat()})


def invitation(user: User, *, secret_id: UUID, link: str, hours: int, invited_by: str) -> None:
    _tell(
        "invitation",
        user,
        f"accounts.secret:{secret_id}",
        {"link": link, "hours": hours, "invited_by": invited_by, "role": user.role},
    )
