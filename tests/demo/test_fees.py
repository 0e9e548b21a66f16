"""The demo's payments: believable stories, through the services, and books that add up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing import rules, selectors, services
from apps.billing.models import Bill, Dispute, MoneyTask, Payment, Refund
from apps.common import ids
from medivoy.demo import clock, fees, staff
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
BILLS = 30


@pytest.fixture
def people(monkeypatch):
    admin = UserFactory(role="admin")
    monkeypatch.setattr(staff, "admin", lambda: admin)
    both = UserFactory.create_batch(2, role="coordinator")
    monkeypatch.setattr(staff, "coordinators", lambda: both)


@pytest.fixture
def billed(people, patient, hospital):
    """Bills of a month, most of consultations that are over."""
    now = timezone.now()
    for number in range(BILLS):
        at = now - timedelta(days=BILLS - number, hours=3)
        with clock.standing_at(at):
            services.open_bill(
                payer=patient.user, currency=("INR", "KWD", "JPY")[number % 3], hospital=hospital, begins_at=at,
                lines=[rules.NewLine("Consultation", unit_price=Decimal(90 + number))], subject_type="appointment",
                subject_id=ids.uuid7(), subject_label=f"AP-{number}", by=patient.user,
            )  # fmt: skip
    fees.load(now)


def test_what_was_paid_refunded_and_disputed_adds_up_to_what_is_shown(billed):
    assert [bill.number for bill in Bill.objects.all() if selectors.story_of_bill(bill).differing] == []


def test_there_is_one_of_every_story(billed):
    assert set(Payment.objects.values_list("status", flat=True)) >= {
        "completed", "partially_refunded", "refunded", "disputed",
    }  # fmt: skip
    assert set(Refund.objects.values_list("status", "cause")) == {
        ("succeeded", "staff"), ("failed", "staff"), ("succeeded", "external"),
    }  # fmt: skip
    assert set(Dispute.objects.values_list("status", flat=True)) == {"open", "won", "lost"}
    assert set(MoneyTask.objects.values_list("kind", flat=True)) >= {
        "refund_failed", "external_refund", "dispute", "overpayment",
    }  # fmt: skip
    assert set(Bill.objects.values_list("status", flat=True)) >= {"open", "paid", "overpaid"}


def test_nothing_waits_for_the_gateway_that_does_not_know_of_it(billed):
    assert not Refund.objects.filter(next_attempt_at__isnull=False).exists()
    assert not Payment.objects.filter(is_unknown=True).exists()


def test_everything_happened_before_now(billed):
    now = timezone.now()
    assert not Payment.objects.filter(created_at__gt=now).exists()
    assert not Refund.objects.filter(created_at__gt=now).exists()
