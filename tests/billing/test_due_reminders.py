"""Payers are reminded of what is due: on the days that are said, at a decent hour of theirs, once, and never of what is
paid."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.billing import selectors, services
from apps.billing.models import Bill, DueReminder, Instalment, Payment
from apps.billing.rules import NewInstalment
from apps.common.money import Money
from apps.notifications.models import Message
from tests.factories.clinical import PatientFactory

from .selling import line, pay, sell

pytestmark = pytest.mark.django_db

#: Ten in the morning in London; half past three in the afternoon in Kolkata.
NOW = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
TODAY = NOW.date()


def owes(payer, in_days, *, now=NOW, opened=30, amount="100.00", **given):
    """A bill that was opened some days ago, all of it due in so many days."""
    at = now - timedelta(days=opened)
    due_on = now.date() + timedelta(days=in_days)
    first = NewInstalment("whole", None, max(due_on, at.date()))
    bill = sell(payer, line(amount), instalments=[first], now=at, **given)
    Bill.objects.filter(pk=bill.pk).update(created_at=at)
    return bill


def reminded():
    return sorted(DueReminder.objects.values_list("days_before", flat=True), reverse=True)


@pytest.mark.parametrize(
    ("in_days", "reminder"),
    [(8, []), (7, [7]), (6, [7]), (4, [7]), (3, [3]), (2, [3]), (1, [1]), (0, [0]), (-1, [0]), (-3, [-3]), (-6, [-3]),
     (-7, [-7]), (-14, [-7]), (-15, [])],
)  # fmt: skip
def test_the_newest_reminder_whose_day_has_come_is_sent_while_it_is_of_use(patient, in_days, reminder):
    owes(patient.user, in_days)

    services.remind_of_due(now=NOW)

    assert reminded() == reminder
    assert Message.objects.filter(channel="email").count() == len(reminder)


def test_each_is_sent_once_over_three_weeks_of_hourly_runs(patient):
    owes(patient.user, 10)

    for hour in range(21 * 24):
        services.remind_of_due(now=NOW + timedelta(hours=hour))

    assert reminded() == [7, 3, 1, 0, -3, -7]
    sent = Message.objects.filter(channel="email").order_by("pk").values_list("kind", flat=True)
    assert list(sent) == ["billing.payment_due"] * 4 + ["billing.payment_overdue"] * 2


def test_after_twenty_six_hours_without_beat_only_the_newest_is_sent(patient):
    owes(patient.user, 3)
    owes(patient.user, 1)

    services.remind_of_due(now=NOW + timedelta(hours=26))

    assert reminded() == [3, 0]
    assert services.remind_of_due(now=NOW + timedelta(hours=27)) == 0


@pytest.mark.parametrize(
    ("zone", "now", "is_reminded"),
    [
        ("Asia/Kolkata", NOW, True),
        ("America/Los_Angeles", NOW, False),
        ("Europe/London", NOW.replace(hour=8, minute=59), False),
        ("Europe/London", NOW.replace(hour=9), True),
        ("Europe/London", NOW.replace(hour=20), False),
    ],
)
def test_people_are_reminded_between_nine_and_eight_of_their_own_clock(zone, now, is_reminded):
    payer = PatientFactory(user__time_zone=zone).user
    owes(payer, 3)

    services.remind_of_due(now=now)

    assert reminded() == ([3] if is_reminded else [])


def test_the_day_is_that_of_the_payers_calendar():
    """At 23:30 UTC it is the next day in Auckland, and three days are left there."""
    owes(PatientFactory(user__time_zone="Pacific/Auckland").user, 4)

    services.remind_of_due(now=NOW.replace(hour=23, minute=30))

    assert reminded() == [3]


def test_nobody_is_reminded_of_what_they_have_just_agreed_to(patient):
    owes(patient.user, 0, opened=0)
    owes(patient.user, 5, opened=1)

    assert services.remind_of_due(now=NOW) == 0
    assert services.remind_of_due(now=NOW + timedelta(days=3)) == 2
    assert reminded() == [3, -3]


def test_of_a_bill_in_parts_only_what_is_owed_is_reminded_of(patient, coordinator):
    bill = owes(patient.user, 3)
    pay(bill, "40.00", by=coordinator, now=NOW)
    paid = owes(patient.user, 3)
    pay(paid, "100.00", by=coordinator, now=NOW)
    credited = owes(patient.user, 3)
    services.credit_bill(credited.pk, Money(Decimal(100), "USD"), by=coordinator, reason="Not done", now=NOW)
    services.cancel_bill(owes(patient.user, 3).pk, by=None, reason="Not wanted", now=NOW)
    owes(patient.user, 3, subject_type="subscription")

    assert services.remind_of_due(now=NOW) == 1

    message = Message.objects.get(channel="email")
    assert message.context["bill_id"] == str(bill.pk)
    assert message.context["amount"] == "$60.00"


def test_money_that_is_on_its_way_is_waited_for(patient):
    bill = owes(patient.user, 3)
    Payment.objects.create(
        payer=patient.user, bill=bill, gateway="sandbox", amount=100, currency="USD", stage="processing",
        status="processing",
    )  # fmt: skip
    assert services.remind_of_due(now=NOW) == 0


def test_what_was_paid_between_writing_and_sending_is_overtaken(patient, other_patient, coordinator):
    paid, owed = owes(patient.user, 3), owes(other_patient.user, 3)
    services.remind_of_due(now=NOW)
    pay(paid, "0.01", by=coordinator, now=NOW)
    messages = list(Message.objects.filter(channel="email"))

    overtaken = selectors.overtaken_due_reminders(messages, NOW)

    assert [message.context["bill_id"] for message in messages if message.pk in overtaken] == [str(paid.pk)]
    assert len(messages) == 2
    assert owed.pk


def test_a_message_says_amount_and_day_in_the_readers_language(patient):
    User.objects.filter(pk=patient.user.pk).update(language="es")
    owes(patient.user, 3)

    services.remind_of_due(now=NOW)

    context = Message.objects.get(channel="email").context
    assert (context["amount"], context["day"]) == ("100,00\N{NO-BREAK SPACE}US$", "4 de diciembre de 2026")


def test_fifteen_hundred_are_reminded_in_few_statements(patient):
    pattern = owes(patient.user, 3)
    bills = [
        Bill(
            payer=patient.user, currency="USD", subject_type="booking", subject_id=uuid4(), subject_label="BK",
            net=100, total=100, status="open", due_on=TODAY + timedelta(days=3),
        )
        for _each in range(1_499)
    ]  # fmt: skip
    Bill.objects.bulk_create(bills, batch_size=2000)
    Bill.objects.update(created_at=pattern.created_at - timedelta(days=30))
    Instalment.objects.bulk_create(
        [Instalment(bill=bill, position=1, due_on=bill.due_on, currency="USD", amount=100, owed=100) for bill in bills],
        batch_size=2000,
    )

    with CaptureQueriesContext(connection) as asked:
        assert services.remind_of_due(now=NOW) == 1_500

    assert len(asked) <= 35
    assert Message.objects.filter(channel="email").count() == 1_500


@pytest.mark.parametrize(("cause", "reminder"), [("staff", []), ("external", []), ("overpayment", [-3])])
def test_whoever_got_their_money_back_is_not_told_that_it_is_overdue(patient, coordinator, cause, reminder):
    bill = owes(patient.user, -3)
    payment = pay(bill, "100.00", by=coordinator, now=NOW - timedelta(days=2))
    services.request_refund(payment.pk, Money(Decimal(40), "USD"), by=coordinator, cause=cause, now=NOW)
    services.confirm_refund(
        payment.refunds.get().pk, by=coordinator, reference="TX-1", paid_out_on=TODAY, now=NOW
    )  # fmt: skip

    services.remind_of_due(now=NOW)

    assert reminded() == reminder


def test_a_later_instalment_is_asked_for_though_some_of_the_first_was_given_back(patient, coordinator):
    at = NOW - timedelta(days=30)
    parts = [NewInstalment("deposit", Decimal(30), TODAY - timedelta(days=10)), NewInstalment("balance", None, TODAY)]
    bill = sell(patient.user, line("100.00"), instalments=parts, now=at)
    Bill.objects.filter(pk=bill.pk).update(created_at=at)
    payment = pay(bill, "30.00", by=coordinator, now=at)
    services.request_refund(payment.pk, Money(Decimal(5), "USD"), by=coordinator, cause="staff", now=NOW)

    services.remind_of_due(now=NOW)

    assert list(DueReminder.objects.values_list("instalment__kind", "days_before")) == [("balance", 0)]
