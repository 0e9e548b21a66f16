"""Rates from a JSON file: for the demo, and where no provider can be reached.

`{"source": "demo", "base": "EUR", "on": "2026-11-20", "rates": {"USD": "1.164", ...}}`; without `on` they are today's.
"""

import json
from datetime import date
from pathlib import Path

from apps.common.exchange.rates import BASE, Rate

from .base import Provider, ProviderFailed, per_euro


class RatesFile(Provider):
    name = "file"

    def __init__(self, path: Path) -> None:
        self.path = path

    def fetch(self, *, today: date) -> list[Rate]:
        try:
            content = json.loads(self.path.read_text())
            if content["base"] != BASE:
                raise ProviderFailed("the file's base is not the euro")
            on = date.fromisoformat(content["on"]) if "on" in content else today
            return [
                Rate(currency, on, per_euro(rate), str(content["source"])[:20])
                for currency, rate in content["rates"].items()
                if currency != BASE
            ]
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ProviderFailed(f"{self.path.name} cannot be read: {type(error).__name__}") from error
