"""Money: its currency's own exponent, one rounding, nothing lost, nothing mixed."""

from decimal import Decimal
from typing import ClassVar

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from apps.common import money
from apps.common.money import Money

CURRENCIES = ["JPY", "USD", "INR", "KWD", "BHD", "KRW"]
currencies = st.sampled_from(CURRENCIES)
minor_units = st.integers(min_value=-(10**12), max_value=10**12)
weights = st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("given_amount", "currency", "rounded"),
    [
        ("1250.5", "JPY", "1251"), ("1250.4", "JPY", "1250"), ("-1250.5", "JPY", "-1251"),
        ("0.005", "USD", "0.01"), ("0.0049", "USD", "0.00"), ("-0.005", "USD", "-0.01"),
        ("0.0005", "KWD", "0.001"), ("1.2344", "KWD", "1.234"),
    ],
)  # fmt: skip
def test_amounts_are_rounded_half_away_from_zero_to_the_currencys_exponent(given_amount, currency, rounded):
    assert str(Money(Decimal(given_amount), currency).amount) == rounded


@given(units=minor_units, currency=currencies)
def test_minor_units_go_there_and_back(units, currency):
    assert Money.from_minor(units, currency).minor == units


@given(units=minor_units, currency=currencies, parts=weights)
def test_a_split_loses_nothing_and_gains_nothing(units, currency, parts):
    whole = Money.from_minor(units, currency)

    split = whole.split(parts)

    assert Money.total(split, currency) == whole
    assert len(split) == len(parts)
    assert all(not part for part, weight in zip(split, parts, strict=True) if not weight)


@given(units=minor_units, currency=currencies, parts=weights)
def test_each_part_is_its_share_to_the_smallest_unit_but_the_last_which_has_the_remainder(units, currency, parts):
    split = Money.from_minor(units, currency).split(parts)
    shares = [Decimal(units) * weight / sum(parts) for weight in parts]
    last = max(index for index, weight in enumerate(parts) if weight)

    assert all(
        abs(part.minor - share) < 1
        for index, (part, share) in enumerate(zip(split, shares, strict=True))
        if index != last
    )
    assert abs(split[last].minor - shares[last]) < len(parts)


@pytest.mark.parametrize("wrong", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_say_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="weights"):
        Money(Decimal(10), "USD").split(wrong)


@pytest.mark.parametrize("mix", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a >= b])
def test_currencies_are_never_mixed(mix):
    with pytest.raises(ValueError, match="different currencies"):
        mix(Money(Decimal(1), "USD"), Money(Decimal(1), "EUR"))


def test_the_same_number_of_another_currency_is_another_amount():
    assert Money(Decimal(1), "USD") != Money(Decimal(1), "EUR")


@pytest.mark.parametrize("wrong", [lambda: Money(0.1, "USD"), lambda: Money(Decimal(1), "USD") * 0.5])
def test_a_float_is_never_money_and_never_its_factor(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_arithmetic_rounds_once_at_the_end():
    assert Money(Decimal("0.10"), "USD") * 3 == Money(Decimal("0.30"), "USD")
    assert Money(Decimal("9.99"), "USD") * Decimal("0.175") == Money(Decimal("1.75"), "USD")
    assert -Money(Decimal(5), "KWD") == Money(Decimal(5), "KWD") - Money(Decimal(10), "KWD")
    assert Money.total([], "JPY") == Money.zero("JPY")
    assert not Money.zero("JPY")


@pytest.mark.parametrize(
    ("currency", "language", "written"),
    [
        ("USD", "en", "$1,250.00"), ("JPY", "en", "¥1,250"), ("KWD", "en", "KWD\xa01,250.000"),
        ("USD", "fr", "1\u202f250,00\xa0$US"), ("EUR", "es", "1.250,00\xa0€"), ("INR", "hi", "₹1,250.00"),
        ("KWD", "ar", "\u200f1,250.000\xa0د.ك.\u200f"),
    ],
)  # fmt: skip
def test_amounts_are_written_as_the_reader_writes_them(currency, language, written):
    assert Money(Decimal(1250), currency).format(language) == written


@pytest.fixture
def priced(db):
    """The rows of a table as any app might have it, made for the test alone."""
    with isolate_apps("apps.common"):

        class Priced(models.Model):
            amount = models.DecimalField(max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES)
            currency = models.CharField(max_length=3)

            class Meta:
                app_label = "common"
                constraints: ClassVar = [money.fits("priced_fits")]

    with connection.schema_editor() as editor:
        editor.create_model(Priced)
    return Priced.objects


@pytest.mark.parametrize(("amount", "currency"), [("0.5", "JPY"), ("0.005", "USD"), ("1.001", "INR"), ("100.1", "KRW")])
def test_the_database_refuses_more_places_than_the_currency_has(priced, amount, currency):
    with pytest.raises(IntegrityError, match="priced_fits"), transaction.atomic():
        priced.create(amount=Decimal(amount), currency=currency)


@pytest.mark.parametrize(("amount", "currency"), [("5", "JPY"), ("0.05", "USD"), ("1.001", "KWD"), ("-0.01", "INR")])
def test_the_database_takes_what_fits(priced, amount, currency):
    assert priced.create(amount=Decimal(amount), currency=currency).pk
