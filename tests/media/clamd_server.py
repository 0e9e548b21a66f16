"""A small server that speaks clamd's protocol over TCP or a unix socket, and misbehaves on request."""

import socket
import socketserver
import threading

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class ClamdServer:
    """Finds EICAR. `hangs`: says nothing; `broken`: answers nonsense; `max_bytes`: its own limit."""

    def __init__(self, path: str | None = None) -> None:
        self.hangs = self.broken = False
        self.max_bytes: int | None = None
        self.scanned: list[int] = []
        self.largest_piece = 0
        self.over = threading.Event()
        kind = socketserver.ThreadingUnixStreamServer if path else socketserver.ThreadingTCPServer
        handler = type("Handler", (_Handler,), {"clamd": self})
        self._server = kind(path or ("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        host = self._server.server_address
        self.address = f"unix://{path}" if path else f"tcp://127.0.0.1:{host[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(socketserver.StreamRequestHandler):
    clamd: ClamdServer

    def handle(self) -> None:
        command = self._until_nul()
        if self.clamd.hangs:
            self.clamd.over.wait(10)
        elif self.clamd.broken:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        elif command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            self.wfile.write(self._verdict() + b"\0")

    def _until_nul(self) -> bytes:
        found = b""
        while (byte := self.rfile.read(1)) and byte != b"\0":
            found += byte
        return found

    def _verdict(self) -> bytes:
        count, tail, is_infected = 0, b"", False
        while size := int.from_bytes(self.rfile.read(4), "big"):
            piece = self.rfile.read(size)
            count += len(piece)
            self.clamd.largest_piece = max(self.clamd.largest_piece, size)
            if self.clamd.max_bytes is not None and count > self.clamd.max_bytes:
                return b"INSTREAM size limit exceeded. ERROR"
            is_infected |= EICAR in tail + piece
            tail = piece[-len(EICAR) :]
        self.clamd.scanned.append(count)
        return b"stream: Eicar-Test-Signature FOUND" if is_infected else b"stream: OK"


def dead_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"
