"""Scanners for viruses: one small interface, one file a provider; MEDIA_SCANNER names it."""

from django.conf import settings

from .base import Scanner, ScannerUnavailable, TooLargeToScan, Verdict
from .clamd import Clamd
from .off import Off


def chosen() -> Scanner:
    """The scanner that the settings name."""
    return Clamd(settings.MEDIA_SCANNER_ADDRESS) if settings.MEDIA_SCANNER == "clamd" else Off()


def is_set_up() -> bool:
    return settings.MEDIA_SCANNER != "off"


__all__ = ["Clamd", "Off", "Scanner", "ScannerUnavailable", "TooLargeToScan", "Verdict", "chosen", "is_set_up"]
