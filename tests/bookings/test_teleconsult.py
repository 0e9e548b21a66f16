"""The providers of video rooms: Nextcloud Talk by its OCS API against a server that speaks it; links signed for Jitsi.

No room's name or address says who meets, or why.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import time_machine

from apps.bookings import teleconsult
from apps.bookings.teleconsult import Call, Guest, ProviderFailed, nextcloud
from tests.fakes.nextcloud import ROOMS, NextcloudServer

NOW = datetime(2031, 1, 6, 9, 0, tzinfo=UTC)
CALL = Call(reference="Medivoy 0123456789ab", opens_at=NOW + timedelta(minutes=45), closes_at=NOW + timedelta(hours=2))
DOCTOR, PATIENT = Guest("Dr. Asha Rao", is_host=True), Guest("Amina", is_host=False)
SECRET = "a-secret-of-at-least-thirty-two-letters"


@pytest.fixture(autouse=True)
def _at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def server():
    server = NextcloudServer()
    yield server
    server.close()


@pytest.fixture
def talk(server):
    return teleconsult.NextcloudTalk(server.url, server.user, server.password)


def is_let_in(server, link, at):
    return server.lets_in(link.url, link.password, at=at.timestamp())


# --- Nextcloud Talk --------------------------------------------------------------------------------------------------


def test_a_room_is_public_has_a_password_and_a_lobby_until_it_opens(talk, server):
    room = talk.open_room(CALL, was_tried=False)

    link = talk.link(CALL, room, PATIENT)
    assert is_let_in(server, link, CALL.opens_at)
    assert not is_let_in(server, link, CALL.opens_at - timedelta(seconds=1)), "nobody before it opens"
    assert not server.lets_in(link.url, "", at=CALL.opens_at.timestamp()), "nobody without the password"
    assert link == talk.link(CALL, room, DOCTOR), "both come by the same way"


def test_a_room_that_opens_late_has_no_lobby_in_the_past(talk, server):
    """Talk refuses a lobby that is over already."""
    late = Call(CALL.reference, opens_at=NOW - timedelta(minutes=5), closes_at=CALL.closes_at)
    room = talk.open_room(late, was_tried=False)
    assert is_let_in(server, talk.link(late, room, PATIENT), NOW)
    assert [method for method, _path in server.calls] == ["POST"]


def test_a_server_before_talk_21_gets_the_password_in_a_call_of_its_own(talk, server):
    server.takes_passwords = False
    room = talk.open_room(CALL, was_tried=False)
    assert is_let_in(server, talk.link(CALL, room, PATIENT), CALL.opens_at)
    assert [path.rpartition("/")[2] for _method, path in server.calls] == ["room", "password", "lobby"]


def test_the_server_learns_our_reference_and_nothing_else_of_the_call(talk, server):
    room = talk.open_room(CALL, was_tried=False)
    [made] = server.rooms.values()
    assert made.name == CALL.reference
    assert talk.link(CALL, room, DOCTOR).url == f"{server.url}/call/{made.token}"


def test_a_closed_room_lets_nobody_in_and_is_closed_again_without_harm(talk, server):
    room = talk.open_room(CALL, was_tried=False)
    link = talk.link(CALL, room, PATIENT)
    talk.close_room(CALL, room)
    assert server.rooms == {}
    assert not is_let_in(server, link, CALL.opens_at)
    talk.close_room(CALL, room)


def test_what_an_earlier_attempt_left_behind_is_found_by_its_name_and_removed(talk, server):
    talk.open_room(CALL, was_tried=False)  # nobody was told of it
    talk.open_room(Call("Medivoy of another", CALL.opens_at, CALL.closes_at), was_tried=False)
    room = talk.open_room(CALL, was_tried=True)
    assert sorted(each.name for each in server.rooms.values()) == [CALL.reference, "Medivoy of another"]
    assert is_let_in(server, talk.link(CALL, room, PATIENT), CALL.opens_at)

    talk.close_room(CALL, "")
    assert [each.name for each in server.rooms.values()] == ["Medivoy of another"]


def test_a_room_that_cannot_be_furnished_is_not_left_standing(talk, server):
    server.fail(500, "PUT")
    with pytest.raises(ProviderFailed, match="the server answered 500"):
        talk.open_room(CALL, was_tried=False)
    assert server.rooms == {}


@pytest.mark.parametrize("status", [302, 401, 429, 500, 503])
def test_what_would_fail_for_every_room_says_so(talk, server, status):
    server.fail(status, headers={"Location": "http://elsewhere.example.com/"} if status == 302 else {})
    with pytest.raises(ProviderFailed, match=f"the server answered {status}") as failed:
        talk.open_room(CALL, was_tried=False)
    assert failed.value.concerns_all
    assert len(server.calls) == 1, "no redirect is followed: the password goes to one place"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_is_wrong_with_one_room_is_no_reason_to_stop(talk, server, status):
    server.fail(status, "POST")
    with pytest.raises(ProviderFailed, match=f"the server answered {status}") as failed:
        talk.open_room(CALL, was_tried=False)
    assert not failed.value.concerns_all


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), ("100000", 600), ("Wed, 21 Oct 2031 07:28:00 GMT", 0), ("", 0)]
)
def test_a_server_with_too_many_calls_says_when_to_come_back(talk, server, said, seconds):
    server.fail(429, headers={"Retry-After": said})
    with pytest.raises(ProviderFailed) as failed:
        talk.open_room(CALL, was_tried=False)
    assert failed.value.retry_after == seconds


def test_a_wrong_password_is_refused_and_stands_in_no_message(server):
    talk = teleconsult.NextcloudTalk(server.url, server.user, "the-wrong-password")
    with pytest.raises(ProviderFailed) as failed:
        talk.open_room(CALL, was_tried=False)
    assert str(failed.value) == "the server answered 401"
    assert server.rooms == {}


def test_a_server_that_hangs_is_left_after_a_while(talk, server, monkeypatch):
    monkeypatch.setattr(nextcloud, "TIME_LIMIT_SECONDS", 0.3)
    server.hangs = True
    with pytest.raises(ProviderFailed, match="no answer: ReadTimeout") as failed:
        talk.open_room(CALL, was_tried=False)
    assert failed.value.concerns_all


def test_a_server_that_is_gone_and_one_that_talks_nonsense_are_failures(server):
    talk = teleconsult.NextcloudTalk(server.url, server.user, server.password)
    server.nonsense = True
    with pytest.raises(ProviderFailed, match="not Nextcloud's"):
        talk.open_room(CALL, was_tried=False)
    gone = teleconsult.NextcloudTalk("http://127.0.0.1:1", server.user, server.password)
    with pytest.raises(ProviderFailed, match="no answer: ConnectError") as failed:
        gone.open_room(CALL, was_tried=False)
    assert "127.0.0.1" not in str(failed.value)


def test_the_calls_are_those_of_the_documents(talk, server):
    room = talk.open_room(CALL, was_tried=True)
    token = room.partition(" ")[0]
    talk.close_room(CALL, room)
    assert server.calls == [
        ("GET", ROOMS), ("POST", ROOMS), ("PUT", f"{ROOMS}/{token}/webinar/lobby"), ("DELETE", f"{ROOMS}/{token}"),
    ]  # fmt: skip


# --- Jitsi -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def jitsi():
    return teleconsult.Jitsi("https://meet.example.com/", "medivoy", SECRET)


def read(link, *, at=CALL.opens_at, secret=SECRET, room=None, **more):
    """What the server makes of a link: it checks signature, clock, audience, issuer, and the room that is entered."""
    parts = urlsplit(link.url)
    [token] = parse_qs(parts.query)["jwt"]
    with time_machine.travel(at, tick=False):
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience="jitsi", issuer="medivoy", **more)
    assert claims["sub"] == parts.hostname
    if claims["room"] != (room or parts.path.removeprefix("/")):
        raise jwt.InvalidTokenError("a token of another room")
    return claims


def test_a_link_lets_its_guest_into_its_room(jitsi):
    room = jitsi.open_room(CALL, was_tried=False)
    link = jitsi.link(CALL, room, DOCTOR)
    assert link.url.startswith(f"https://meet.example.com/{room}?jwt=")
    assert link.password == ""
    assert read(link)["context"]["user"] == {"name": "Dr. Asha Rao", "moderator": "true", "affiliation": "owner"}


def test_the_doctor_is_the_moderator_and_the_patient_is_not(jitsi):
    room = jitsi.open_room(CALL, was_tried=False)
    assert read(jitsi.link(CALL, room, PATIENT))["context"]["user"] == {
        "name": "Amina", "moderator": "false", "affiliation": "member",
    }  # fmt: skip


def test_a_link_dies_with_the_window(jitsi):
    link = jitsi.link(CALL, jitsi.open_room(CALL, was_tried=False), PATIENT)
    assert read(link, at=CALL.closes_at - timedelta(seconds=1))
    with pytest.raises(jwt.ExpiredSignatureError):
        read(link, at=CALL.closes_at)
    with pytest.raises(jwt.ImmatureSignatureError):
        read(link, at=CALL.opens_at - timedelta(minutes=2))


def test_a_link_is_refused_with_another_secret_in_another_room_and_when_it_was_changed(jitsi):
    room, other = (jitsi.open_room(CALL, was_tried=False) for _ in range(2))
    link = jitsi.link(CALL, room, PATIENT)
    with pytest.raises(jwt.InvalidSignatureError):
        read(link, secret=SECRET[::-1])
    with pytest.raises(jwt.InvalidTokenError):
        read(link, room=other)
    header, claims, _signature = jitsi.link(CALL, room, DOCTOR).url.split(".")[-3:]
    signature = link.url.rpartition(".")[2]
    changed = teleconsult.Link(
        f"https://meet.example.com/{room}?jwt={header.rpartition('jwt=')[2]}.{claims}.{signature}"
    )
    with pytest.raises(jwt.InvalidSignatureError):
        read(changed)


def test_rooms_have_random_names(jitsi):
    names = {jitsi.open_room(CALL, was_tried=False) for _ in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {32}
    assert CALL.reference.removeprefix("Medivoy ") not in "".join(names)


# --- which one -------------------------------------------------------------------------------------------------------


def test_the_provider_is_the_one_of_that_name_if_its_settings_are_whole(settings):
    settings.JITSI_URL, settings.JITSI_APP_ID, settings.JITSI_SECRET = "https://meet.example.com", "medivoy", SECRET
    assert teleconsult.provider("jitsi").name == "jitsi"
    settings.JITSI_SECRET = ""
    for name in ("jitsi", "nextcloud", "off"):
        with pytest.raises(ProviderFailed, match="is not set up"):
            teleconsult.provider(name)
