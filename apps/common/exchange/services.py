"""Fetching and storing rates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import structlog
from babel import numbers
from django.db import connection, transaction

from apps.common.models import ExchangeRate

from . import newest, providers, rates, signals
from .rates import Rate

log = structlog.get_logger(__name__)

_PLACES = Decimal(1).scaleb(-ExchangeRate.DECIMAL_PLACES)
#: Providers in the east are a day ahead; what is dated later would hide all rates until then.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True)
class Outcome:
    """What became of the rates that were given, by currency and day; those that were stored already are in none."""

    taken: tuple[Rate, ...]
    kept_out: tuple[Rate, ...]
    differing: tuple[Rate, ...]


def fetch_rates(*, today: date) -> Outcome:
    """The provider's newest rates are stored, and those of currencies pegged to the dollar. Raises ProviderFailed."""
    provider = providers.chosen()
    try:
        fetched = provider.fetch(today=today)
    except providers.ProviderFailed as error:
        log.error("exchange_rates_not_fetched", provider=provider.name, reason=str(error))
        raise
    return store_rates([*fetched, *rates.pegged(fetched)], today=today)


def store_rates(given: Iterable[Rate], *, today: date) -> Outcome:
    """Rates not stored yet are there. A stored day never changes: another value for it is logged and not taken. One
    that jumps too far is kept out: stored to be seen, and not used (`rates.is_plausible`)."""
    sound = sorted(_sound(given, today), key=lambda rate: rate.on)
    try:
        with transaction.atomic():
            outcome = _store(sound)
            if outcome.taken:
                newest.forget()
                transaction.on_commit(newest.forget)
                signals.rates_changed.send(
                    sender=ExchangeRate,
                    currencies=frozenset(rate.currency for rate in outcome.taken),
                    rates=newest.read(),
                )
    except Exception:
        newest.forget()  # what was read meanwhile in this transaction is not so
        raise
    _tell(outcome)
    return outcome


def _sound(given: Iterable[Rate], today: date) -> Iterable[Rate]:
    for rate in given:
        if rate.currency not in numbers.list_currencies() or rate.currency == rates.BASE:
            continue
        if rate.on > today + _AHEAD:
            log.error("exchange_rate_of_the_future", currency=rate.currency, on=rate.on.isoformat())
            continue
        yield Rate(rate.currency, rate.on, rate.per_euro.quantize(_PLACES), rate.source)


def _store(given: list[Rate]) -> Outcome:
    if not given:
        return Outcome((), (), ())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('exchange_rates', 0))")
    stored = {(row.currency, row.on): row for row in ExchangeRate.objects.filter(on__gte=given[0].on)}
    before = ExchangeRate.objects.filter(on__lt=given[0].on)
    taken = dict(before.taken().newest().values_list("currency", "per_euro"))
    last = dict(before.newest().values_list("currency", "per_euro"))
    new: list[ExchangeRate] = []
    differing: list[Rate] = []
    for rate in given:
        row = stored.get((rate.currency, rate.on))
        if row is None:
            row = ExchangeRate(currency=rate.currency, on=rate.on, per_euro=rate.per_euro, source=rate.source)
            row.is_kept_out = not rates.is_plausible(
                rate.per_euro, taken=taken.get(rate.currency), last=last.get(rate.currency)
            )
            stored[rate.currency, rate.on] = row
            new.append(row)
        elif row.per_euro != rate.per_euro:
            differing.append(rate)
        last[rate.currency] = row.per_euro
        if not row.is_kept_out:
            taken[rate.currency] = row.per_euro
    ExchangeRate.objects.bulk_create(new)
    return Outcome(
        taken=tuple(_rate(row) for row in new if not row.is_kept_out),
        kept_out=tuple(_rate(row) for row in new if row.is_kept_out),
        differing=tuple(differing),
    )


def _rate(row: ExchangeRate) -> Rate:
    return Rate(row.currency, row.on, row.per_euro, row.source)


def _tell(outcome: Outcome) -> None:
    for event, found in (
        ("exchange_rate_kept_out", outcome.kept_out),
        ("exchange_rate_differs_from_stored", outcome.differing),
    ):
        for rate in found:
            log.error(event, currency=rate.currency, on=rate.on.isoformat(), per_euro=str(rate.per_euro))
    log.info("exchange_rates_stored", taken=len(outcome.taken))
