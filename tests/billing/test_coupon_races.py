"""Twenty at once with one coupon, each with its own connection and real commits: exactly as many as its limits allow.

The guard is the coupon's row lock, under which uses are counted. With it off the same race uses it up many times over
(the controls).
"""

import threading
from collections import Counter
from functools import partial
from uuid import uuid4

import pytest

from apps.billing import exceptions, selectors
from apps.billing.models import Bill, Coupon, CouponRedemption, LedgerEntry
from apps.billing.services import coupons
from apps.common.exceptions import DomainError
from tests.bookings.racing import GIVE_UP_SECONDS, at_once, rounds
from tests.factories.clinical import PatientFactory

from .selling import sell

PARALLEL = 20
ROUNDS = rounds(2)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd():
    return [patient.user for patient in PatientFactory.create_batch(PARALLEL)]


@pytest.fixture
def unguarded(monkeypatch):
    """Nobody locks the coupon, and all count before any of them uses it."""
    counted = threading.Barrier(PARALLEL)
    uses = selectors.coupon_uses

    def all_count_first(coupon, payer):
        found = uses(coupon, payer)
        counted.wait(GIVE_UP_SECONDS)
        return found

    monkeypatch.setattr(coupons, "_locked", lambda pk: Coupon.objects.get(pk=pk))
    monkeypatch.setattr(selectors, "coupon_uses", all_count_first)


def attempt(payer, code, **given):
    try:
        sell(payer, coupon_code=code, **given)
    except DomainError as refusal:
        return refusal.code
    return ""


def outcomes(payers, code, **given):
    return Counter(at_once(*[partial(attempt, payer, code, **given) for payer in payers]))


def test_a_coupon_for_five_is_used_by_five_of_twenty(crowd):
    for number in range(ROUNDS):
        Coupon.objects.create(code=f"FIVE{number}", kind="percent", percent=10, total_limit=5)

        assert outcomes(crowd, f"FIVE{number}") == {"": 5, exceptions.CouponUsedUp.code: PARALLEL - 5}

    assert CouponRedemption.objects.count() == Bill.objects.count() == LedgerEntry.objects.count() == 5 * ROUNDS


def test_control_without_the_lock_all_twenty_use_it(crowd, unguarded):
    Coupon.objects.create(code="FIVE", kind="percent", percent=10, total_limit=5)
    assert outcomes(crowd, "FIVE") == {"": PARALLEL}


def test_one_person_uses_it_three_times_of_twenty(crowd):
    for number in range(ROUNDS):
        Coupon.objects.create(code=f"THREE{number}", kind="percent", percent=10, user_limit=3)

        found = outcomes([crowd[0]] * PARALLEL, f"THREE{number}")

        assert found == {"": 3, exceptions.CouponUsedByPayer.code: PARALLEL - 3}
    assert CouponRedemption.objects.count() == Bill.objects.count() == 3 * ROUNDS


def test_control_without_the_lock_one_person_uses_it_twenty_times(crowd, unguarded):
    Coupon.objects.create(code="THREE", kind="percent", percent=10, user_limit=3)
    assert outcomes([crowd[0]] * PARALLEL, "THREE") == {"": PARALLEL}


def test_twenty_calls_for_one_subject_open_one_bill_and_use_one_coupon(crowd):
    Coupon.objects.create(code="ONCE", kind="percent", percent=10)

    assert outcomes([crowd[0]] * PARALLEL, "ONCE", subject_id=uuid4()) == {"": PARALLEL}

    assert (Bill.objects.count(), CouponRedemption.objects.count(), LedgerEntry.objects.count()) == (1, 1, 1)
