"""A consultation by video has a room of its own for each agreed time, which its two parties enter while it is time.

The real HTTP client speaks to a server of ours that speaks Nextcloud's calls; the job is called as beat would.
"""

import contextlib
import io
import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from structlog.stdlib import ProcessorFormatter

from apps.bookings import health, rules, selectors, services, tasks
from apps.bookings.models import Appointment, VideoRoom
from apps.bookings.services import video
from apps.common.health import Unhealthy
from apps.common.models import AuditEntry
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory

SECRET = "a-secret-of-at-least-thirty-two-letters"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def by_jitsi(settings):
    settings.VIDEO_PROVIDER = "jitsi"
    settings.JITSI_URL, settings.JITSI_APP_ID, settings.JITSI_SECRET = "https://meet.example.com", "medivoy", SECRET


@pytest.fixture
def by_video(book, schedule, free):
    """Books a consultation by video in a free slot."""
    schedule.doctor.offers_teleconsult = True
    schedule.doctor.save()
    return lambda slot=free[0], **more: book(slot, kind="teleconsult", **more)


@pytest.fixture
def confirmed(server, by_video, doctor):
    """A consultation by video that the doctor has confirmed, where rooms are opened."""
    return services.move_appointment(by_video().pk, "appointment_confirmed", by=doctor.user)


def at(instant):
    return time_machine.travel(instant, tick=False)


def sweep(instant=None):
    with at(instant) if instant else contextlib.nullcontext():
        tasks.tend_video_rooms()


def opened(appointment):
    """Its room, opened by the job an hour before the start."""
    sweep(appointment.starts_at - HOUR)
    return VideoRoom.objects.get(appointment=appointment, version=appointment.version)


@pytest.fixture
def ask(api):
    """`ask(user, appointment, instant)` asks for the way into the call at that instant, as the app does."""

    def ask(user, appointment, instant):
        with at(instant):
            return api(user).get(f"/api/v1/appointments/{appointment.pk}/video-call")

    return ask


def code(response):
    return response.status_code, response.json().get("code", "")


# --- a room comes and goes with the agreed time ----------------------------------------------------------------------


def test_a_confirmed_consultation_by_video_has_a_room_an_hour_before_it_starts(confirmed, server):
    sweep(confirmed.starts_at - HOUR - MINUTE)
    assert server.calls == [], "nothing before it is due"

    room = opened(confirmed)

    [made] = server.rooms.values()
    assert room.room.startswith(made.token)
    assert made.lobby_until == (confirmed.starts_at - 15 * MINUTE).timestamp()
    sweep(confirmed.starts_at)
    assert len(server.rooms) == 1, "and no second one"


def test_one_that_is_agreed_on_later_than_that_has_a_room_at_once(by_video, doctor, server):
    appointment = by_video()
    with at(appointment.starts_at - 5 * MINUTE):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=doctor.user)
        sweep()
    assert len(server.rooms) == 1


def test_there_is_no_room_for_a_request_nor_at_the_hospital(book, by_video, free, doctor, server):
    requested = by_video(free[0])
    at_hospital = services.move_appointment(book(free[4]).pk, "appointment_confirmed", by=doctor.user)
    sweep(requested.starts_at)
    sweep(at_hospital.starts_at)
    assert (server.calls, VideoRoom.objects.count()) == ([], 0)


def test_the_room_is_closed_an_hour_after_the_end(confirmed, server):
    opened(confirmed)
    sweep(confirmed.ends_at + HOUR - MINUTE)
    assert len(server.rooms) == 1
    sweep(confirmed.ends_at + HOUR)
    assert server.rooms == {}
    room = VideoRoom.objects.get()
    assert (room.room, room.due_at) == ("", None)
    assert room.closed_at == confirmed.ends_at + HOUR


def test_completing_the_consultation_throws_nobody_out(confirmed, server, doctor):
    opened(confirmed)
    Appointment.objects.filter(pk=confirmed.pk).update(status="consultation_completed")
    sweep(confirmed.ends_at)
    assert len(server.rooms) == 1


