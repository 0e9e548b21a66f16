"""The arithmetic of bills for every price, rate and discount: nothing is lost, nothing made, nothing negative."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.billing import rules
from apps.billing.rules import NewInstalment, NewLine
from apps.common.exceptions import Invalid
from apps.common.money import Money, exponent

CURRENCIES = st.sampled_from(["JPY", "USD", "KWD"])
TODAY = date(2026, 11, 23)


@st.composite
def bills(draw):
    """A currency, lines in it with discounts of their own, and a coupon's discount of at most their price."""
    currency = draw(CURRENCIES)
    lines = []
    for _each in range(draw(st.integers(1, 8))):
        mode = draw(st.sampled_from(["exempt", "exclusive", "inclusive"]))
        unit = Money.from_minor(draw(st.integers(0, 10**7)), currency)
        quantity = draw(st.integers(1, 1000)) / Decimal(100)
        whole = Money(unit.amount * quantity, currency)
        percent = Decimal(0) if mode == "exempt" else draw(st.integers(0, 100_000)) / Decimal(1000)
        lines.append(
            NewLine(
                "Line", unit.amount, quantity, mode, "Tax", percent,
                discount=Money.from_minor(draw(st.integers(0, whole.minor)), currency).amount,
            )
        )  # fmt: skip
    prices = [rules.price_of(line, currency) for line in lines]
    coupon = Money.from_minor(draw(st.integers(0, Money.total(prices, currency).minor)), currency)
    return currency, lines, prices, coupon


def worked(lines, shares, currency):
    return [rules.line_figures(line, currency, coupon=share) for line, share in zip(lines, shares, strict=True)]


@given(bills())
def test_a_coupons_discount_adds_up_and_no_line_gets_more_than_its_price(bill):
    currency, _lines, prices, coupon = bill

    shares = rules.spread(coupon, prices)

    assert Money.total(shares, currency) == coupon
    nothing = Money.zero(currency)
    assert all(nothing <= share <= price for share, price in zip(shares, prices, strict=True))


@given(bills())
def test_shares_are_in_proportion_to_the_smallest_unit_of_each_line(bill):
    currency, _lines, prices, coupon = bill
    whole = Money.total(prices, currency)

    for share, price in zip(rules.spread(coupon, prices), prices, strict=True):
        if whole:
            exact = Decimal(coupon.minor) * price.minor / whole.minor
            assert abs(share.minor - exact) <= len(prices)


@given(bills())
def test_totals_are_the_sums_of_lines_of_which_none_is_negative(bill):
    currency, lines, prices, coupon = bill
    figures = worked(lines, rules.spread(coupon, prices), currency)

    nothing = Money.zero(currency)
    for line in figures:
        assert line.total == line.net + line.tax
        assert min(line.net, line.tax, line.discount, line.total) >= nothing
    assert Money.total((line.net for line in figures), currency) + Money.total(
        (line.tax for line in figures), currency
    ) == Money.total((line.total for line in figures), currency)


@given(bills())
def test_what_the_payer_was_told_with_tax_in_it_is_what_they_pay(bill):
    currency, lines, prices, coupon = bill
    shares = rules.spread(coupon, prices)

    for line, price, share, figures in zip(lines, prices, shares, worked(lines, shares, currency), strict=True):
        if line.tax_mode != "exclusive":
            assert figures.total == price - share
        else:
            assert figures.net == price - share


@given(bills())
def test_each_tax_is_rounded_once_and_is_within_half_a_unit_of_the_exact(bill):
    currency, lines, prices, coupon = bill
    shares = rules.spread(coupon, prices)
    half = Decimal(1).scaleb(-exponent(currency)) / 2

    for line, price, share, figures in zip(lines, prices, shares, worked(lines, shares, currency), strict=True):
        after, percent = (price - share).amount, Decimal(line.tax_percent)
        exact = {
            "exempt": Decimal(0),
            "exclusive": after * percent / 100,
            "inclusive": after * percent / (100 + percent),
        }[line.tax_mode]
        assert abs(figures.tax.amount - exact) <= half


