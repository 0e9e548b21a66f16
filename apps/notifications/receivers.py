"""What notifications does about news from below."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from apps.accounts import signals
from apps.accounts.models import User

from . import services


@receiver(signals.message_wanted, dispatch_uid="notifications.write_accounts_message")
def write_accounts_message(
    sender: Any, *, kind: str, user: User, event: str, context: Mapping[str, Any], **_kwargs: Any
) -> None:
    """Accounts cannot import us: it asks, and the rows are written in its transaction. A refusal goes back to it."""
    services.notify(kind=kind, recipient=user, event=event, context=context)