@pytest.mark.parametrize("how", ["cancelled", "doctor_absent", "no_show"])
def test_calling_it_off_closes_the_room_with_the_next_run(confirmed, server, doctor, how):
    opened(confirmed)
    with at(confirmed.starts_at + (20 * MINUTE if how != "cancelled" else -10 * MINUTE)):
        services.move_appointment(confirmed.pk, how, by=doctor.user)
        sweep()
    assert server.rooms == {}


def test_what_was_called_off_before_its_hour_never_has_a_room(confirmed, server, patient):
    services.cancel_appointment(confirmed.pk, by=patient.user)
    sweep(confirmed.starts_at)
    assert server.calls == []
    assert VideoRoom.objects.get().closed_at


def test_a_move_that_is_rolled_back_leaves_the_room_as_it_was(confirmed, server, coordinator, free, monkeypatch):
    opened(confirmed)
    monkeypatch.setattr("apps.bookings.notifications.appointment_cancelled", lambda appointment: 1 / 0)
    with at(confirmed.starts_at - 5 * MINUTE), pytest.raises(ZeroDivisionError):
        services.cancel_appointment(confirmed.pk, by=coordinator)
    sweep(confirmed.starts_at)
    assert len(server.rooms) == 1


def test_each_agreed_time_has_a_room_of_its_own(confirmed, server, coordinator, free):
    first = opened(confirmed)
    with at(confirmed.starts_at - 10 * MINUTE):
        moved = services.reschedule_appointment(confirmed.pk, by=coordinator, starts_at=free[9].starts_at)
        sweep()
        assert server.rooms == {}, "the old one is gone half a minute after the move"
    second = opened(moved)
    assert (first.version, second.version) == (1, 2)
    assert len(server.rooms) == 1
    assert second.room != first.room


def test_a_provider_that_is_set_up_later_gets_the_rooms_that_are_wanted_by_then(by_video, doctor, settings, free):
    settings.VIDEO_PROVIDER = "off"
    appointment = services.move_appointment(by_video().pk, "appointment_confirmed", by=doctor.user)
    assert not VideoRoom.objects.exists()
    settings.VIDEO_PROVIDER, settings.JITSI_URL = "jitsi", "https://meet.example.com"
    settings.JITSI_APP_ID, settings.JITSI_SECRET = "medivoy", SECRET
    assert opened(appointment).opened_at


def test_an_appointment_that_was_changed_past_our_verbs_loses_its_room_too(confirmed, server):
    opened(confirmed)
    Appointment.objects.filter(pk=confirmed.pk).update(status="rejected")
    sweep(confirmed.starts_at)
    assert server.rooms == {}


def test_the_room_is_opened_at_the_provider_that_is_chosen_by_then(confirmed, server, by_jitsi):
    assert opened(confirmed).provider == "jitsi"
    assert server.calls == []


# --- a provider that fails -------------------------------------------------------------------------------------------


def test_a_failed_attempt_is_made_again_after_longer_and_longer_waits(confirmed, server):
    server.fail(500, times=4)
    now = confirmed.starts_at - HOUR
    waits = []
    for _ in range(4):
        sweep(now)
        room = VideoRoom.objects.get()
        assert room.last_error == "the server answered 500"
        waits.append((room.due_at - now).total_seconds())
        sweep(room.due_at - timedelta(seconds=1))
        now = room.due_at
    assert waits == [30, 60, 120, 240]
    assert len(server.calls) == 4, "one attempt each time"
    sweep(now)
    room.refresh_from_db()
    assert room.opened_at == now
    assert room.last_error == ""
    assert rules.wait_after(50) == 5 * MINUTE, "and never longer"


def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(confirmed, server):
    server.fail(429, headers={"Retry-After": "240"})
    sweep(confirmed.starts_at - HOUR)
    assert VideoRoom.objects.get().due_at == confirmed.starts_at - HOUR + 4 * MINUTE


def test_a_server_that_is_down_is_asked_once_a_run_and_one_bad_room_does_not_stop_the_others(db, server):
    start = timezone.now() + timedelta(days=2)
    appointments = [
        AppointmentFactory(
            kind="teleconsult", status="appointment_confirmed", starts_at=start, ends_at=start + timedelta(minutes=30)
        )
        for _ in range(3)
    ]
    server.fail(503)
    sweep(start - HOUR)
    assert len(server.calls) == 1
    server.fail(400, "POST")
    sweep(start - HOUR + 2 * MINUTE)
    assert len(server.rooms) == 2
    assert VideoRoom.objects.filter(appointment__in=appointments, opened_at=None).count() == 1


