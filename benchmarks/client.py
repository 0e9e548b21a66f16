"""The load: keep-alive connections, each sending its next request when the last is answered. Bounded in time."""

import selectors
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

#: Makes the next request: (connection's number, how many it has sent) -> bytes, or None when it is done.
NextRequest = Callable[[int, int], bytes | None]


@dataclass
class Result:
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def median_ms(self) -> float:
        return statistics.median(self.latencies) * 1000 if self.latencies else 0.0


class _Connection:
    def __init__(self, number: int, path: str) -> None:
        self.number, self.sent, self.buffer, self.began = number, 0, b"", 0.0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)


def request(method: str, path: str, *, token: str | None = None, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: keep-alive"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(path: str, connections: int, seconds: float, next_request: NextRequest) -> Result:
    """Send for `seconds` over `connections` to the server at unix socket `path`."""
    result, selector = Result(), selectors.DefaultSelector()
    open_connections = 0
    began = time.perf_counter()
    for number in range(connections):
        connection = _Connection(number, path)
        if _send(connection, next_request):
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            open_connections += 1
    while open_connections:
        for key, _events in selector.select(timeout=30):
            connection = key.data
            received = connection.socket.recv(1 << 20)
            if not received:
                raise ConnectionError("the server closed a connection that was to be kept")
            connection.buffer += received
            head, separator, rest = connection.buffer.partition(b"\r\n\r\n")
            if not separator:
                continue
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            if len(rest) < length:
                continue
            now = time.perf_counter()
            result.latencies.append(now - connection.began)
            result.statuses[int(head.split(b" ", 2)[1])] += 1
            connection.buffer = rest[length:]
            if now - began > seconds or not _send(connection, next_request):
                selector.unregister(connection.socket)
                connection.socket.close()
                open_connections -= 1
    result.seconds = time.perf_counter() - began
    return result


def _send(connection: _Connection, next_request: NextRequest) -> bool:
    data = next_request(connection.number, connection.sent)
    if data is None:
        return False
    connection.sent += 1
    connection.began = time.perf_counter()
    connection.socket.sendall(data)
    return True
