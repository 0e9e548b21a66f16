"""Where rates come from: one small interface, one file a provider; EXCHANGE_RATES_PROVIDER names it."""

from django.conf import settings

from .base import Provider, ProviderFailed
from .ecb import EuropeanCentralBank
from .file import RatesFile


def chosen() -> Provider:
    """The provider that the settings name."""
    if settings.EXCHANGE_RATES_PROVIDER == "ecb":
        return EuropeanCentralBank(settings.EXCHANGE_RATES_URL)
    return RatesFile(settings.EXCHANGE_RATES_FILE)


__all__ = ["EuropeanCentralBank", "Provider", "ProviderFailed", "RatesFile", "chosen"]
