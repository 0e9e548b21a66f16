"""The reader's inbox, their preferences, and announcements by staff, over HTTP."""

import uuid

import pytest
from drf_spectacular.generators import SchemaGenerator

from apps.common.models import AuditEntry
from apps.notifications import catalogue, services
from apps.notifications.models import Message, Preference
from tests.factories.accounts import UserFactory
from tests.factories.notifications import InAppMessageFactory, MessageFactory

pytestmark = pytest.mark.django_db
INBOX = "/api/v1/notifications"
NOBODYS = "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e60"
PREFERENCES = "/api/v1/notifications/preferences"


def meta_in_schema(path):
    """What the OpenAPI document says of the `meta` of a list."""
    answer = SchemaGenerator().get_schema(request=None, public=True)["paths"][path]["get"]["responses"]["200"]
    return answer["content"]["application/json"]["schema"]["properties"]["meta"]


@pytest.fixture
def reader():
    return UserFactory(language="fr", time_zone="Africa/Lagos")


class TestInbox:
    def test_the_schema_names_the_number_of_unread_of_this_list_alone(self):
        meta = meta_in_schema(INBOX)
        assert meta["required"] == ["pagination", "unread_count"]
        assert meta["properties"]["unread_count"]["type"] == "integer"
        assert list(meta_in_schema("/api/v1/appointments")["properties"]) == ["pagination"]

    def test_shows_ones_own_in_app_messages_newest_first_with_the_number_of_unread(self, api, reader):
        older, newer = InAppMessageFactory(recipient=reader), InAppMessageFactory(recipient=reader)
        InAppMessageFactory()
        MessageFactory(recipient=reader)
        answer = api(reader).get(INBOX)
        assert answer.status_code == 200
        body = answer.json()
        assert [item["id"] for item in body["data"]] == [str(newer.pk), str(older.pk)]
        assert body["meta"]["unread_count"] == 2
        assert body["meta"]["pagination"]["total_items"] == 2
        assert body["data"][0] == {
            "id": str(newer.pk),
            "kind": "notifications.announcement",
            "title": "Closed on Friday",
            "body": "We are back on Monday.",
            "data": {"title": "Closed on Friday", "body": "We are back on Monday."},
            "is_read": False,
            "created_at": newer.created_at.isoformat().replace("+00:00", "Z"),
        }

    def test_texts_are_in_the_language_asked_for_and_times_in_the_readers_zone(self, api, reader, make_kind):
        kind = make_kind(subject="A subject")
        context = {"name": "Amina", "starts_at": "2031-07-06T03:30:00+00:00", "zone": "Asia/Kolkata"}
        InAppMessageFactory(recipient=reader, kind=kind.name, context=context)
        french = api(reader).get(INBOX, headers={"Accept-Language": "fr"}).json()["data"][0]["body"]
        assert "dimanche 6 juillet 2031, 09:00" in french
        assert "dimanche 6 juillet 2031, 04:30" in french
        assert "Sunday, July 6, 2031" in api(reader).get(f"{INBOX}?lang=en").json()["data"][0]["body"]

    @pytest.mark.parametrize(("asked", "expected"), [("true", {"read"}), ("false", {"unread"})])
    def test_narrows_to_read_or_unread(self, api, reader, asked, expected):
        InAppMessageFactory(recipient=reader, context={"title": "unread", "body": "b"})
        read = InAppMessageFactory(recipient=reader, context={"title": "read", "body": "b"})
        services.mark_read(read.pk, by=reader)
        body = api(reader).get(f"{INBOX}?is_read={asked}").json()
        assert {item["title"] for item in body["data"]} == expected
        assert body["meta"]["unread_count"] == 1

    def test_narrows_to_a_kind(self, api, reader):
        InAppMessageFactory(recipient=reader)
        changed = InAppMessageFactory(recipient=reader, kind="accounts.password_changed", context={"at": "2031"})
        answer = api(reader).get(f"{INBOX}?kind=accounts.password_changed")
        assert [item["id"] for item in answer.json()["data"]] == [str(changed.pk)]

    @pytest.mark.parametrize("query", ["is_read=maybe", "is_read=1", "kind=gossip", "page=0", "limit=101"])
    def test_an_unknown_value_is_refused_and_named(self, api, reader, query):
        answer = api(reader).get(f"{INBOX}?{query}")
        assert answer.status_code == 400
        assert set(answer.json()["errors"]) == {query.split("=")[0]}

    def test_an_empty_page_says_how_many_are_unread_all_the_same(self, api, reader):
        InAppMessageFactory(recipient=reader)
        body = api(reader).get(f"{INBOX}?is_read=true").json()
        assert body["data"] == []
        assert body["meta"]["unread_count"] == 1

    def test_takes_two_queries_however_many_rows(self, api, reader, django_assert_num_queries):
        client = api(reader)
        InAppMessageFactory.create_batch(3, recipient=reader)
        with django_assert_num_queries(2):
            client.get(f"{INBOX}?limit=100")
        InAppMessageFactory.create_batch(57, recipient=reader)
        with django_assert_num_queries(2):
            assert len(client.get(f"{INBOX}?limit=100").json()["data"]) == 60

    def test_staff_who_see_every_message_in_the_admin_find_only_their_own_here(self, api, platform_admin, coordinator):
        InAppMessageFactory()
        for user in (platform_admin, coordinator):
            assert api(user).get(INBOX).json()["data"] == []


