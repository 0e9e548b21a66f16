"""The European Central Bank's reference rates, as XML: thirty currencies, about 16:00 on each working day."""

import time
from datetime import date
from typing import Any
from xml.parsers import expat  # nosec B407

import httpx

from apps.common.exchange.rates import Rate

from .base import Provider, ProviderFailed, per_euro

#: The file has 2 kB.
MAX_BYTES = 1_000_000
TIME_LIMIT_SECONDS = 20.0
_WAIT_SECONDS = 5.0
_CUBE = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref Cube"


class EuropeanCentralBank(Provider):
    name = "ECB"

    def __init__(self, url: str, *, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> None:
        self.url = url
        self.time_limit_seconds = time_limit_seconds

    def fetch(self, *, today: date) -> list[Rate]:
        return self._parse(self._download())

    def _download(self) -> bytes:
        until = time.monotonic() + self.time_limit_seconds
        content = bytearray()
        wait = min(_WAIT_SECONDS, self.time_limit_seconds)
        try:
            with (
                httpx.Client(timeout=wait, follow_redirects=True, max_redirects=3) as client,
                client.stream("GET", self.url, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise ProviderFailed(f"the server answered {response.status_code}")
                for part in response.iter_raw():
                    content += part
                    if len(content) > MAX_BYTES:
                        raise ProviderFailed("the answer is too large")
                    if time.monotonic() > until:
                        raise ProviderFailed("the answer took too long")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderFailed(f"no answer: {type(error).__name__}") from error
        return bytes(content)

    def _parse(self, document: bytes) -> list[Rate]:
        rates: list[Rate] = []
        day: list[date] = []

        def element(name: str, attributes: dict[str, str]) -> None:
            if name == _CUBE and "time" in attributes:
                day[:] = [date.fromisoformat(attributes["time"])]
            elif name == _CUBE and "currency" in attributes:
                rates.append(Rate(attributes["currency"], day[0], per_euro(attributes["rate"]), self.name))

        # Hardened: without a document type there are no entities, neither bombs nor other people's files.
        parser: Any = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = element
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.Parse(document, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise ProviderFailed(f"the answer is not the bank's XML: {type(error).__name__}") from error
        if not rates:
            raise ProviderFailed("there are no rates in the answer")
        return rates


def _refuse(*declaration: Any) -> None:
    raise ProviderFailed("the answer declares a document type, which rates do not need")
