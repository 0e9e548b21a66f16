"""Delivery: what is due is sent once, failures wait longer each time, the hopeless are given up."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from apps.accounts.models import User
from apps.common.models import AuditEntry
from apps.notifications import channels, rules, services, tasks
from apps.notifications.channels import EmailChannel, PermanentFailure, TemporaryFailure
from apps.notifications.models import Message
from apps.notifications.services import delivery
from tests.factories.accounts import UserFactory
from tests.factories.notifications import InAppMessageFactory, MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(monkeypatch):
    """Makes e-mails to an address fail: `failing["a@example.com"] = TemporaryFailure("...")`."""
    failures = {}
    send = EmailChannel.send

    def sometimes(self, message, rendered):
        if message.recipient.email in failures:
            raise failures[message.recipient.email]
        return send(self, message, rendered)

    monkeypatch.setattr(EmailChannel, "send", sometimes)
    return failures


def test_a_due_message_is_sent_and_marked_with_its_reference():
    message = MessageFactory(recipient__email="amina@example.com")
    assert services.deliver_due() == 1
    message.refresh_from_db()
    assert message.status == "sent"
    assert message.attempts == 1
    assert message.claimed_until is None
    assert timezone.now() - message.sent_at < timedelta(seconds=10)
    [email] = mail.outbox
    assert email.to == ["amina@example.com"]
    assert email.subject == "Closed on Friday"
    assert email.extra_headers["Message-ID"] == message.provider_reference == f"<{message.pk}@medivoy.example.com>"


def test_a_second_run_sends_nothing_more():
    MessageFactory.create_batch(3)
    assert services.deliver_due() == 3
    assert services.deliver_due() == 0
    assert len(mail.outbox) == 3


def test_more_than_one_batch_is_drained_in_one_run():
    MessageFactory.create_batch(delivery.BATCH * 2 + 1, recipient=UserFactory())
    assert services.deliver_due() == delivery.BATCH * 2 + 1


def test_what_is_not_due_yet_waits():
    message = MessageFactory(due_at=timezone.now() + timedelta(seconds=30))
    assert services.deliver_due() == 0
    with time_machine.travel(message.due_at, tick=False):
        assert services.deliver_due() == 1


@pytest.mark.parametrize("status", ["sent", "dead", "cancelled"])
def test_what_is_finished_is_never_sent(status):
    MessageFactory(status=status, sent_at=timezone.now() if status == "sent" else None)
    assert services.deliver_due() == 0
    assert mail.outbox == []


@pytest.mark.parametrize("kind", ["announcement", "accounts.reset_password"])
def test_whoever_is_deactivated_meanwhile_is_sent_nothing_whatever_the_kind(kind):
    context = {"first_name": "Amina", "link": "https://app.example.com/?token=s3cret", "hours": 1}
    message = MessageFactory(recipient__is_active=False, kind=kind, context=context)
    other = MessageFactory()

    assert services.deliver_due() == 1

    assert [email.to for email in mail.outbox] == [[other.recipient.email]]
    message.refresh_from_db()
    assert (message.status, message.attempts, message.claimed_until) == ("cancelled", 0, None)
    assert "s3cret" not in str(message.context)
    [entry] = AuditEntry.objects.filter(action="message.cancelled")
    assert entry.object_id == str(message.pk)
    User.objects.update(is_active=True)
    assert services.deliver_due() == 0


def test_in_app_messages_need_no_worker():
    InAppMessageFactory()
    assert services.deliver_due() == 0


def test_a_failed_attempt_waits_and_says_why_without_naming_the_person(failing):
    message = MessageFactory(recipient__email="amina@example.com")
    failing["amina@example.com"] = TemporaryFailure("SMTPServerDisconnected")
    before = timezone.now()
    assert services.deliver_due() == 0
    message.refresh_from_db()
    assert message.status == "pending"
    assert message.attempts == 1
    assert message.last_error == "SMTPServerDisconnected"
    assert timedelta(seconds=27) <= message.due_at - before <= timedelta(seconds=34)


def test_six_failures_over_the_hours_and_then_it_is_given_up_and_on_record(failing):
    message = MessageFactory(recipient__email="amina@example.com")
    failing["amina@example.com"] = TemporaryFailure("SMTPServerDisconnected")
    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while message.status == "pending":
            clock.move_to(message.due_at)
            services.deliver_due()
            due_before = message.due_at
            message.refresh_from_db()
            waits.append(message.due_at - due_before)
    assert message.status == "dead"
    assert message.attempts == rules.MAX_ATTEMPTS == 6
    assert [round(wait / planned, 1) for wait, planned in zip(waits, rules.RETRY_AFTER, strict=False)] == pytest.approx(
        [1] * 5, abs=0.11
    )
    entry = AuditEntry.objects.get(action="message.given_up")
    assert entry.object_id == str(message.pk)
    assert "amina" not in str(entry.changes)
    assert "Friday" not in str(entry.changes)
    assert mail.outbox == []


def test_an_address_that_is_refused_for_good_is_given_up_at_once(failing):
    message = MessageFactory(recipient__email="nobody@example.com")
    failing["nobody@example.com"] = PermanentFailure("SMTPRecipientsRefused 550")
    services.deliver_due()
    message.refresh_from_db()
    assert (message.status, message.attempts) == ("dead", 1)


def test_a_message_that_cannot_even_be_rendered_stops_no_other():
    now = timezone.now()
    poison = MessageFactory(context={"nothing": "of use"}, due_at=now - timedelta(hours=1))
    unheard_of = MessageFactory(kind="tests.unheard_of", due_at=now - timedelta(hours=1))
    MessageFactory.create_batch(3)
    assert services.deliver_due() == 3
    for message in (poison, unheard_of):
        message.refresh_from_db()
        assert message.status == "pending"
        assert message.attempts == 1
    assert poison.last_error == "KeyError"
    assert unheard_of.last_error == "CatalogueError"


def test_a_channel_that_is_set_up_no_more_leaves_a_dead_message_and_no_crash():
    message = MessageFactory(channel="sms")
    MessageFactory()
    assert services.deliver_due() == 1
    message.refresh_from_db()
    assert message.status == "dead"
    assert "sms" in message.last_error


def test_secrets_are_removed_once_sent_and_once_given_up(failing, make_kind):
    kind = make_kind(secrets=("link",))
    context = {"name": "Amina", "link": "https://x/?token=s3cret"}
    sent = MessageFactory(kind=kind.name, context=context)
    given_up = MessageFactory(kind=kind.name, context=context, recipient__email="nobody@example.com", attempts=5)
    failing["nobody@example.com"] = PermanentFailure("refused")
    services.deliver_due()
    assert "s3cret" in mail.outbox[0].body
    for message in (sent, given_up):
        message.refresh_from_db()
        assert message.context == {"name": "Amina"}
    assert (sent.status, given_up.status) == ("sent", "dead")


class TestClaims:
    def test_a_claim_belongs_to_one_worker_until_it_runs_out(self):
        now = timezone.now()
        message = MessageFactory(due_at=now)
        assert [claimed.pk for claimed in delivery.claim(now)] == [message.pk]
        assert delivery.claim(now + delivery.CLAIMED_FOR) == []
        assert [claimed.pk for claimed in delivery.claim(now + delivery.CLAIMED_FOR + timedelta(seconds=1))] == [
            message.pk
        ]

    def test_a_worker_that_lost_its_claim_to_another_leaves_the_message_alone(self):
        """It was so slow between claiming and sending that a second worker took over."""
        now = timezone.now()
        MessageFactory(due_at=now)
        [slow] = delivery.claim(now)
        delivery.claim(now + delivery.CLAIMED_FOR + timedelta(seconds=1))
        assert delivery._deliver(slow, {}) is False
        assert mail.outbox == []

    def test_attempts_that_ended_with_their_worker_count_too(self):
        message = MessageFactory(
            status="sending", attempts=rules.MAX_ATTEMPTS, claimed_until=timezone.now() - timedelta(seconds=1)
        )
        assert services.deliver_due() == 0
        message.refresh_from_db()
        assert message.status == "dead"
        assert mail.outbox == []

    def test_a_run_whose_time_is_over_gives_back_what_it_has_not_begun(self):
        MessageFactory.create_batch(5)
        assert services.deliver_due(for_seconds=0) == 0
        assert set(Message.objects.values_list("status", "attempts", "claimed_until")) == {("pending", 0, None)}

    def test_the_time_limits_of_one_email_fit_into_a_claim_and_a_run_into_the_beat(self, settings):
        assert timedelta(seconds=2 * settings.EMAIL_TIMEOUT) < delivery.CLAIMED_FOR
        line = settings.CELERY_BEAT_SCHEDULE["deliver messages"]
        assert line["task"] == tasks.deliver_due.name
        assert line["schedule"].run_every.total_seconds() > tasks.RUN_SECONDS


def test_what_was_sent_is_written_down_even_when_the_database_is_away_for_a_moment(monkeypatch):
    """Otherwise it would be sent again. Three failures, three waits, then it stands."""
    message = MessageFactory()
    waits, mark = [], delivery._mark_sent
    monkeypatch.setattr(delivery.time, "sleep", waits.append)
    monkeypatch.setattr(delivery.connection, "close", lambda: None)

    def away_three_times(*args):
        if len(waits) < 3:
            raise OperationalError
        mark(*args)

    monkeypatch.setattr(delivery, "_mark_sent", away_three_times)
    assert services.deliver_due() == 1
    message.refresh_from_db()
    assert message.status == "sent"
    assert waits == [0.5, 1, 2]


@pytest.mark.parametrize(
    ("error", "failure", "text"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"<a@b.c> unknown")}), PermanentFailure, "550"),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (451, b"greylisted <a@b.c>")}), TemporaryFailure, "451"),
        (smtplib.SMTPDataError(554, b"spam for a@b.c"), PermanentFailure, "554"),
        (smtplib.SMTPDataError(421, b"busy"), TemporaryFailure, "421"),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), TemporaryFailure, "535"),
        (smtplib.SMTPSenderRefused(550, b"who?", "a@b.c"), TemporaryFailure, "550"),
        (smtplib.SMTPNotSupportedError("SMTPUTF8 a@b.c"), PermanentFailure, "SMTPNotSupportedError"),
        (smtplib.SMTPServerDisconnected("a@b.c"), TemporaryFailure, "SMTPServerDisconnected"),
        (TimeoutError("a@b.c"), TemporaryFailure, "TimeoutError"),
        (ConnectionRefusedError("a@b.c"), TemporaryFailure, "ConnectionRefusedError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_an_smtp_error_means_and_that_no_address_is_kept_of_it(error, failure, text, monkeypatch):
    class Broken:
        connection = None

        def open(self):
            raise error

        def close(self):
            pass

    monkeypatch.setattr("apps.notifications.channels.email.get_connection", lambda **_how: Broken())
    message = MessageFactory()
    with pytest.raises(failure) as raised:
        channels.open_channel("email").send(message, delivery.rendering.render(message))
    assert text in str(raised.value)
    assert "a@b.c" not in str(raised.value)


def test_the_task_delivers():
    MessageFactory()
    tasks.deliver_due()
    assert len(mail.outbox) == 1


def test_the_same_by_hand(capsys):
    MessageFactory.create_batch(2)
    call_command("deliver_messages")
    assert capsys.readouterr().out == "2 sent\n"
