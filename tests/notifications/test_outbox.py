"""notify writes rows in the caller's transaction: once per event, person and channel, over what the person wants."""

import pytest
from django.db import transaction

from apps.accounts import signals
from apps.notifications import exceptions, services
from apps.notifications.catalogue import CatalogueError
from apps.notifications.models import Message, Preference
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
ANNOUNCEMENT = "notifications.announcement"
TEXTS = {"title": "Closed on Friday", "body": "We are back on Monday."}


@pytest.fixture
def reader():
    return UserFactory()


def tell(reader, event="e:1", kind=ANNOUNCEMENT, context=TEXTS, **how):
    return services.notify(kind=kind, recipient=reader, event=event, context=context, **how)


def test_a_row_for_each_channel_the_email_waiting_and_the_in_app_message_there_at_once(reader):
    rows = {row.channel: row for row in tell(reader)}
    assert set(rows) == {"email", "in_app"}
    assert rows["email"].status == "pending"
    assert rows["email"].sent_at is None
    assert rows["in_app"].status == "sent"
    assert rows["email"].context == TEXTS


def test_the_same_event_a_second_time_gives_the_first_rows_back(reader):
    first = tell(reader)
    second = tell(reader, context=TEXTS | {"title": "Another title"})
    assert {row.pk for row in second} == {row.pk for row in first}
    assert {row.context["title"] for row in second} == {"Closed on Friday"}
    assert Message.objects.count() == 2


def test_another_event_and_another_person_are_told_too(reader):
    tell(reader, "e:1")
    tell(reader, "e:2")
    tell(UserFactory(), "e:1")
    assert Message.objects.count() == 6


def test_nothing_is_told_when_the_business_change_rolls_back(reader):
    with transaction.atomic():
        tell(reader)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_muted_channel_gets_no_row(reader):
    Preference.objects.create(user=reader, kind=ANNOUNCEMENT, channel="email", is_wanted=False)
    assert [row.channel for row in tell(reader)] == ["in_app"]


def test_who_mutes_everything_is_told_nothing_and_nothing_fails(reader):
    for channel in ("email", "in_app"):
        Preference.objects.create(user=reader, kind=ANNOUNCEMENT, channel=channel, is_wanted=False)
    assert list(tell(reader)) == []


def test_another_persons_wish_mutes_nothing(reader):
    Preference.objects.create(user=UserFactory(), kind=ANNOUNCEMENT, channel="email", is_wanted=False)
    assert len(tell(reader)) == 2


def test_a_needed_message_comes_by_email_whatever_was_muted(reader, make_kind):
    kind = make_kind(transactional=True)
    for channel in ("email", "in_app"):
        Preference.objects.create(user=reader, kind=kind.name, channel=channel, is_wanted=False)
    assert [row.channel for row in tell(reader, kind=kind, context={})] == ["email"]


def test_channels_can_be_narrowed_for_one_call(reader):
    assert [row.channel for row in tell(reader, channels=["in_app"])] == ["in_app"]


def test_a_kind_with_no_channel_set_up_here_is_refused_clearly_and_leaves_no_row(reader):
    with pytest.raises(exceptions.ChannelUnavailable) as refusal:
        tell(reader, kind="accounts.verify_phone", context={"first_name": "A", "code": "K7M2QX", "minutes": 10})
    assert refusal.value.code == "notifications.channel_unavailable"
    assert refusal.value.status == 503
    assert "SMS" in refusal.value.text
    assert not Message.objects.exists()


def test_a_channel_not_set_up_beside_one_that_is_gets_no_row(reader, make_kind):
    kind = make_kind(channels=("email", "sms"))
    assert [row.channel for row in tell(reader, kind=kind, context={})] == ["email"]


def test_a_context_that_lacks_a_value_fails_at_once_and_not_in_a_worker(reader):
    with pytest.raises(CatalogueError, match="body"):
        tell(reader, context={"title": "Without a body"})
    assert not Message.objects.exists()


def test_a_secret_is_never_written_into_the_inbox(reader, make_kind):
    kind = make_kind(secrets=("link",))
    rows = {row.channel: row for row in tell(reader, kind=kind, context={"link": "https://x/?token=1", "hours": 1})}
    assert rows["email"].context == {"link": "https://x/?token=1", "hours": 1}
    assert rows["in_app"].context == {"hours": 1}


def test_many_people_are_told_in_as_many_queries_as_one(reader, django_assert_num_queries):
    people = UserFactory.create_batch(20)
    with django_assert_num_queries(2):  # preferences, insert
        rows = services.notify_all(kind=ANNOUNCEMENT, recipients=people, event="e:1", context=TEXTS)
    with django_assert_num_queries(1):
        assert len(rows) == 40


def test_many_events_are_told_each_with_its_own_words_in_as_many_queries(reader, django_assert_num_queries):
    people = [reader, *UserFactory.create_batch(4)]
    letters = [
        services.Letter(person, f"e:{number}", TEXTS | {"title": f"Letter {number}"})
        for number in range(3)
        for person in people
    ]
    with django_assert_num_queries(2):
        services.notify_each(kind=ANNOUNCEMENT, letters=letters)
    assert Message.objects.count() == 30
    mine = Message.objects.filter(recipient=reader, channel="email").order_by("event")
    assert [row.context["title"] for row in mine] == ["Letter 0", "Letter 1", "Letter 2"]
    services.notify_each(kind=ANNOUNCEMENT, letters=letters)
    assert Message.objects.count() == 30, "each once"


def test_of_many_letters_none_is_written_when_one_lacks_a_value(reader):
    letters = [services.Letter(reader, "e:1", TEXTS), services.Letter(reader, "e:2", {"title": "Half"})]
    with pytest.raises(CatalogueError, match="body"):
        services.notify_each(kind=ANNOUNCEMENT, letters=letters)
    assert not Message.objects.exists()


def test_no_letters_are_no_work(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert services.notify_each(kind=ANNOUNCEMENT, letters=[]) == []


def test_accounts_below_us_tells_by_its_signal_and_in_its_transaction(reader):
    signals.message_wanted.send(
        sender=type(reader),
        kind="accounts.reset_password",
        user=reader,
        event="accounts.secret:1",
        context={"first_name": "Amina", "link": "https://x/?token=1", "hours": 1},
    )
    assert [(row.kind, row.channel) for row in Message.objects.all()] == [("accounts.reset_password", "email")]
