"""The reader's own list in the app: a message is there as soon as its row is."""

from typing import ClassVar

from apps.notifications.models import Message
from apps.notifications.rendering import Rendered

from .base import Channel


class InAppChannel(Channel):
    """Nothing is sent anywhere: the API reads the rows, and renders them in the language asked for."""

    immediate: ClassVar[bool] = True

    def send(self, message: Message, rendered: Rendered) -> str:
        return ""
