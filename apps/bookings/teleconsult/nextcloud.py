"""Nextcloud Talk, by its OCS API: public rooms of one service account, each with a password and a lobby until it opens.

Talk 13 (Nextcloud 23) and later. Guests come by the room's address and type the password; no account is made for them.
"""

import contextlib
import functools
import json
import secrets
import ssl
import time
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
from django.utils import timezone

from .base import Call, Guest, Link, ProviderFailed

CONNECT_SECONDS = 3.0
#: For a whole answer; one room takes five calls at most.
TIME_LIMIT_SECONDS = 10.0
#: A list of conversations is the largest answer.
MAX_BYTES = 5_000_000
_ROOMS = "/ocs/v2.php/apps/spreed/api/v4/room"
_HEADERS = {"OCS-APIRequest": "true", "Accept": "application/json", "Accept-Encoding": "identity"}
_PUBLIC, _LOBBY_FOR_GUESTS = 3, 1
#: Waiting longer than this is of no use to anybody.
_LONGEST_WAIT_SECONDS = 600
#: Password policies want all kinds of characters.
_ALL_KINDS = "-aA1"


class NextcloudTalk:
    """What it knows of a room is its token, which is also its address, and its password."""

    name: ClassVar[str] = "nextcloud"

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url.rstrip("/")
        self._auth = (user, password)

    def open_room(self, call: Call, *, was_tried: bool) -> str:
        password = secrets.token_urlsafe(12) + _ALL_KINDS
        with self._talking() as talk:
            if was_tried:
                talk.remove_all(call.reference)
            wanted = {"roomType": _PUBLIC, "roomName": call.reference, "password": password}
            made = talk.ask("POST", _ROOMS, wanted, takes={200, 201})
            token = _token(made)
            try:
                if not made.get("hasPassword"):  # before Talk 21 it is not taken with the room
                    talk.ask("PUT", f"{_room(token)}/password", {"password": password})
                if call.opens_at > timezone.now():
                    until = int(call.opens_at.timestamp())
                    talk.ask("PUT", f"{_room(token)}/webinar/lobby", {"state": _LOBBY_FOR_GUESTS, "timer": until})
            except ProviderFailed:
                with contextlib.suppress(ProviderFailed):  # the next attempt looks for it by its name
                    talk.remove(token)
                raise
        return f"{token} {password}"

    def close_room(self, call: Call, room: str) -> None:
        with self._talking() as talk:
            if room:
                talk.remove(room.partition(" ")[0])
            else:
                talk.remove_all(call.reference)

    def link(self, call: Call, room: str, guest: Guest) -> Link:
        token, _space, password = room.partition(" ")
        return Link(url=f"{self._url}/call/{quote(token, safe='')}", password=password)

    @contextlib.contextmanager
    def _talking(self) -> Iterator["_Talk"]:
        limits = httpx.Timeout(TIME_LIMIT_SECONDS, connect=CONNECT_SECONDS)
        with httpx.Client(auth=self._auth, headers=_HEADERS, timeout=limits, verify=_trusted()) as client:
            yield _Talk(client, self._url)


class _Talk:
    """A conversation with the server. Redirects are not followed: the password goes to the one place it is for."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self._client, self._url = client, url

    def remove(self, token: str) -> None:
        self.ask("DELETE", _room(token), takes={200, 404})

    def remove_all(self, name: str) -> None:
        """The rooms of this name: what an attempt made that did not live to tell."""
        found = self.ask("GET", _ROOMS)
        for room in found if isinstance(found, list) else ():
            if isinstance(room, dict) and room.get("name") == name:
                self.remove(_token(room))

    def ask(self, method: str, path: str, body: Any = None, *, takes: set[int] | None = None) -> Any:
        """The answer's data; an empty dict for one that says there is no such thing, where that is taken."""
        status, headers, content = self._exchanged(method, path, body)
        if status not in (takes or {200}):
            raise ProviderFailed(
                f"the server answered {status}",
                concerns_all=status in {401, 429} or status >= 500 or 300 <= status < 400,
                retry_after=_seconds(headers.get("Retry-After", "")),
            )
        if status == 404:
            return {}
        try:
            return json.loads(content)["ocs"]["data"]
        except (ValueError, LookupError, TypeError):
            raise ProviderFailed("the answer is not Nextcloud's", concerns_all=True) from None

    def _exchanged(self, method: str, path: str, body: Any) -> tuple[int, httpx.Headers, bytes]:
        until = time.monotonic() + TIME_LIMIT_SECONDS
        content = bytearray()
        try:
            with self._client.stream(method, self._url + path, json=body) as response:
                for part in response.iter_raw():
                    content += part
                    if len(content) > MAX_BYTES:
                        raise ProviderFailed("the answer is too large", concerns_all=True)
                    if time.monotonic() > until:
                        raise ProviderFailed("the answer took too long", concerns_all=True)
                return response.status_code, response.headers, bytes(content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderFailed(f"no answer: {type(error).__name__}", concerns_all=True) from None


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities that certificates are checked against: reading them takes longer than opening a room."""
    return httpx.create_ssl_context()


def _room(token: str) -> str:
    return f"{_ROOMS}/{quote(token, safe='')}"


def _token(data: Any) -> str:
    token = data.get("token") if isinstance(data, dict) else None
    if not isinstance(token, str) or not token or " " in token:
        raise ProviderFailed("the answer names no room", concerns_all=True)
    return token


def _seconds(text: str) -> int:
    return min(int(text), _LONGEST_WAIT_SECONDS) if text.isascii() and text.isdigit() else 0
