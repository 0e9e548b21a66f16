"""Every kind of message there is, once: its name, its channels, what may be muted, what is secret.

An app says its kinds in its own `notifications.py` (found by itself, as `admin.py` is) and nowhere else:

    CONFIRMED = catalogue.register(
        catalogue.Kind(
            name="bookings.appointment_confirmed",
            group="appointments",
            label=_("Appointment confirmed"),
            subject=_("Your appointment with %(doctor)s is confirmed"),
            summary=_("%(doctor)s expects you."),
            transactional=True,
            example={"doctor": "Asha Rao", "starts_at": "2031-01-06T03:30:00+00:00", "hospital_zone": "Asia/Kolkata"},
        )
    )

    def appointment_confirmed(appointment: Appointment) -> None:
        services.notify(
            kind=CONFIRMED,
            recipient=appointment.patient.user,
            event=f"appointment.confirmed:{appointment.pk}:{appointment.version}",
            context={"doctor": ..., "starts_at": appointment.starts_at.isoformat(), "hospital_zone": ...},
        )

Texts are found by the name: `bookings.appointment_confirmed` has `bookings/email/appointment_confirmed.txt` and `.html`
(which extend `notifications/email/base.txt` and `.html`); without a `summary` also
`bookings/in_app/appointment_confirmed.txt`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import Text

#: What the reader sees as headings over the kinds in the preferences.
GROUPS: dict[str, Text] = {
    "account": _("Account and sign-in"),
    "appointments": _("Appointments"),
    "health": _("Health record"),
    "payments": _("Payments"),
    "directory": _("Hospitals and doctors"),
    "announcements": _("Announcements"),
}
_NAME = re.compile(r"^[a-z_]+\.[a-z][a-z_]*$")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    IN_APP = "in_app", _("In the app")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    PUSH = "push", _("Push")


class CatalogueError(Exception):
    """A kind is described wrongly or is unknown: a programmer's mistake, never shown to people."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """What an e-mail carries beside its text: a file; or, without a name, the same said in another way, of which a
    mail program shows what it understands best (an invitation to a calendar)."""

    content_type: str
    content: str | bytes
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of message. `subject` and `summary` hold named placeholders of the context; nothing medical in either.

    `channels` are those it can go over, all of them wanted unless the reader says otherwise. `transactional` ones the
    reader needs whatever they wish: one channel (e-mail where it has it) cannot be muted. `reaches_closed` ones
    are sent although the reader's account was closed meanwhile: they say so. `secrets` are context keys (a code, a link
    with a token) that are removed once the message is sent or given up, and never shown to staff.
    `example` is a context with every value that the texts use: tests render each kind with it in five languages, and
    `notify` refuses a context that lacks one of its names.
    `overtaken` looks again just before messages of the kind are sent, `(messages, now)`, in a constant number of
    queries: it gives those that must not be sent any more, by id, each with the reason that staff read.
    `attachments` gives, for a message that is about to be sent by e-mail, what is attached to it: as things are then.
    Nothing medical, as mail lies open on its way.
    """

    name: str
    group: str
    label: Text
    subject: Text
    summary: Text = ""
    channels: tuple[str, ...] = (Channel.EMAIL, Channel.IN_APP)
    transactional: bool = False
    reaches_closed: bool = False
    secrets: tuple[str, ...] = ()
    overtaken: Callable[[Any, datetime], Mapping[UUID, str]] | None = None
    attachments: Callable[[Any], Sequence[Attachment]] | None = None
    example: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def unmutable_channel(self) -> str | None:
        """The channel over which a transactional message comes always."""
        if not self.transactional:
            return None
        return Channel.EMAIL if Channel.EMAIL in self.channels else self.channels[0]

    def template(self, channel: str, extension: str) -> str:
        app, _dot, what = self.name.partition(".")
        return f"{app}/{channel}/{what}.{extension}"


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Add a kind to the catalogue. Raises CatalogueError for one that is described wrongly or is there already."""
    if not _NAME.match(kind.name) or len(kind.name) > 60:
        raise CatalogueError(f"{kind.name!r} is not of the form app.what, or is longer than 60 characters")
    if kind.name in _kinds and _kinds[kind.name] != kind:
        raise CatalogueError(f"{kind.name} is in the catalogue already")
    if kind.group not in GROUPS:
        raise CatalogueError(f"{kind.name}: {kind.group!r} is not one of the groups {sorted(GROUPS)}")
    if not kind.channels or not set(kind.channels) <= set(Channel.values):
        raise CatalogueError(f"{kind.name}: channels are some of {Channel.values}")
    told = placeholders(kind.subject) | placeholders(kind.summary)
    if told & set(kind.secrets):
        raise CatalogueError(f"{kind.name}: a secret stands in the subject or the summary")
    if kind.example and not told | set(kind.secrets) <= set(kind.example):
        raise CatalogueError(f"{kind.name}: the example lacks {sorted((told | set(kind.secrets)) - set(kind.example))}")
    _kinds[kind.name] = kind
    return kind


def needed(kind: Kind) -> set[str]:
    """The names that every context of the kind holds."""
    return placeholders(kind.subject) | placeholders(kind.summary) | set(kind.secrets) | set(kind.example)


def placeholders(text: Text) -> set[str]:
    """The names in `%(name)s` of a text."""
    return set(re.findall(r"%\((\w+)\)", str(text)))


def get(name: str) -> Kind:
    """The kind of that name. Raises CatalogueError when no app registered it."""
    try:
        return _kinds[name]
    except KeyError:
        raise CatalogueError(f"no kind of message is called {name!r}") from None


def knows(name: str) -> bool:
    return name in _kinds


def reaches_closed(name: str) -> bool:
    """Whether messages of that name are sent to somebody whose account is closed."""
    return name in _kinds and _kinds[name].reaches_closed


def label_of(name: str) -> str:
    """What people read for a kind's name: its label, or the name itself where no app knows it any more."""
    return str(_kinds[name].label) if name in _kinds else name


def kinds() -> Iterable[Kind]:
    """All kinds, in the order of the groups and then of their names."""
    order = list(GROUPS)
    return sorted(_kinds.values(), key=lambda kind: (order.index(kind.group), kind.name))
