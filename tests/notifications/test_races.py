"""Workers and requests side by side, on real connections with real commits; each guard has a control without it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from apps.notifications import exceptions, services
from apps.notifications.channels import EmailChannel
from apps.notifications.models import Message
from apps.notifications.services import delivery
from tests.factories.accounts import UserFactory
from tests.factories.notifications import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 60


def side_by_side(act, times):
    """Runs `act` in so many threads that begin at one moment, each with a database connection of its own."""
    start = threading.Barrier(times)

    def run(number):
        try:
            connection.ensure_connection()
            start.wait(PATIENCE_SECONDS)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.fixture
def handed_over(monkeypatch):
    """Counts how often each message was handed to the mail server."""
    counted, lock = Counter(), threading.Lock()

    def send(self, message, rendered):
        with lock:
            counted[message.pk] += 1
        return "reference"

    monkeypatch.setattr(EmailChannel, "send", send)
    return counted


def waiting(number):
    reader, now = UserFactory(), timezone.now()
    rows = [MessageFactory.build(recipient=reader, due_at=now, event=f"race:{n}") for n in range(number)]
    return {row.pk for row in Message.objects.bulk_create(rows)}


def test_two_workers_deliver_500_messages_once_each(handed_over):
    keys = waiting(500)
    sent = side_by_side(lambda _number: services.deliver_due(), times=2)
    assert handed_over == dict.fromkeys(keys, 1)
    assert sum(sent) == 500
    assert min(sent) > 0, "one worker did all: nothing was proven"
    assert set(Message.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_control_without_claims_the_same_two_workers_send_twice(handed_over, monkeypatch):
    keys = waiting(20)
    both_have_read = threading.Barrier(2)

    def claim_nothing(now):
        due = list(Message.objects.due(now).select_related("recipient"))
        both_have_read.wait(PATIENCE_SECONDS)
        return due

    monkeypatch.setattr(delivery, "claim", claim_nothing)
    monkeypatch.setattr(delivery, "_begin", lambda message: True)
    monkeypatch.setattr(
        delivery, "_mark_sent", lambda message, _reference: Message.objects.filter(pk=message.pk).update(
            status="sent", sent_at=timezone.now(), claimed_until=None
        ),
    )  # fmt: skip
    side_by_side(lambda _number: services.deliver_due(), times=2)
    assert handed_over == dict.fromkeys(keys, 2)


def test_eight_requests_with_one_event_leave_one_row_a_channel_and_all_get_it_back():
    reader = UserFactory()

    def tell(_number):
        rows = services.notify(
            kind="notifications.announcement", recipient=reader, event="race:1", context={"title": "T", "body": "B"}
        )
        return {row.pk for row in rows}

    told = side_by_side(tell, times=8)
    assert Message.objects.count() == 2
    assert all(keys == told[0] for keys in told)


def test_cancelling_and_sending_at_once_never_does_both(handed_over):
    coordinator = UserFactory(role="coordinator")
    keys = waiting(30)

    def act(number):
        if number == 0:
            services.deliver_due()
            return
        for message in Message.objects.filter(pk__in=keys).order_by("-pk"):
            if message.status == "pending":
                _try_to_cancel(message, coordinator)

    side_by_side(act, times=2)
    services.deliver_due()
    by_status = {status: set() for status in ("sent", "cancelled")}
    for message in Message.objects.filter(pk__in=keys):
        by_status[message.status].add(message.pk)
    assert set(handed_over) == by_status["sent"]
    assert set(handed_over.values()) <= {1}


def _try_to_cancel(message, by):
    try:
        services.cancel(message, by=by)
    except exceptions.NotWaiting:
        return