def test_coordinators_are_told_once_an_hour_while_rooms_cannot_be_opened(confirmed, server, coordinator, caplog):
    server.fail(500, times=100)
    start = confirmed.starts_at - HOUR
    for minutes in range(16):
        sweep(start + minutes * MINUTE)
        told = Message.objects.filter(kind="bookings.video_rooms_fail", channel="email")
        assert told.count() == (1 if VideoRoom.objects.get().attempts >= rules.LOUD_AFTER else 0)
    [message] = told
    assert message.recipient == coordinator
    assert message.context["number"] == confirmed.number
    assert "http" not in str(message.context)


def test_coordinators_are_told_as_early_however_many_rooms_take_turns_at_a_server_that_is_down(server, coordinator):
    start = (timezone.now() + timedelta(days=2)).replace(minute=0, second=0)  # they are told once an hour of the clock
    for _ in range(30):
        AppointmentFactory(
            kind="teleconsult", status="appointment_confirmed", starts_at=start, ends_at=start + timedelta(minutes=30)
        )
    sweep(start - 2 * HOUR)
    server.fail(503, times=1000)
    told = Message.objects.filter(kind="bookings.video_rooms_fail", channel="email")
    for halves in range(20):
        sweep(start - HOUR + halves * MINUTE / 2)
        assert told.exists() == (halves >= 16)
    assert told.get().context["count"] == 30


def test_neither_password_nor_address_nor_room_stands_in_the_log(confirmed, server, settings, monkeypatch):
    """As it is written: the handler that production has, with what the HTTP client would say."""
    [handler] = [each for each in logging.getLogger().handlers if isinstance(each.formatter, ProcessorFormatter)]
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    server.fail(500, "PUT")
    sweep(confirmed.starts_at - HOUR)
    sweep(confirmed.starts_at - 50 * MINUTE)
    room = VideoRoom.objects.get()
    logged = written.getvalue()
    assert "video_room_failed" in logged
    assert "video_room_opened" in logged
    secrets = [settings.NEXTCLOUD_PASSWORD, server.url, *room.room.split()]
    assert [secret for secret in secrets if secret in logged] == []


