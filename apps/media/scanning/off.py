"""No scanner is set up. Files are used unscanned, and say so."""

from collections.abc import Iterable

from .base import Verdict


class Off:
    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        return Verdict(was_scanned=False)

    def greet(self) -> str:
        return "No scanner is set up: files are not scanned."