class TestReading:
    def test_a_message_is_marked_as_read_and_comes_back_so(self, api, reader):
        message = InAppMessageFactory(recipient=reader)
        answer = api(reader).patch(f"{INBOX}/{message.pk}/read")
        assert answer.status_code == 200
        assert answer.json()["data"]["is_read"] is True
        assert api(reader).get(INBOX).json()["meta"]["unread_count"] == 0

    def test_reading_it_again_keeps_the_first_instant(self, api, reader):
        message = InAppMessageFactory(recipient=reader)
        api(reader).patch(f"{INBOX}/{message.pk}/read")
        first = Message.objects.get(pk=message.pk).read_at
        assert api(reader).patch(f"{INBOX}/{message.pk}/read").status_code == 200
        assert Message.objects.get(pk=message.pk).read_at == first

    def test_all_are_marked_at_once_and_nobody_elses(self, api, reader):
        InAppMessageFactory.create_batch(3, recipient=reader)
        foreign = InAppMessageFactory()
        answer = api(reader).patch(f"{INBOX}/read-all")
        assert answer.json()["data"] == {"updated": 3}
        assert api(reader).patch(f"{INBOX}/read-all").json()["data"] == {"updated": 0}
        foreign.refresh_from_db()
        assert foreign.read_at is None

    def test_a_removed_message_is_gone_for_its_reader_and_stays_as_proof(self, api, reader):
        message = InAppMessageFactory(recipient=reader)
        client = api(reader)
        assert client.delete(f"{INBOX}/{message.pk}").status_code == 204
        assert client.get(INBOX).json()["data"] == []
        assert client.get(INBOX).json()["meta"]["unread_count"] == 0
        assert client.patch(f"{INBOX}/{message.pk}/read").status_code == 404
        assert client.delete(f"{INBOX}/{message.pk}").status_code == 404
        assert Message.objects.filter(pk=message.pk).exists()

    @pytest.mark.parametrize(("method", "path"), [("patch", "/read"), ("delete", "")])
    def test_anothers_message_and_an_email_answer_as_one_that_is_not_there(
        self, api, reader, platform_admin, method, path
    ):
        foreign, email = InAppMessageFactory(), MessageFactory(recipient=reader)
        for user, pk in [
            (reader, foreign.pk),
            (platform_admin, foreign.pk),
            (reader, email.pk),
            (reader, uuid.uuid4()),
        ]:
            answer = getattr(api(user), method)(f"{INBOX}/{pk}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        foreign.refresh_from_db()
        assert (foreign.read_at, foreign.hidden_at) == (None, None)


class TestPreferences:
    def channel(self, body, kind, channel):
        [found] = [item for item in body["data"]["kinds"] if item["kind"] == kind]
        [found] = [item for item in found["channels"] if item["channel"] == channel]
        return found

    def test_shows_every_kind_with_what_is_wanted_and_what_can_be_muted(self, api, reader):
        body = api(reader).get(PREFERENCES).json()
        assert {item["kind"] for item in body["data"]["kinds"]} == {kind.name for kind in catalogue.kinds()}
        assert self.channel(body, "notifications.announcement", "email") == {
            "channel": "email",
            "is_wanted": True,
            "can_mute": True,
        }
        assert self.channel(body, "accounts.reset_password", "email")["can_mute"] is False
        available = {item["channel"]: item["is_available"] for item in body["data"]["channels"]}
        assert available == {"email": True, "in_app": True, "sms": False, "whatsapp": False, "push": False}

    def test_labels_come_in_the_language_asked_for(self, api, reader):
        body = api(reader).get(f"{PREFERENCES}?lang=en").json()
        assert body["data"]["kinds"][0]["group_label"] == "Account and sign-in"

    def test_a_wish_holds_and_what_is_not_named_stays(self, api, reader):
        client = api(reader)
        wish = {"kind": "notifications.announcement", "channel": "email", "is_wanted": False}
        answer = client.patch(PREFERENCES, {"preferences": [wish]})
        assert answer.status_code == 200
        assert self.channel(answer.json(), "notifications.announcement", "email")["is_wanted"] is False
        assert self.channel(answer.json(), "notifications.announcement", "in_app")["is_wanted"] is True
        client.patch(PREFERENCES, {"preferences": [wish | {"is_wanted": True}]})
        assert self.channel(client.get(PREFERENCES).json(), "notifications.announcement", "email")["is_wanted"] is True
        assert Preference.objects.count() == 1

    def test_of_two_wishes_for_the_same_the_last_holds(self, api, reader):
        wish = {"kind": "notifications.announcement", "channel": "email"}
        wishes = [wish | {"is_wanted": False}, wish | {"is_wanted": True}]
        answer = api(reader).patch(PREFERENCES, {"preferences": wishes})
        assert self.channel(answer.json(), "notifications.announcement", "email")["is_wanted"] is True

    def test_a_message_that_is_needed_cannot_be_muted_and_then_nothing_changes(self, api, reader):
        wishes = [
            {"kind": "notifications.announcement", "channel": "email", "is_wanted": False},
            {"kind": "accounts.reset_password", "channel": "email", "is_wanted": False},
        ]
        answer = api(reader).patch(PREFERENCES, {"preferences": wishes})
        assert (answer.status_code, answer.json()["code"]) == (409, "notifications.cannot_mute")
        assert not Preference.objects.exists()

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            ({"kind": "gossip"}, "preferences.1.kind"),
            ({"channel": "sms"}, "preferences.1.channel"),
            ({"channel": "pigeon"}, "preferences.1.channel"),
            ({"is_wanted": "perhaps"}, "preferences.1.is_wanted"),
        ],
    )
    def test_a_wish_that_makes_no_sense_is_named_and_nothing_changes(self, api, reader, wish, field):
        good = {"kind": "notifications.announcement", "channel": "email", "is_wanted": False}
        answer = api(reader).patch(PREFERENCES, {"preferences": [good, good | wish]})
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [field]
        assert not Preference.objects.exists()

    def test_wishes_are_ones_own(self, api, reader):
        wish = {"kind": "notifications.announcement", "channel": "email", "is_wanted": False}
        api(reader).patch(PREFERENCES, {"preferences": [wish]})
        other = api(UserFactory()).get(PREFERENCES).json()
        assert self.channel(other, "notifications.announcement", "email")["is_wanted"] is True


