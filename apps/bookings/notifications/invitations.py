"""The calendar files that messages about appointments carry: made while a message is sent, of what is true then."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.bookings import calendar_files, selectors
from apps.notifications.catalogue import Attachment
from apps.notifications.models import Message

FILE = "invite.ics"


def invitation(message: Message) -> Sequence[Attachment]:
    """For the party that the message goes to, in their language: the appointment to take in, or to take out again
    where it is called off. Nothing while it is only asked for."""
    return _file(message, Q(pk=UUID(message.context["appointment_id"])))


def withdrawal(message: Message) -> Sequence[Attachment]:
    """As `invitation`, of the appointment whose place the message's took: it is to be taken out."""
    return _file(message, Q(replaced_by=UUID(message.context["appointment_id"])))


def _file(message: Message, which: Q) -> Sequence[Attachment]:
    """Twice, as mail programs want it: beside the text for those that offer it themselves, and as a file for the
    others."""
    reader = message.recipient
    found = selectors.invited_entry(which, recipient=reader)
    if found is None:
        return ()
    method = calendar_files.method_of(found.entry, was_agreed=found.was_agreed)
    if method is None:
        return ()
    made = calendar_files.invitation(
        found.entry, method, address=reader.email, reader_zone=reader.time_zone, now=timezone.now()
    )
    return (
        Attachment(content_type=f"text/calendar; method={method}", content=made),
        Attachment(name=FILE, content_type="application/ics", content=made),
    )
