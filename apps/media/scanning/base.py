"""What a scanner for viruses is asked, and what it may answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class ScannerUnavailable(Exception):
    """It cannot be reached, does not answer in time, or did not come to a verdict: the file is scanned later."""


class TooLargeToScan(Exception):
    """The scanner's own limits are below the file's size: it is scanned once somebody has raised them."""


@dataclass(frozen=True)
class Verdict:
    """`was_scanned` is false where no scanner is set up; `threat` is what the scanner calls what it found."""

    was_scanned: bool
    threat: str = ""


class Scanner(Protocol):
    def scan(self, pieces: Iterable[bytes]) -> Verdict:
        """Raises ScannerUnavailable, TooLargeToScan."""
        ...

    def greet(self) -> str:
        """For the health page: what there is to know of it. Raises ScannerUnavailable."""
        ...