@given(bills(), st.lists(st.integers(1, 100), min_size=1, max_size=6))
def test_instalments_add_up_to_what_the_coupon_left(bill, weights):
    currency, lines, prices, coupon = bill
    whole = Money.total((f.total for f in worked(lines, [Money.zero(currency)] * len(lines), currency)), currency)
    total = Money.total((f.total for f in worked(lines, rules.spread(coupon, prices), currency)), currency)
    parts = [
        NewInstalment("part", amount.amount, TODAY + timedelta(days=day))
        for day, amount in enumerate(whole.split(weights))
        if amount
    ]

    assert rules.why_not_instalments(parts, whole=whole, today=TODAY) is None
    planned = rules.plan(parts, whole=whole, total=total, today=TODAY)

    assert Money.total((part.amount for part in planned), currency) == total
    assert all(part.amount > Money.zero(currency) for part in planned)


def test_a_remainder_never_makes_the_last_line_negative():
    """Each share rounded down, and what remains on the last, would take 2 of a line of 1."""
    yen = [Money.from_minor(units, "JPY") for units in (10, 10, 10, 1)]
    assert [share.minor for share in rules.spread(Money.from_minor(29, "JPY"), yen)] == [9, 9, 10, 1]


@pytest.mark.parametrize(
    ("currency", "price", "percent", "mode", "net", "tax", "total"),
    [
        ("JPY", "105", "10", "exclusive", "105", "11", "116"),
        ("JPY", "105", "10", "inclusive", "95", "10", "105"),
        ("USD", "0.05", "10", "exclusive", "0.05", "0.01", "0.06"),
        ("USD", "100.00", "18", "inclusive", "84.75", "15.25", "100.00"),
        ("KWD", "1.005", "5", "exclusive", "1.005", "0.050", "1.055"),
        ("KWD", "10.000", "100", "inclusive", "5.000", "5.000", "10.000"),
    ],
)
def test_tax_in_and_on_top_of_a_price(currency, price, percent, mode, net, tax, total):
    line = NewLine("Line", Decimal(price), 1, mode, "Tax", Decimal(percent))
    figures = rules.line_figures(line, currency, coupon=Money.zero(currency))
    assert [str(amount.amount) for amount in (figures.net, figures.tax, figures.total)] == [net, tax, total]


@pytest.mark.parametrize(
    "wrong",
    [
        {"description": "  "}, {"unit_price": Decimal(-1)}, {"unit_price": Decimal("1.001")}, {"quantity": 0},
        {"quantity": Decimal("0.001")}, {"discount": Decimal(101)}, {"discount": Decimal("0.001")},
        {"tax_percent": 5}, {"tax_mode": "exclusive", "tax_percent": 101}, {"tax_mode": "free"},
        {"unit_price": Decimal(10) ** 11},
    ],
)  # fmt: skip
def test_a_line_that_says_nothing_possible_is_refused(wrong):
    line = NewLine(**{"description": "Line", "unit_price": Decimal(100), **wrong})
    refusal = rules.why_not_lines([line], "USD")
    assert isinstance(refusal, Invalid)
    assert "lines" in refusal.errors


def test_a_bill_has_lines():
    assert rules.why_not_lines([], "USD").errors.keys() == {"lines"}


def part(amount, days=0, kind="part"):
    return NewInstalment(kind, None if amount is None else Decimal(amount), TODAY + timedelta(days=days))


@pytest.mark.parametrize(
    "wrong",
    [
        [part(100, -1)],
        [part(60, 5), part(40, 4)],
        [part(60)],
        [part(60), part(41, 1)],
        [part(None), part(None, 1)],
        [part(100), part(None, 1)],
        [part(0), part(None, 1)],
        [part("50.001"), part(None, 1)],
        [part(100, kind="sometime")],
    ],
)
def test_instalments_that_do_not_make_up_the_bill_are_refused(wrong):
    refusal = rules.why_not_instalments(wrong, whole=Money(Decimal(100), "USD"), today=TODAY)
    assert isinstance(refusal, Invalid)


def test_what_a_coupon_takes_falls_away_from_the_last_instalment_first():
    whole, total = Money(Decimal(100), "USD"), Money(Decimal(55), "USD")
    planned = rules.plan([part(30), part(30, 5), part(None, 9)], whole=whole, total=total, today=TODAY)
    assert [row.amount.amount for row in planned] == [30, 25]
