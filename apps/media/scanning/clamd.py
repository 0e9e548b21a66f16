"""ClamAV's daemon, by its own protocol over a unix socket or TCP.

The file is streamed in pieces (INSTREAM): the daemon needs no access to where it lies, and nobody holds it in memory.
"""

import contextlib
import socket
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from .base import ScannerUnavailable, TooLargeToScan, Verdict

CONNECT_SECONDS = 3
#: For the daemon to take each piece, and for its verdict once it has them all: it unpacks and reads 2 GB by then.
SEND_SECONDS = 30
VERDICT_SECONDS = 240
#: A verdict is a line; what is longer is no daemon of this kind.
_MAX_ANSWER = 4096


class Clamd:
    """`address` is unix:///run/clamav/clamd.ctl or tcp://scanner.example.com:3310."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)

    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        with self._connected() as line:
            sent_all = self._sent(line, pieces)
            line.settimeout(VERDICT_SECONDS if sent_all else CONNECT_SECONDS)
            answer = _answer(line)
        if answer == "stream: OK" and sent_all:
            return Verdict(was_scanned=True)
        if answer.endswith(" FOUND"):
            return Verdict(was_scanned=True, threat=answer.removeprefix("stream: ").removesuffix(" FOUND")[:100])
        if "size limit exceeded" in answer:
            raise TooLargeToScan
        raise ScannerUnavailable("no verdict")

    def greet(self) -> str:
        with self._connected() as line:
            if not _told(line, b"zPING\0") or _answer(line) != "PONG":
                raise ScannerUnavailable("an answer that is none")
        return ""

    @staticmethod
    def _sent(line: socket.socket, pieces: Iterable[bytes]) -> bool:
        """False when the daemon hung up before the end: it has then said why."""
        line.settimeout(SEND_SECONDS)
        if not _told(line, b"zINSTREAM\0"):
            return False
        for piece in pieces:
            if not _told(line, len(piece).to_bytes(4, "big")) or not _told(line, piece):
                return False
        return _told(line, bytes(4))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        try:
            line = self._connect()
        except OSError as error:
            raise ScannerUnavailable(type(error).__name__) from error
        with line:
            yield line

    def _connect(self) -> socket.socket:
        if self._address.scheme == "tcp":
            return socket.create_connection((self._address.hostname, self._address.port), timeout=CONNECT_SECONDS)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect(self._address.path)
        except OSError:
            line.close()
            raise
        return line


def _told(line: socket.socket, data: bytes) -> bool:
    """False when the other side has hung up."""
    try:
        line.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        return False
    except OSError as error:
        raise ScannerUnavailable(type(error).__name__) from error
    return True


def _answer(line: socket.socket) -> str:
    """The line that ends with a NUL, or with the connection."""
    found = b""
    try:
        while b"\0" not in found and len(found) < _MAX_ANSWER and (piece := line.recv(_MAX_ANSWER)):
            found += piece
    except OSError as error:
        if not found:
            raise ScannerUnavailable(type(error).__name__) from error
    return found.partition(b"\0")[0].decode("utf-8", "replace").strip()