def test_whoever_reads_the_database_gets_into_no_room(confirmed, server):
    room = opened(confirmed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT room FROM bookings_videoroom")
        [(lies,)] = cursor.fetchall()
    assert [secret for secret in room.room.split() if secret in lies] == []


def test_a_room_that_cannot_be_closed_is_given_up_loudly(confirmed, server, caplog):
    opened(confirmed)
    server.fail(403, "DELETE", times=1000)
    now = confirmed.ends_at + HOUR
    for _ in range(rules.CLOSING_ATTEMPTS):
        sweep(now)
        now = VideoRoom.objects.get().due_at or now
    room = VideoRoom.objects.get()
    assert (room.due_at, room.closed_at, room.last_error) == (None, None, "the server answered 403")
    assert "'is_given_up': True" in caplog.text or '"is_given_up": true' in caplog.text


def test_a_room_that_could_not_be_opened_is_not_tried_for_ever(confirmed, server):
    server.fail(500, times=3)
    sweep(confirmed.starts_at - HOUR)
    sweep(confirmed.ends_at + HOUR)
    sweep(confirmed.ends_at + 2 * HOUR)
    sweep(confirmed.ends_at + 3 * HOUR)
    assert VideoRoom.objects.get().closed_at
    assert server.rooms == {}


# --- a worker that dies ----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What no `except Exception` catches, as nothing runs after a SIGKILL."""


def test_a_worker_that_dies_before_it_says_what_it_opened_leaves_one_room_in_the_end(
    confirmed, server, monkeypatch, ask
):
    def killed(*args):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(video, "_opened", killed)
        with pytest.raises(Killed):
            sweep(confirmed.starts_at - HOUR)
    [orphan] = server.rooms
    assert VideoRoom.objects.get().opened_at is None

    sweep(confirmed.starts_at - HOUR + MINUTE)
    assert list(server.rooms) == [orphan], "the dead worker's claim still holds"
    sweep(confirmed.starts_at - HOUR + 2 * MINUTE)
    [token] = server.rooms
    assert token != orphan
    link = ask(confirmed.patient.user, confirmed, confirmed.starts_at).json()["data"]
    assert server.lets_in(link["url"], link["password"], at=confirmed.starts_at.timestamp())


def test_what_a_dead_worker_opened_for_a_time_that_was_called_off_is_found_and_closed(
    confirmed, server, monkeypatch, coordinator
):
    def killed(*args):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(video, "_opened", killed)
        with pytest.raises(Killed):
            sweep(confirmed.starts_at - HOUR)
    assert len(server.rooms) == 1
    with at(confirmed.starts_at - HOUR + MINUTE):
        services.cancel_appointment(confirmed.pk, by=coordinator)
    sweep(confirmed.starts_at - HOUR + 2 * MINUTE)
    assert server.rooms == {}
    assert VideoRoom.objects.get().closed_at


def test_what_is_called_off_while_its_room_is_being_opened_is_closed_by_the_next_run(confirmed, server, coordinator):
    """The claim is not taken from the worker that is at it; the worker sees the move when it says what it opened."""

    start = confirmed.starts_at - HOUR
    provider = video.teleconsult.provider

    class MovedMeanwhile:
        def __init__(self, name):
            self.real = provider(name)

        def open_room(self, call, *, was_tried):
            handle = self.real.open_room(call, was_tried=was_tried)
            services.cancel_appointment(confirmed.pk, by=coordinator)
            return handle

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(video.teleconsult, "provider", MovedMeanwhile)
        sweep(start)
    assert len(server.rooms) == 1
    sweep(start + MINUTE)
    assert server.rooms == {}


def test_a_worker_that_was_so_slow_that_another_took_over_leaves_nothing_behind(confirmed, server):
    """Both have opened a room: the second removed the first's by its name, or the first removes its own."""
    start = confirmed.starts_at - HOUR
    with at(start):
        slow = video._claim(timezone.now())
    sweep(start + 2 * MINUTE)
    [kept] = server.rooms
    with at(start + 2 * MINUTE):
        slow.appointment.refresh_from_db()
        assert video._open(slow) is False
    assert list(server.rooms) == [kept]
    assert VideoRoom.objects.get().room.startswith(kept)


# --- joining ---------------------------------------------------------------------------------------------------------


def test_patient_and_doctor_get_into_the_same_room(confirmed, server, ask, patient, doctor):
    opened(confirmed)
    links = [ask(user, confirmed, confirmed.starts_at).json()["data"] for user in (patient.user, doctor.user)]
    assert links[0]["url"] == links[1]["url"]
    for link in links:
        assert server.lets_in(link["url"], link["password"], at=confirmed.starts_at.timestamp())
    assert [link["display_name"] for link in links] == [patient.user.first_name, str(doctor)]


def test_the_call_is_joined_from_a_quarter_of_an_hour_before_until_half_an_hour_after(confirmed, server, ask, patient):
    opened(confirmed)
    opens_at, closes_at = confirmed.starts_at - 15 * MINUTE, confirmed.ends_at + 30 * MINUTE
    second = timedelta(seconds=1)
    early = ask(patient.user, confirmed, opens_at - second)
    assert code(early) == (409, "booking.video_too_early")
    assert early.json()["data"]["opens_at"] == opens_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert code(ask(patient.user, confirmed, opens_at)) == (200, "")
    assert code(ask(patient.user, confirmed, closes_at - second)) == (200, "")
    assert code(ask(patient.user, confirmed, closes_at)) == (409, "booking.video_over")


def test_the_answer_is_never_cached_and_says_until_when_it_leads_there(confirmed, server, ask, doctor):
    opened(confirmed)
    response = ask(doctor.user, confirmed, confirmed.starts_at)
    assert "no-store" in response.headers["Cache-Control"]
    data = response.json()["data"]
    assert (data["provider"], data["version"]) == ("nextcloud", 1)
    assert data["closes_at"] == (confirmed.ends_at + 30 * MINUTE).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_each_joining_stands_in_the_audit_trail_without_the_way_in(confirmed, server, ask, patient, doctor):
    opened(confirmed)
    for user in (patient.user, doctor.user, patient.user):
        ask(user, confirmed, confirmed.starts_at)
    entries = AuditEntry.objects.filter(action=video.JOINED, object_id=str(confirmed.pk)).order_by("id")
    assert [entry.actor_id for entry in entries] == [patient.user.pk, doctor.user.pk, patient.user.pk]
    assert [entry.changes["host"] for entry in entries] == [False, True, False]
    secrets = VideoRoom.objects.get().room.split()
    trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert [secret for secret in secrets if secret in trail] == []


def test_nobody_else_joins(confirmed, server, ask, other_patient, other_doctor, hospital_admin, coordinator):
    opened(confirmed)
    for user, status in [
        (other_patient.user, 404), (other_doctor.user, 404), (hospital_admin, 403), (coordinator, 403),
    ]:  # fmt: skip
        assert ask(user, confirmed, confirmed.starts_at).status_code == status
    assert not AuditEntry.objects.filter(action=video.JOINED).exists()


def test_a_room_that_is_not_ready_says_when_to_ask_again(confirmed, server, ask, patient):
    response = ask(patient.user, confirmed, confirmed.starts_at)
    assert code(response) == (503, "booking.video_not_ready")
    assert response.headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("kind", "status", "minutes", "expected"),
    [
        ("in_person", "appointment_confirmed", 0, "booking.not_by_video"),
        ("teleconsult", "requested", 0, "booking.video_not_agreed"),
        ("teleconsult", "cancelled", 0, "booking.video_not_agreed"),
        ("teleconsult", "consultation_completed", 0, "booking.video_over"),
        ("teleconsult", "appointment_confirmed", 61, "booking.video_over"),
        ("teleconsult", "appointment_confirmed", -16, "booking.video_too_early"),
        ("teleconsult", "consultation_in_progress", 0, None),
        ("teleconsult", "prescription_provided", 59, None),
    ],
)
def test_who_may_join_when(confirmed, kind, status, minutes, expected):
    now = confirmed.starts_at + minutes * MINUTE
    refusal = rules.why_not_join(kind, status, confirmed.starts_at, confirmed.ends_at, is_set_up=True, now=now)
    assert (refusal.code if refusal else None) == expected


