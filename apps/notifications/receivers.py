"""What notifications does about news from below."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from apps.accounts import signals
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.media.models import StoredFile
from apps.media.signals import file_infected

from . import notifications, services


@receiver(signals.message_wanted, dispatch_uid="notifications.write_accounts_message")
def write_accounts_message(
    sender: Any, *, kind: str, user: User, event: str, context: Mapping[str, Any], **_kwargs: Any
) -> None:
    """Accounts cannot import us: it asks, and the rows are written in its transaction. A refusal goes back to it."""
    services.notify(kind=kind, recipient=user, event=event, context=context)


@receiver(file_infected, dispatch_uid="notifications.tell_of_infected_file")
def tell_of_infected_file(sender: Any, *, file: StoredFile, **_kwargs: Any) -> None:
    """Its uploader is told when they sent it, and platform admins which file it is; nobody reads its name here."""
    uploader = User.objects.filter(pk=file.owner_id, is_active=True).first()
    if uploader is not None:
        services.notify(
            kind=notifications.FILE_INFECTED,
            recipient=uploader,
            event=f"media.infected:{file.pk}",
            context={"uploaded_at": file.created_at.isoformat()},
        )
    services.notify_all(
        kind=notifications.INFECTED_FILE_FOUND,
        recipients=list(User.objects.filter(role=Role.ADMIN, is_active=True)),
        event=f"media.infected_found:{file.pk}",
        context={"threat": file.threat, "file": str(file.pk)},
    )
