"""Messages."""

import factory
from django.utils import timezone

from apps.notifications.models import Channel, Message

from .accounts import UserFactory


class MessageFactory(factory.django.DjangoModelFactory):
    """An announcement that waits to be sent by e-mail."""

    class Meta:
        model = Message

    recipient = factory.SubFactory(UserFactory)
    channel = Channel.EMAIL
    kind = "notifications.announcement"
    event = factory.Sequence(lambda n: f"announcement:{n}")
    context = factory.LazyFunction(lambda: {"title": "Closed on Friday", "body": "We are back on Monday."})
    due_at = factory.LazyFunction(timezone.now)


class InAppMessageFactory(MessageFactory):
    """An announcement in the reader's inbox."""

    channel = Channel.IN_APP
    status = Message.Status.SENT
    sent_at = factory.LazyFunction(timezone.now)
