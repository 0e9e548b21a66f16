"""What several tables of billing have in common: columns of money, and their checks."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import money


def amount_field(label: Any, **options: Any) -> models.DecimalField:
    """An amount in the row's `currency`, with that currency's places (a check of the table, `amounts_fit`)."""
    return models.DecimalField(label, max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, **options)


def currency_field() -> models.CharField:
    return models.CharField(_("currency"), max_length=3, validators=[money.validate_currency])


def never_negative(name: str, *columns: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(**{f"{column}__gte": 0 for column in columns}), name=name)


def amounts_fit(prefix: str, *columns: str) -> list[models.CheckConstraint]:
    """A check a column, that its amounts have no more places than the currency has."""
    return [money.fits(f"{prefix}_{column}_fits_its_currency", amount=column) for column in columns]
