"""An insurer that answers over https as `apps/clinical/insurers/http.py` says, and misbehaves on request.

    insurer = InsurerServer()                       # on a free port, with a certificate of its own
    monkeypatch.setenv("SSL_CERT_FILE", insurer.certificate_file)       # and http._trusted.cache_clear()
    InsurerFactory(endpoint=insurer.url, secret=insurer.secret, verification_kind="http")
    insurer.policies["LH-77"] = {"valid": True, "coverage": {"amount": "50000.00", "currency": "USD"}}

The same `request` gets the same answer. `asked` is what arrived, `answers` how often each request was answered.
"""

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import os
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SIGNATURE = "Medivoy-Signature"


class InsurerServer:
    """`hangs`: says nothing; `status`: answers with it; `says`: answers these bytes instead; `signs_with`: another
    secret; `signed_at`: another time; `shift`: another `request`. `before_answer` runs once the answer is decided."""

    def __init__(self, secret: str = "a-secret-of-the-insurer-and-of-medivoy") -> None:
        self.secret = secret
        self.policies: dict[str, dict] = {}
        self.asked: list[dict] = []
        self.unsigned = 0
        self.answers: Counter[str] = Counter()
        self.decided: dict[str, dict] = {}
        self.hangs = False
        self.status: int | None = None
        self.says: bytes | None = None
        self.signs_with: str | None = None
        self.signed_at: int | None = None
        self.is_unsigned = False
        self.headers: dict[str, str] = {}
        self.before_answer: Callable[[], None] = lambda: None
        self.over = threading.Event()
        self.lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory()
        self.certificate_file = os.path.join(self._folder.name, "insurer.pem")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (_Answer,), {"insurer": self}))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(self.certificate_file))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}/policies"

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._folder.cleanup()

    def answer(self, question: dict) -> dict:
        """What it says of a policy, once and for all of one request."""
        with self.lock:
            known = self.policies.get(question["policy_number"], {"valid": False})
            said = self.decided.setdefault(
                question["request"], {"request": question["request"], "reference": f"R{len(self.decided) + 1}", **known}
            )
            self.answers[question["request"]] += 1
        return said


class _Answer(BaseHTTPRequestHandler):
    insurer: InsurerServer

    def do_POST(self) -> None:
        insurer = self.insurer
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        at, digest = _parts(self.headers.get(SIGNATURE, ""))
        if digest != _digest(insurer.secret, at, body):
            insurer.unsigned += 1
            self._say(401, b"{}")
            return
        question = json.loads(body)
        assert question["request"] == self.headers["Idempotency-Key"]
        insurer.asked.append(question)
        if insurer.hangs:
            insurer.over.wait(10)
            return
        if insurer.status is not None:
            self._say(insurer.status, b"{}")
            return
        said = insurer.says if insurer.says is not None else json.dumps(insurer.answer(question)).encode()
        insurer.before_answer()
        self._say(200, said)

    def _say(self, status: int, said: bytes) -> None:
        insurer = self.insurer
        at = int(time.time()) if insurer.signed_at is None else insurer.signed_at
        self.send_response(status)
        for name, value in insurer.headers.items():
            self.send_header(name, value)
        if not insurer.is_unsigned:
            self.send_header(SIGNATURE, f"t={at},v1={_digest(insurer.signs_with or insurer.secret, str(at), said)}")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def _parts(signature: str) -> tuple[str, str]:
    at, _comma, digest = signature.removeprefix("t=").partition(",v1=")
    return at, digest


def _digest(secret: str, at: str, body: bytes) -> str:
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _certificate(path: str) -> str:
    """Key and certificate of 127.0.0.1 in one file, which clients take as an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "insurer")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    with open(path, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        file.write(made.public_bytes(serialization.Encoding.PEM))
    return path
