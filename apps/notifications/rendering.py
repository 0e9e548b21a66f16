"""A message as its reader gets it: in their language, their zone beside the hospital's, right-to-left where due."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from apps.common.exceptions import Text

from . import catalogue
from .catalogue import Attachment, Kind
from .models import Channel, Message

#: Stands where a code or link was, when staff look at a message.
MASK = "•••"


@dataclass(frozen=True)
class Rendered:
    subject: str
    text: str
    html: str = ""


def one_line(text: str) -> str:
    """The text without line breaks: a name with a newline in it must not become a header of its own."""
    return " ".join(text.split())


def fill(text: Text, context: dict[str, Any]) -> str:
    """A lazy text in the language that is active now, its placeholders filled."""
    return str(text) % context if text else ""


def render(message: Message, *, masked: bool = False) -> Rendered:
    """The message in its recipient's language. `masked` hides codes and links, for staff who look at it."""
    kind = catalogue.get(message.kind)
    context = dict(message.context)
    if masked:
        context |= dict.fromkeys(kind.secrets, MASK)
    with translation.override(message.recipient.language):
        subject = one_line(fill(kind.subject, context))
        if message.channel == Channel.IN_APP:
            return Rendered(subject=subject, text=summary(kind, context, zone=message.recipient.time_zone))
        return Rendered(
            subject=subject,
            text=_text(kind.template(Channel.EMAIL, "txt"), _email_context(message, kind, context, subject)),
            html=get_template(kind.template(Channel.EMAIL, "html")).render(
                _email_context(message, kind, context, subject)
            ),
        )


def attachments(message: Message) -> Sequence[Attachment]:
    """What the message's e-mail carries, made now."""
    make = catalogue.get(message.kind).attachments
    if make is None:
        return ()
    with translation.override(message.recipient.language):
        return make(message)


def summary(kind: Kind, context: dict[str, Any], *, zone: str) -> str:
    """The text of an in-app message in the language that is active now, times in the reader's `zone` too."""
    if kind.summary:
        return fill(kind.summary, context)
    return _text(kind.template(Channel.IN_APP, "txt"), context | {"reader_zone": zone})


def _email_context(message: Message, kind: Kind, context: dict[str, Any], subject: str) -> dict[str, Any]:
    language = translation.get_language() or settings.LANGUAGE_CODE
    return context | {
        "subject": subject,
        "reader_name": message.recipient.first_name,
        "reader_zone": message.recipient.time_zone,
        "language": language,
        "is_transactional": kind.transactional,
        "is_right_to_left": translation.get_language_bidi(),
        "public_url": settings.PUBLIC_URL,
        "app_url": settings.APP_URL,
    }


def _text(name: str, context: dict[str, Any]) -> str:
    """A plain text: nothing is escaped in it, whatever its template extends or includes."""
    template: Any = get_template(name)
    text = template.template.render(Context(context, autoescape=False))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def preview(message: Message) -> Rendered:
    """What the message says, codes and links masked; where it cannot be rendered, the kind of error instead."""
    try:
        return render(message, masked=True)
    except Exception as error:  # noqa: BLE001  just the broken message is the one that staff look at
        return Rendered(subject="", text=f"{type(error).__name__}\n")
