"""What accounts tells people: one function a message.

notifications lies above accounts, so a message is announced by the signal `message_wanted`, and notifications, whose
catalogue has the kinds, writes the outbox row in the same transaction. Texts: `templates/accounts/email/`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from . import signals
from .models import User


def _tell(kind: str, user: User, event: str, context: dict[str, Any]) -> None:
    signals.message_wanted.send(
        sender=User,
        kind=f"accounts.{kind}",
        user=user,
        event=event,
        context={"first_name": user.first_name, **context},
    )


def welcome(user: User, *, code: str, minutes: int) -> None:
    """Greets a person who registered, with the code that verifies the address."""
    _tell("welcome", user, f"accounts.registered:{user.pk}", {"code": code, "minutes": minutes})


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
