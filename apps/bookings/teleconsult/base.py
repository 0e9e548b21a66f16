"""What every provider of video rooms offers, and how it fails."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol


class ProviderFailed(Exception):
    """The provider did not do what it was asked. The text says why without address or secret: staff read it, and it is
    logged. `concerns_all` when no other room would fare better; `retry_after` in seconds, where it was said."""

    def __init__(self, text: str, *, concerns_all: bool = False, retry_after: int = 0) -> None:
        super().__init__(text)
        self.concerns_all = concerns_all
        self.retry_after = retry_after


@dataclass(frozen=True)
class Call:
    """What a provider learns of a consultation: when it may be joined, and a name of ours by which a room is found
    again, and that says neither who meets nor why."""

    reference: str
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Guest:
    """Who comes in, by the name that the others see. The host is the doctor."""

    name: str
    is_host: bool


@dataclass(frozen=True)
class Link:
    """The way into a room. `password` is typed where the room's page asks for it; empty where the address is enough."""

    url: str
    password: str = ""


class Provider(Protocol):
    """Asked outside of any transaction, within time limits of its own. Each verb raises ProviderFailed."""

    name: ClassVar[str]

    def open_room(self, call: Call, *, was_tried: bool) -> str:
        """Open a room; what `close_room` and `link` need to know of it, for nobody else to read. One that an earlier
        attempt may have left behind (`was_tried`) is removed first."""
        ...

    def close_room(self, call: Call, room: str) -> None:
        """Nobody is in the room or gets in any more. A room that is gone already is closed. With no `room`, whatever
        was opened under the call's reference is closed."""
        ...

    def link(self, call: Call, room: str, guest: Guest) -> Link:
        """The guest's way into the room, asking nobody. Where links are signed, it dies when the call closes."""
        ...
