"""Messages that are looked at again just before they are sent."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError
from django.utils import timezone

from apps.common.models import AuditEntry
from apps.notifications import services
from apps.notifications.services import delivery
from tests.factories.notifications import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """What the kind was asked: a list of the messages of each call."""
    return []


@pytest.fixture
def kind(make_kind, asked):
    """Messages whose context says so have been overtaken."""

    def overtaken(messages, now):
        asked.append(list(messages))
        assert timezone.now() - now < timedelta(seconds=5)
        return {message.pk: "the world has moved on" for message in messages if message.context["name"] == "Late"}

    return make_kind(overtaken=overtaken, secrets=("link",))


def waiting(kind, name="Amina", **more):
    return MessageFactory(kind=kind.name, context={"name": name, "link": "https://x/?token=s3cret"}, **more)


def test_one_that_was_overtaken_is_cancelled_with_its_reason_and_the_others_are_sent(kind):
    late, still_true, other = waiting(kind, "Late"), waiting(kind), MessageFactory()
    assert services.deliver_due() == 2
    assert {email.to[0] for email in mail.outbox} == {still_true.recipient.email, other.recipient.email}
    late.refresh_from_db()
    assert (late.status, late.last_error, late.attempts) == ("cancelled", "the world has moved on", 0)
    assert late.claimed_until is None
    assert "s3cret" not in str(late.context)
    [entry] = AuditEntry.objects.filter(action="message.cancelled")
    assert (entry.object_id, entry.changes["reason"]) == (str(late.pk), "the world has moved on")


def test_a_run_ends_in_time_however_many_have_been_overtaken(kind, asked):
    for _number in range(2 * delivery.BATCH):
        waiting(kind, "Late")
    services.deliver_due(for_seconds=0)
    assert [len(messages) for messages in asked] == [delivery.BATCH]


def test_the_kind_is_asked_once_a_batch_and_only_of_its_own(kind, asked):
    for _number in range(delivery.BATCH):
        waiting(kind)
    MessageFactory()
    assert services.deliver_due() == delivery.BATCH + 1
    assert [len(messages) for messages in asked] == [delivery.BATCH]
    assert {message.kind for messages in asked for message in messages} == {kind.name}


def test_what_waits_for_another_attempt_is_looked_at_again_each_time(kind, asked):
    message = waiting(kind)
    for _attempt in range(2):
        type(message).objects.filter(pk=message.pk).update(status="pending", sent_at=None, due_at=timezone.now())
        services.deliver_due()
    assert len(asked) == 2


def test_a_kind_that_cannot_be_asked_waits_and_stops_no_other(make_kind):
    def broken(messages, now):
        raise KeyError("appointment_id")

    message, other = waiting(make_kind(overtaken=broken)), MessageFactory()
    assert services.deliver_due() == 1
    assert [email.to for email in mail.outbox] == [[other.recipient.email]]
    message.refresh_from_db()
    assert (message.status, message.attempts, message.last_error) == ("pending", 1, "KeyError")
    assert message.due_at > timezone.now() + timedelta(seconds=20)


def test_while_the_database_is_away_nothing_is_sent_and_the_claims_run_out(make_kind):
    def away(messages, now):
        raise OperationalError

    message = waiting(make_kind(overtaken=away))
    with pytest.raises(OperationalError):
        services.deliver_due()
    message.refresh_from_db()
    assert (message.status, message.attempts, mail.outbox) == ("sending", 0, [])
    assert message.claimed_until <= timezone.now() + delivery.CLAIMED_FOR
