"""How long what is kept, at the boundary days."""

from datetime import date

import pytest

from apps.interop import retention, rules

CLOSED = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [(date(2026, 11, 21), 10, date(2036, 11, 21)), (date(2024, 2, 29), 3, date(2027, 3, 1)),
     (date(2024, 2, 29), 4, date(2028, 2, 29))],
)  # fmt: skip
def test_years_are_counted_to_the_same_day(day, years, then):
    assert rules.years_after(day, years) == then


@pytest.mark.parametrize(
    ("treated", "paid", "until"),
    [
        (None, None, {"proof": date(2029, 11, 21)}),
        (date(2020, 5, 1), None, {"medical": date(2030, 5, 1), "proof": date(2033, 5, 1)}),
        (date(2010, 5, 1), None, {"medical": date(2020, 5, 1), "proof": date(2029, 11, 21)}),
        (None, date(2026, 1, 2), {"tax": date(2036, 12, 31), "proof": date(2029, 11, 21)}),
    ],
)
def test_each_basis_has_its_last_day(treated, paid, until):
    assert rules.kept_until(closed_on=CLOSED, treated_on=treated, paid_on=paid) == until


def test_rows_stay_on_the_last_day_and_go_on_the_next():
    until = {"medical": date(2030, 5, 1)}
    assert rules.is_kept(retention.MEDICAL, until, today=date(2030, 5, 1))
    assert not rules.is_kept(retention.MEDICAL, until, today=date(2030, 5, 2))
    assert rules.next_end(until, today=date(2030, 5, 1)) == date(2030, 5, 2)
    assert rules.next_end(until, today=date(2030, 5, 2)) is None


def test_without_a_treatment_nothing_is_kept_for_medicines_sake():
    assert not rules.is_kept(retention.MEDICAL, {}, today=CLOSED)
    assert rules.is_kept(retention.EVIDENCE, {}, today=CLOSED)
    assert not rules.is_kept(None, {}, today=CLOSED)
