"""A small SMTP server that misbehaves on request: real sockets, so that the real client runs."""

import contextlib
import email
import socketserver
import threading
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default

ACCEPT = b"250 taken\r\n"
#: Ends the connection without an answer.
HANG_UP = b""
Answer = Callable[["MailServer", EmailMessage], bytes]


class MailServer:
    """Keeps what it accepted. `answer` is asked for the reply to each message; it may wait, count or raise."""

    def __init__(self, answer: Answer = lambda server, message: ACCEPT) -> None:
        self.answer = answer
        self.accepted: list[EmailMessage] = []
        self.connections = 0
        self.refused_recipients: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self.conversation = type("Conversation", (Conversation,), {"mail": self})
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self.conversation)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def ids(self) -> list[str]:
        with self._lock:
            return [message["Message-ID"] for message in self.accepted]

    def __enter__(self) -> "MailServer":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def speak(self, conversation: type["Conversation"]) -> None:
        """Talk in another manner to whoever connects from now on."""
        self._server.RequestHandlerClass = conversation

    def take(self, content: bytes) -> bytes:
        message = email.message_from_bytes(content, policy=default)
        reply = self.answer(self, message)
        if reply.startswith(b"250"):
            with self._lock:
                self.accepted.append(message)
        return reply


class Conversation(socketserver.StreamRequestHandler):
    """One client's connection."""

    mail: MailServer

    def handle(self) -> None:
        self.mail.connections += 1
        with contextlib.suppress(OSError):  # the client went away: nobody is left to answer
            self.wfile.write(b"220 mail\r\n")
            while (line := self.rfile.readline()) and (reply := self.reply_to(line)):
                self.wfile.write(reply)

    def reply_to(self, line: bytes) -> bytes:
        command = line[:4].upper()
        if command == b"DATA":
            self.wfile.write(b"354 go on\r\n")
            return self.mail.take(self.content())
        if command == b"RCPT":
            address = line.decode().partition("<")[2].partition(">")[0]
            return self.mail.refused_recipients.get(address, b"250 ok\r\n")
        return b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n"

    def content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)
