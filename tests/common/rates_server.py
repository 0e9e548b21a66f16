"""A small web server that publishes rates as the European Central Bank does, and misbehaves on request."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RATES = {"USD": "1.1640", "JPY": "179.50", "GBP": "0.87600", "INR": "104.8000", "TRY": "54.2000"}


def published(on: str, rates: dict[str, str]) -> bytes:
    """The bank's file of one day, in its form of 2026."""
    lines = "\n".join(f"\t\t\t<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
\t<gesmes:subject>Reference rates</gesmes:subject>
\t<gesmes:Sender>
\t\t<gesmes:name>European Central Bank</gesmes:name>
\t</gesmes:Sender>
\t<Cube>
\t\t<Cube time='{on}'>
{lines}
\t\t</Cube>
\t</Cube>
</gesmes:Envelope>""".encode()


class RatesServer:
    """Answers `status` and `body`; with `hangs` it says nothing; with `drips` it never comes to an end."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.headers: dict[str, str] = {}
        self.hangs = self.drips = False
        self.asked = 0
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answer", (_Answer,), {"rates": self}))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/eurofxref-daily.xml"

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Answer(BaseHTTPRequestHandler):
    rates: RatesServer

    def do_GET(self) -> None:
        server = self.rates
        server.asked += 1
        if server.hangs:
            server.over.wait(10)
            return
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        if not server.drips:
            self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        if server.drips:
            while not server.over.wait(0.02):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return
            return
        self.wfile.write(server.body)

    def log_message(self, *arguments: object) -> None:
        """Nothing on the screen."""