def test_where_no_provider_is_set_up_the_answer_says_so(confirmed, ask, patient, settings):
    settings.VIDEO_PROVIDER = "off"
    assert code(ask(patient.user, confirmed, confirmed.starts_at)) == (409, "booking.video_off")


def test_the_link_of_an_old_time_is_given_to_nobody_from_the_moment_of_the_move(
    confirmed, server, ask, patient, coordinator, free
):
    opened(confirmed)
    before = confirmed.starts_at - 5 * MINUTE
    assert ask(patient.user, confirmed, before).status_code == 200
    with at(before):
        services.reschedule_appointment(confirmed.pk, by=coordinator, starts_at=free[9].starts_at)
    assert code(ask(patient.user, confirmed, before)) == (409, "booking.video_too_early")


def test_jitsi_lets_each_in_by_a_link_of_their_own_into_the_room_of_this_time(
    confirmed, by_jitsi, ask, patient, doctor, coordinator, free
):
    opened(confirmed)

    def room_and_user(user, instant):
        link = ask(user, confirmed, instant).json()["data"]
        parts = urlsplit(link["url"])
        with at(instant):
            token = parse_qs(parts.query)["jwt"][0]
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="jitsi", issuer="medivoy")
        assert claims["exp"] == (confirmed.ends_at + 30 * MINUTE).timestamp()
        return claims["room"], claims["context"]["user"]

    before = confirmed.starts_at - 5 * MINUTE
    room, as_patient = room_and_user(patient.user, before)
    assert room_and_user(doctor.user, before)[0] == room
    assert as_patient["name"] == patient.user.first_name
    assert patient.user.last_name not in str(as_patient)
    with at(before):
        services.reschedule_appointment(confirmed.pk, by=coordinator, starts_at=free[9].starts_at)
    confirmed.refresh_from_db()
    opened(confirmed)
    assert room_and_user(patient.user, confirmed.starts_at)[0] != room


# --- what staff see --------------------------------------------------------------------------------------------------


