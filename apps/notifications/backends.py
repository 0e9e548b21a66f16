"""An e-mail backend that sends nothing: it keeps e-mails as rows, to be read in the admin. For the demo."""

import base64
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import make_msgid

from .models import CaughtEmail


class CatchingEmailBackend(BaseEmailBackend):
    """Keeps one row for each Message-ID, as a good mail server would, however often an e-mail is handed over."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [_row(email) for email in email_messages]
        CaughtEmail.objects.bulk_create(rows, ignore_conflicts=True)
        return len(rows)


def _row(email: EmailMessage) -> CaughtEmail:
    parts = email.alternatives if isinstance(email, EmailMultiAlternatives) else []
    html = next((str(content) for content, kind in parts if kind == "text/html"), "")
    return CaughtEmail(
        message_id=email.extra_headers.get("Message-ID") or make_msgid(),
        to=", ".join(email.recipients())[:254],
        subject=str(email.subject)[:300],
        text=str(email.body),
        html=html,
        attachments=[
            *(_kept("", kind, content) for content, kind in parts if kind != "text/html"),
            *(_attachment(attachment) for attachment in email.attachments),
        ],
    )


def _attachment(attachment: Any) -> dict[str, str]:
    """A tuple of name, content and type, or a ready part of an e-mail."""
    if isinstance(attachment, tuple):
        name, content, kind = attachment
        return _kept(name, kind, content)
    return _kept(attachment.get_filename(), attachment.get_content_type(), attachment.get_payload(decode=True))


def _kept(name: Any, kind: Any, content: Any) -> dict[str, str]:
    """As JSON holds it: the content in base64, as it may be anything."""
    octets = content if isinstance(content, bytes) else str(content).encode()
    return {
        "name": str(name or ""),
        "type": str(kind or "application/octet-stream"),
        "content": base64.b64encode(octets).decode(),
    }
