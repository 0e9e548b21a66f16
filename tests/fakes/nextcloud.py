"""A small server that speaks the calls of Nextcloud Talk's OCS API that we make, and misbehaves on request.

Written after Talk's documented API (conversation, webinar, constants): public rooms of one account, each with a name, a
password and a lobby; 401 without the account's password, 404 for a room that is gone, 429 with too many calls.
"""

import base64
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ROOMS = "/ocs/v2.php/apps/spreed/api/v4/room"


@dataclass
class Room:
    token: str
    name: str
    type: int
    password: str = ""
    lobby_until: int | None = None


@dataclass
class Failure:
    """The next `times` calls of `method` (any for "") are answered by `status`; `after` lets the call do its work."""

    status: int
    method: str = ""
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


class NextcloudServer:
    """`hangs`: says nothing; `nonsense`: answers what is no OCS; `takes_passwords` is false for versions before 21."""

    def __init__(self, user: str = "medivoy", password: str = "app-password-of-medivoy") -> None:
        self.user, self.password = user, password
        self.rooms: dict[str, Room] = {}
        self.calls: list[tuple[str, str]] = []
        self.failures: list[Failure] = []
        self.hangs = self.nonsense = False
        self.takes_passwords = True
        #: Called with the method once a call has done its work, before the answer goes out.
        self.before_answer: Callable[[str], None] = lambda method: None
        self.over = threading.Event()
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (_Answer,), {"nextcloud": self}))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, status: int, method: str = "", **more) -> None:
        self.failures.append(Failure(status, method, **more))

    def lets_in(self, url: str, password: str, *, at: float) -> bool:
        """Whether a guest who opens the address and types the password is in the call at that instant."""
        prefix = f"{self.url}/call/"
        room = self.rooms.get(url.removeprefix(prefix)) if url.startswith(prefix) else None
        if room is None or room.type != 3 or not secrets.compare_digest(room.password, password):
            return False
        return room.lobby_until is None or at >= room.lobby_until


class _Answer(BaseHTTPRequestHandler):
    nextcloud: NextcloudServer

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        server, path = self.nextcloud, urlsplit(self.path).path
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        with server.lock:
            server.calls.append((method, path))
            failure = next((each for each in server.failures if each.method in {"", method}), None)
            if failure is not None:
                failure.times -= 1
                if failure.times == 0:
                    server.failures.remove(failure)
        if server.hangs:
            server.over.wait(10)
            return
        if not self._is_known():
            self._say(401, {})
        elif self.headers.get("OCS-APIRequest") != "true" or "json" not in self.headers.get("Accept", ""):
            self._say(412, {})
        elif failure is not None and not failure.after:
            self._say(failure.status, {}, failure.headers)
        else:
            with server.lock:
                status, data = self._done(method, path, body)
            server.before_answer(method)
            if failure is not None:
                self._say(failure.status, {}, failure.headers)
            else:
                self._say(status, data)

    def _is_known(self) -> bool:
        expected = base64.b64encode(f"{self.nextcloud.user}:{self.nextcloud.password}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _done(self, method: str, path: str, body: dict) -> tuple[int, object]:
        rooms = self.nextcloud.rooms
        if path == ROOMS and method == "GET":
            return 200, [self._shown(room) for room in rooms.values()]
        if path == ROOMS and method == "POST":
            if body.get("roomType") not in {2, 3} or not 0 < len(body.get("roomName", "")) <= 255:
                return 400, {}
            room = Room(secrets.token_hex(4), body["roomName"], body["roomType"])
            if self.nextcloud.takes_passwords:
                room.password = body.get("password", "")
            rooms[room.token] = room
            return 201, self._shown(room)
        token, _slash, what = path.removeprefix(f"{ROOMS}/").partition("/")
        found = rooms.get(unquote(token))
        if found is None:
            return 404, {}
        if method == "DELETE" and not what:
            del rooms[found.token]
            return 200, {}
        if method == "PUT" and what == "password":
            found.password = body["password"]
            return 200, {}
        if method == "PUT" and what == "webinar/lobby":
            found.lobby_until = body["timer"] if body["state"] == 1 else None
            return 200, self._shown(found)
        return 405, {}

    @staticmethod
    def _shown(room: Room) -> dict:
        return {"token": room.token, "name": room.name, "type": room.type, "hasPassword": bool(room.password)}

    def _say(self, status: int, data: object, headers: dict[str, str] | None = None) -> None:
        said = json.dumps({"ocs": {"meta": {"status": "ok", "statuscode": status}, "data": data}}).encode()
        if self.nextcloud.nonsense:
            said = b"<html>Maintenance</html>"
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
