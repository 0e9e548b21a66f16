"""Which channels a message takes, what may be muted, when it is tried again and given up."""

from datetime import timedelta

import pytest

from apps.notifications import exceptions, rules
from apps.notifications.catalogue import Kind
from apps.notifications.models import Message

NEWS = Kind(name="tests.news", group="announcements", label="News", subject="News")
RECEIPT = Kind(name="tests.receipt", group="account", label="Receipt", subject="Receipt", transactional=True)
PHONE_CODE = Kind(
    name="tests.phone_code", group="account", label="Code", subject="Code", channels=("sms",), transactional=True
)


@pytest.mark.parametrize(
    ("kind", "channel", "may"),
    [
        (NEWS, "email", True),
        (NEWS, "in_app", True),
        (NEWS, "sms", False),
        (RECEIPT, "email", False),
        (RECEIPT, "in_app", True),
        (PHONE_CODE, "sms", False),
    ],
)
def test_all_may_be_muted_but_the_one_channel_of_a_message_that_is_needed(kind, channel, may):
    assert rules.may_mute(kind, channel) is may
    assert isinstance(rules.why_not_mute(kind, channel), exceptions.CannotMute) is not may


@pytest.mark.parametrize(
    ("kind", "muted", "taken"),
    [
        (NEWS, set(), ["email", "in_app"]),
        (NEWS, {"email"}, ["in_app"]),
        (NEWS, {"email", "in_app"}, []),
        (RECEIPT, {"in_app"}, ["email"]),
        # a wish from the time before the kind became transactional
        (RECEIPT, {"email", "in_app"}, ["email"]),
    ],
)
def test_a_message_takes_every_channel_that_its_reader_has_not_muted(kind, muted, taken):
    wishes = {(kind.name, channel): False for channel in muted}
    configured = {"email", "in_app"}
    assert rules.channels_for(kind, offered=kind.channels, configured=configured, preferences=wishes) == taken


def test_a_channel_that_is_not_set_up_is_left_out():
    kind = Kind(name="tests.x", group="account", label="X", subject="X", channels=("email", "sms"))
    assert rules.channels_for(kind, offered=kind.channels, configured={"email"}, preferences={}) == ["email"]


@pytest.mark.parametrize(
    ("attempts", "wait"),
    [
        (1, timedelta(seconds=30)),
        (2, timedelta(minutes=2)),
        (3, timedelta(minutes=10)),
        (4, timedelta(hours=1)),
        (5, timedelta(hours=6)),
    ],
)
def test_each_failure_doubles_the_patience_and_a_tenth_either_way_spreads_the_crowd(attempts, wait):
    assert rules.retry_after(attempts, chance=0.5) == wait
    assert rules.retry_after(attempts, chance=0) == wait * 0.9
    assert rules.retry_after(attempts, chance=1) == wait * 1.1


@pytest.mark.parametrize("attempts", [6, 7])
def test_after_the_sixth_failure_there_is_no_next_attempt(attempts):
    assert rules.retry_after(attempts, chance=0.5) is None


@pytest.mark.parametrize("status", Message.Status.values)
def test_only_what_was_given_up_is_sent_again_and_only_what_waits_is_cancelled(status):
    message = Message(status=status)
    assert (rules.why_not_resend(message, NEWS) is None) is (status == "dead")
    assert (rules.why_not_cancel(message) is None) is (status == "pending")


def test_a_message_whose_code_is_no_longer_kept_cannot_be_sent_again():
    kind = Kind(name="tests.code", group="account", label="Code", subject="Code", secrets=("code",))
    assert isinstance(rules.why_not_resend(Message(status="dead"), kind), exceptions.SecretGone)
