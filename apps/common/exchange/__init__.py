"""Exchange rates: stored daily, said with their source and day, never guessed.

    from apps.common import exchange

    rates = exchange.current()
    rates.convert(Money(Decimal(250_000), "INR"), "USD")
    rates.info("INR", "USD", today=today)         # {"source": "ECB", "on": ..., "is_old": False}

A job asks the provider that the settings name (`providers`, one file each) and stores what is plausible (`services`).
"""

from .newest import current
from .rates import NoRate, Rate, RateInfo, Rates

__all__ = ["NoRate", "Rate", "RateInfo", "Rates", "current"]
