"""The newest rates, read once by each process and anew after a change.

Redis holds a token that every change replaces; a process keeps the rates it has read under the token it found before.
Without Redis they are read each time. A change that Redis did not hear of is seen after five minutes.
"""

import uuid

from django.core.cache import cache

from apps.common.models import ExchangeRate

from .rates import Rate, Rates

_KEY = "exchange:changed"
_SECONDS = 5 * 60
_kept: tuple[str, Rates] | None = None


def current() -> Rates:
    """The newest rate of each currency."""
    global _kept  # noqa: PLW0603 - what a process remembers; one assignment, so threads see the old or the new
    token, kept = cache.get(_KEY), _kept
    if kept is not None and kept[0] == token:
        return kept[1]
    rates = read()
    if token is None:
        token = uuid.uuid4().hex
        cache.add(_KEY, token, _SECONDS)  # if a change was quicker, its token stays and this reading is not used again
    _kept = token, rates
    return rates


def forget() -> None:
    """The rates have changed: every process reads them anew."""
    cache.set(_KEY, uuid.uuid4().hex, _SECONDS)


def read() -> Rates:
    rows = ExchangeRate.objects.taken().newest().values_list("currency", "on", "per_euro", "source")
    return Rates(Rate(*row) for row in rows)
