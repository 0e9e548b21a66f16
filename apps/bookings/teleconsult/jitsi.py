"""Jitsi Meet: rooms come about when somebody enters them, and only links signed with our secret lead in.

The server must be set up to take signed tokens only (`jitsi-meet-tokens`): see docs/operations.md.
"""

import secrets
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

from rest_framework_simplejwt.backends import TokenBackend

from .base import Call, Guest, Link

ALGORITHM = "HS256"
#: Who the token is for, as Jitsi's own documents call it.
AUDIENCE = "jitsi"
#: The server's clock may be so much behind ours: who comes when the room opens is not turned away.
_CLOCKS_DIFFER_BY = timedelta(minutes=1)


class Jitsi:
    """Nothing is asked of the server. A room's name is random; one that nobody has a link to is empty for ever."""

    name: ClassVar[str] = "jitsi"

    def __init__(self, url: str, app_id: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._app_id = app_id
        self._signing = TokenBackend(ALGORITHM, secret, audience=AUDIENCE, issuer=app_id)

    def open_room(self, call: Call, *, was_tried: bool) -> str:
        return secrets.token_hex(16)

    def close_room(self, call: Call, room: str) -> None:
        """The rooms of an appointment's other times have other names, so an old link leads to where nobody is."""

    def link(self, call: Call, room: str, guest: Guest) -> Link:
        token = self._signing.encode(
            {
                "sub": urlsplit(self._url).hostname,
                "room": room,
                "nbf": int((call.opens_at - _CLOCKS_DIFFER_BY).timestamp()),
                "exp": int(call.closes_at.timestamp()),
                # Texts all of them: Jitsi's plug-ins stumble over other values. Servers ask for one or the other.
                "context": {
                    "user": {
                        "name": guest.name,
                        "moderator": "true" if guest.is_host else "false",
                        "affiliation": "owner" if guest.is_host else "member",
                    }
                },
            }
        )
        return Link(url=f"{self._url}/{room}?{urlencode({'jwt': token})}")