class TestAnnouncing:
    TEXT = {"title": "Closed on Friday", "body": "We are back on Monday."}

    @pytest.mark.parametrize("role", ["admin", "coordinator"])
    def test_people_are_told_by_email_and_in_the_app_and_the_act_is_on_record(self, api, role):
        people, author = UserFactory.create_batch(2), UserFactory(role=role)
        answer = api(author).post(INBOX, {"user_ids": [str(person.pk) for person in people], **self.TEXT})
        assert answer.status_code == 201
        assert answer.json()["data"] == {"recipients": 2}
        assert Message.objects.filter(recipient__in=people).count() == 4
        entry = AuditEntry.objects.get(action="message.announced")
        assert entry.actor_id == author.pk
        assert entry.changes["recipients"] == 2

    @pytest.mark.parametrize("role", ["support", "hospital_admin", "doctor", "patient", "translator"])
    def test_nobody_else_announces_anything(self, api, role):
        person = UserFactory()
        answer = api(UserFactory(role=role)).post(INBOX, {"user_ids": [str(person.pk)], **self.TEXT})
        assert answer.status_code == 403
        assert not Message.objects.exists()

    def test_one_wrong_person_and_nobody_is_told(self, api, coordinator):
        known, inactive = UserFactory(), UserFactory(is_active=False)
        for wrong in (uuid.uuid4(), inactive.pk):
            answer = api(coordinator).post(INBOX, {"user_ids": [str(known.pk), str(wrong)], **self.TEXT})
            assert answer.status_code == 400
            assert list(answer.json()["errors"]) == ["user_ids"]
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"user_ids": []}, "user_ids"),
            ({"user_ids": ["x"]}, "user_ids.0"),
            ({"title": "  "}, "title"),
            ({"title": "x" * 121}, "title"),
            ({"body": ""}, "body"),
            ({"body": "x" * 2001}, "body"),
        ],
    )
    def test_a_wrong_field_is_named_and_nobody_is_told(self, api, coordinator, change, field):
        answer = api(coordinator).post(INBOX, {"user_ids": [str(UserFactory().pk)], **self.TEXT} | change)
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [field]
        assert not Message.objects.exists()

    def test_sent_again_with_its_key_nobody_is_told_twice(self, api, coordinator):
        client, person = api(coordinator), UserFactory()
        for _time in range(2):
            answer = client.post(
                INBOX, {"user_ids": [str(person.pk)], **self.TEXT}, headers={"Idempotency-Key": "announce-1"}
            )
            assert answer.status_code == 201
        assert Message.objects.filter(recipient=person).count() == 2

    def test_the_same_person_named_twice_is_told_once(self, api, coordinator):
        person = UserFactory()
        answer = api(coordinator).post(INBOX, {"user_ids": [str(person.pk)] * 2, **self.TEXT})
        assert answer.json()["data"] == {"recipients": 1}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", INBOX),
        ("post", INBOX),
        ("patch", f"{INBOX}/read-all"),
        ("patch", f"{INBOX}/{NOBODYS}/read"),
        ("delete", f"{INBOX}/{NOBODYS}"),
        ("get", PREFERENCES),
        ("patch", PREFERENCES),
    ],
)
def test_without_a_token_there_is_nothing(api, method, path):
    assert getattr(api(), method)(path).status_code == 401


def test_notify_touches_no_broker(api, coordinator, settings, monkeypatch):
    """Redis being gone makes no difference to a request that tells somebody something."""
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *_args, **_kwargs: pytest.fail("broker used"))
    monkeypatch.setattr("kombu.Connection.connect", lambda *_args, **_kwargs: pytest.fail("broker reached"))
    answer = api(coordinator).post(INBOX, {"user_ids": [str(UserFactory().pk)], "title": "T", "body": "B"})
    assert answer.status_code == 201