def test_staff_see_whether_the_room_is_ready_and_never_the_way_in(confirmed, server, book, free):
    def seen():
        confirmed.refresh_from_db()
        return selectors.video_room_state(confirmed, zone="Asia/Kolkata")

    assert seen().startswith("Will be opened at ")
    server.fail(500)
    sweep(confirmed.starts_at - HOUR)
    assert seen() == "Not ready after 1 attempt (the server answered 500)"
    room = opened(confirmed)
    sweep(confirmed.starts_at - 50 * MINUTE)
    room.refresh_from_db()
    assert seen().startswith("Ready since ")
    assert [secret for secret in (server.url, *room.room.split()) if secret in seen()] == []
    sweep(confirmed.ends_at + HOUR)
    assert seen().startswith("Closed since ")
    assert selectors.video_room_state(book(free[8]), zone="Asia/Kolkata") == ""


def test_the_page_of_an_appointment_shows_staff_the_state_of_its_room(confirmed, server, client, coordinator):
    room = opened(confirmed)
    with at(confirmed.starts_at):
        client.force_login(coordinator)
        page = client.get(f"/admin/bookings/appointment/{confirmed.pk}/change/")
    text = page.content.decode()
    assert "Ready since " in text
    assert [secret for secret in (server.url, *room.room.split()) if secret in text] == []


# --- from end to end -------------------------------------------------------------------------------------------------


def test_the_journey_of_a_consultation_by_video(api, schedule, free, server, ask, patient, doctor, coordinator):
    schedule.doctor.offers_teleconsult = True
    schedule.doctor.save()
    body = {
        "doctor_id": str(doctor.pk), "hospital_id": str(schedule.hospital_id), "kind": "teleconsult",
        "starts_at": free[0].starts_at.isoformat(),
    }  # fmt: skip
    booked = api(patient.user).post("/api/v1/appointments", body).json()["data"]
    appointment = Appointment.objects.get(pk=booked["id"])
    status = api(doctor.user).patch(
        f"/api/v1/appointments/{appointment.pk}/status", {"status": "appointment_confirmed"}
    )
    assert status.status_code == 200

    sweep(free[0].starts_at - HOUR)
    soon = free[0].starts_at - 10 * MINUTE
    first = [ask(user, appointment, soon).json()["data"] for user in (patient.user, doctor.user)]
    assert first[0]["url"] == first[1]["url"]
    assert server.lets_in(first[0]["url"], first[0]["password"], at=soon.timestamp())

    with at(soon):
        moved = api(coordinator).post(
            f"/api/v1/appointments/{appointment.pk}/reschedule", {"starts_at": free[9].starts_at.isoformat()}
        )
    assert moved.status_code == 200
    sweep(soon + MINUTE / 2)
    assert not server.lets_in(first[0]["url"], first[0]["password"], at=soon.timestamp())

    sweep(free[9].starts_at - HOUR)
    again = free[9].starts_at - 10 * MINUTE
    second = [ask(user, appointment, again).json()["data"] for user in (patient.user, doctor.user)]
    assert second[0]["url"] == second[1]["url"] != first[0]["url"]
    with at(again):
        assert api(doctor.user).delete(f"/api/v1/appointments/{appointment.pk}").status_code == 204
    assert code(ask(patient.user, appointment, again)) == (409, "booking.video_not_agreed")
    sweep(again + MINUTE / 2)
    assert server.rooms == {}
    assert VideoRoom.objects.filter(closed_at=None).count() == 0


# --- is it well? -----------------------------------------------------------------------------------------------------


def test_the_health_page_says_when_rooms_cannot_be_opened_or_nobody_tends_them(confirmed, server, settings):
    assert health.find_out() == ""
    due = confirmed.starts_at - HOUR
    with at(due + 11 * MINUTE), pytest.raises(Unhealthy, match="1 rooms wait longer than they should"):
        health.find_out()
    server.fail(500, times=rules.LOUD_AFTER)
    now = due
    for _ in range(rules.LOUD_AFTER):
        sweep(now)
        now = VideoRoom.objects.get().due_at
    with at(now), pytest.raises(Unhealthy, match="1 rooms cannot be opened"):
        health.find_out()
    sweep(now)
    with at(now):
        assert health.find_out() == ""
        settings.VIDEO_PROVIDER = "off"
        assert health.find_out() == "off"
