"""An e-mail backend that sends nothing: it keeps e-mails as rows, to be read in the admin. For the demo."""

from collections.abc import Sequence

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
        attachments=[_attachment_name(attachment) for attachment in email.attachments],
    )


def _attachment_name(attachment: object) -> str:
    if isinstance(attachment, tuple):
        return str(attachment[0] or "")
    return getattr(attachment, "get_filename", str)() or ""
