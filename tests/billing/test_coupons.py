"""Coupons: what they take off, when they are good, and what becomes of one with its bill."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.billing import exceptions, services
from apps.billing.models import Bill, Coupon, CouponRedemption, LedgerEntry
from apps.common.exceptions import Forbidden, Invalid

from .selling import line, pay, sell

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def coupon(**given):
    return Coupon.objects.create(**{"code": "WELCOME", "kind": "percent", "percent": 10, **given})


def test_percent_are_taken_off_every_line_in_proportion(patient):
    coupon(percent=15)

    bill = sell(patient.user, line("10.05"), line("80.00", discount=Decimal(10)), coupon_code=" welcome ", now=NOW)

    assert (bill.discount, bill.total) == (Decimal("22.01"), Decimal("68.04"))
    assert [(row.discount, row.total) for row in bill.lines.all()] == [
        (Decimal("1.50"), Decimal("8.55")), (Decimal("20.51"), Decimal("59.49")),
    ]  # fmt: skip
    used = CouponRedemption.objects.get()
    assert (used.bill, used.payer, used.amount, used.status) == (bill, patient.user, Decimal("12.01"), "held")


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({"percent": 50, "cap": 30, "currency": "USD"}, 70),
        ({"kind": "fixed", "percent": None, "amount": 40, "currency": "USD"}, 60),
        ({"kind": "fixed", "percent": None, "amount": 400, "currency": "USD"}, 0),
        ({"minimum": 100, "currency": "USD"}, 90),
        ({"applies_to": ["appointment"], "valid_from": NOW, "valid_until": NOW + timedelta(seconds=1)}, 90),
    ],
)
def test_a_cap_a_fixed_amount_and_a_minimum_hold_to_the_unit(patient, given, total):
    coupon(**given)
    assert sell(patient.user, coupon_code="WELCOME", now=NOW).total == total


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"is_active": False}, exceptions.CouponInactive),
        ({"valid_from": NOW + timedelta(seconds=1)}, exceptions.CouponNotYetValid),
        ({"valid_until": NOW}, exceptions.CouponExpired),
        ({"applies_to": ["subscription"]}, exceptions.CouponForOtherThings),
        ({"kind": "fixed", "percent": None, "amount": 4, "currency": "EUR"}, exceptions.CouponInOtherCurrency),
        ({"minimum": Decimal("100.01"), "currency": "USD"}, exceptions.CouponBelowMinimum),
        ({"code": "ANOTHER"}, exceptions.CouponUnknown),
    ],
)
def test_what_it_is_not_good_for_gets_no_bill(patient, given, refusal):
    coupon(**given)

    with pytest.raises(refusal):
        sell(patient.user, coupon_code="WELCOME", now=NOW)

    assert not Bill.objects.exists()
    assert not CouponRedemption.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_a_person_uses_it_once_and_others_until_it_is_used_up(patient, other_patient, doctor):
    coupon(user_limit=1, total_limit=2)
    sell(patient.user, coupon_code="WELCOME", now=NOW)

    with pytest.raises(exceptions.CouponUsedByPayer):
        sell(patient.user, coupon_code="WELCOME", now=NOW)
    sell(other_patient.user, coupon_code="WELCOME", now=NOW)
    with pytest.raises(exceptions.CouponUsedUp):
        sell(doctor.user, coupon_code="WELCOME", now=NOW)

    assert CouponRedemption.objects.count() == 2


def test_a_cancelled_bill_gives_its_coupon_back(patient):
    coupon()
    bill = sell(patient.user, coupon_code="WELCOME", now=NOW)

    services.cancel_bill(bill.pk, by=None, reason="Not wanted", now=NOW)

    assert CouponRedemption.objects.get().status == "released"
    assert sell(patient.user, coupon_code="WELCOME", now=NOW).total == 90


def test_a_paid_bill_has_redeemed_it_for_good(patient, coordinator):
    coupon()
    bill = sell(patient.user, coupon_code="WELCOME", now=NOW)

    pay(bill, "90.00", by=coordinator, now=NOW)
    services.cancel_bill(bill.pk, by=None, reason="Cancelled in time", now=NOW)

    assert CouponRedemption.objects.get().status == "redeemed"
    with pytest.raises(exceptions.CouponUsedByPayer):
        sell(patient.user, coupon_code="WELCOME", now=NOW)


def test_a_bill_that_a_coupon_covers_is_paid_at_once(patient):
    coupon(percent=100)

    bill = sell(patient.user, coupon_code="WELCOME", now=NOW)

    assert (bill.total, bill.status, bill.due_on) == (0, "paid", None)
    assert CouponRedemption.objects.get().status == "redeemed"
    assert not LedgerEntry.objects.exists()


def test_the_same_call_with_its_coupon_gives_the_same_bill_whatever_became_of_the_coupon(patient):
    coupon()
    subject = uuid4()
    bill = sell(patient.user, subject_id=subject, coupon_code="WELCOME", now=NOW)
    Coupon.objects.update(is_active=False, percent=20)

    assert sell(patient.user, subject_id=subject, coupon_code="welcome", now=NOW) == bill
    with pytest.raises(exceptions.BillDiffers):
        sell(patient.user, subject_id=subject, now=NOW)


def test_platform_admins_make_coupons_and_nobody_else(platform_admin, coordinator):
    made = services.create_coupon(by=platform_admin, kind="percent", percent=Decimal(10))

    assert len(made.code) == 10
    assert not set(made.code) & set("01OIL")
    with pytest.raises(Forbidden):
        services.create_coupon(by=coordinator, kind="percent", percent=Decimal(10))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"percent": Decimal("100.01")}, "percent"),
        ({"percent": None}, "percent"),
        ({"amount": Decimal(5), "currency": "USD"}, "amount"),
        ({"minimum": Decimal(5)}, "currency"),
        ({"minimum": Decimal("5.5"), "currency": "JPY"}, "minimum"),
        ({"kind": "fixed", "percent": None, "amount": Decimal(5), "cap": Decimal(4), "currency": "USD"}, "cap"),
        ({"valid_from": NOW, "valid_until": NOW}, "valid_until"),
        ({"code": "A B"}, "code"),
        ({"applies_to": ["Appointment!"]}, "applies_to"),
        ({"total_limit": 0}, "total_limit"),
    ],
)
def test_a_coupon_that_says_nothing_possible_is_not_made(platform_admin, given, field):
    with pytest.raises(Invalid) as refused:
        services.create_coupon(by=platform_admin, **{"kind": "percent", "percent": Decimal(10), **given})
    assert field in refused.value.errors


def test_a_code_is_one_coupon_in_capitals_and_small_letters(platform_admin):
    services.create_coupon(by=platform_admin, code="spring-26", kind="percent", percent=Decimal(10))

    with pytest.raises(exceptions.CouponCodeTaken):
        services.create_coupon(by=platform_admin, code="Spring-26", kind="percent", percent=Decimal(10))


def test_what_a_used_coupon_takes_off_stays_and_its_end_may_change(patient, platform_admin):
    used = coupon()
    sell(patient.user, coupon_code="WELCOME", now=NOW)

    with pytest.raises(exceptions.CouponInUse):
        services.update_coupon(used.pk, by=platform_admin, percent=Decimal(20))
    services.update_coupon(used.pk, by=platform_admin, valid_until=NOW, note="Over")

    used.refresh_from_db()
    assert (used.percent, used.valid_until) == (10, NOW)


def test_an_unused_coupon_is_removed_and_a_used_one_ends(patient, platform_admin):
    unused, used = coupon(code="UNUSED"), coupon()
    sell(patient.user, coupon_code="WELCOME", now=NOW)

    services.remove_coupon(unused.pk, by=platform_admin)
    services.remove_coupon(used.pk, by=platform_admin)

    assert list(Coupon.objects.values_list("code", "is_active")) == [("WELCOME", False)]
