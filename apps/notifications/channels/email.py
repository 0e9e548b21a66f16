"""E-mail over whichever backend the settings name: one connection for many messages, ten seconds for each."""

import contextlib
import smtplib
import socket
import threading
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from apps.notifications import rendering
from apps.notifications.models import Message
from apps.notifications.rendering import Rendered

from .base import Channel, PermanentFailure, TemporaryFailure


def message_id(message: Message) -> str:
    """The same for every attempt at one row, so that whoever receives it twice can tell."""
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"<{message.pk}@{address.rpartition('@')[2] or 'localhost'}>"


class EmailChannel(Channel):
    """Multipart text and HTML, and what the kind attaches.

    A server that hangs or dribbles is cut off after `EMAIL_TIMEOUT` seconds.
    """

    def __init__(self) -> None:
        self._connection: Any = None

    def send(self, message: Message, rendered: Rendered) -> str:
        email = EmailMultiAlternatives(
            subject=rendered.subject,
            body=rendered.text,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.recipient.email],
            headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"},
        )
        email.attach_alternative(rendered.html, "text/html")
        for attached in rendering.attachments(message):
            content = attached.content
            if attached.name:
                content = content.encode() if isinstance(content, str) else content
                email.attach(attached.name, content, attached.content_type)
            else:
                email.attach_alternative(content, attached.content_type)
        try:
            if self._connection is None:
                connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
                connection.open()
                self._connection = connection
            with _cut_off_after(settings.EMAIL_TIMEOUT, self._connection):
                self._connection.send_messages([email])
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise _failure(error) from error
        return email.extra_headers["Message-ID"]

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.close()


@contextlib.contextmanager
def _cut_off_after(seconds: float, connection: Any) -> Iterator[None]:
    """Socket time-outs begin anew with every byte; this one does not: the socket is shut when the time is over."""
    sock = getattr(getattr(connection, "connection", None), "sock", None)
    if sock is None:
        yield
        return

    def cut() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _failure(error: Exception) -> TemporaryFailure | PermanentFailure:
    """What an SMTP error means. Codes are kept, texts are not: servers repeat addresses in them."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        text = f"{name} {min(codes, default=0)}"
        return PermanentFailure(text) if codes and min(codes) >= 500 else TemporaryFailure(text)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return PermanentFailure(name)
    if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500:
        return PermanentFailure(f"{name} {error.smtp_code}")
    if isinstance(error, smtplib.SMTPResponseException):
        return TemporaryFailure(f"{name} {error.smtp_code}")
    return TemporaryFailure(name)
