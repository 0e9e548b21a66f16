"""Workers and people at once, each with a connection and real commits: one room for a time, and none once it is gone.

The guards are the claim (SKIP LOCKED, and a time during which it holds) and the second look when a worker says what it
opened. With the claim off the same race opens several rooms (the control); with the second look off one is left over.
"""

import contextlib
import os
import subprocess
import sys
import threading
from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.bookings import services, teleconsult
from apps.bookings.models import VideoRoom
from apps.bookings.services import video
from tests.factories.bookings import AppointmentFactory

from .racing import at_once

GIVE_UP_SECONDS = 60
WORKERS = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def appointment(server):
    """A consultation by video that begins in half an hour, so that its room is due."""
    start = timezone.now().replace(microsecond=0) + timedelta(minutes=30)
    appointment = AppointmentFactory(
        kind="teleconsult", status="appointment_confirmed", starts_at=start, ends_at=start + timedelta(minutes=30)
    )
    video.follow(appointment, now=timezone.now())
    return appointment


def sweep():
    return services.tend_video_rooms(timezone.now())


@pytest.fixture
def all_are_at_it(monkeypatch):
    """Whoever opens a room waits, before asking the provider, until so many do (or a second is over)."""
    meeting = threading.Barrier(WORKERS, timeout=1)
    real = video._open

    def open_together(room):
        with contextlib.suppress(threading.BrokenBarrierError):  # those who found nothing to do never come
            meeting.wait()
        return real(room)

    monkeypatch.setattr(video, "_open", open_together)


def test_of_several_workers_one_opens_the_room(appointment, server, all_are_at_it):
    assert sorted(at_once(*[sweep] * WORKERS)) == [0] * (WORKERS - 1) + [1]
    assert [method for method, _path in server.calls].count("POST") == 1


def test_control_without_the_claim_each_opens_one(appointment, server, all_are_at_it, monkeypatch):
    def claim(now):
        room = VideoRoom.objects.filter(due_at__lte=now).select_related("appointment").first()
        if room is not None:
            room.attempts = 1
        return room

    monkeypatch.setattr(video, "_claim", claim)
    monkeypatch.setattr(video, "_opened", lambda room, handle: VideoRoom.objects.filter(pk=room.pk).update(due_at=None))
    at_once(*[sweep] * WORKERS)
    assert [method for method, _path in server.calls].count("POST") > 1


@pytest.fixture
def cancelled_meanwhile(appointment, coordinator, monkeypatch):
    """The appointment is cancelled, by another connection, between the provider's answer and the worker's mark."""
    real = teleconsult.NextcloudTalk.open_room

    def open_room(self, call, *, was_tried):
        handle = real(self, call, was_tried=was_tried)
        at_once(lambda: services.cancel_appointment(appointment.pk, by=coordinator))
        return handle

    monkeypatch.setattr(teleconsult.NextcloudTalk, "open_room", open_room)


def test_what_is_called_off_while_its_room_is_opened_has_none_after_the_next_run(cancelled_meanwhile, server):
    sweep()
    assert len(server.rooms) == 1
    sweep()
    assert server.rooms == {}


def test_control_without_the_second_look_the_room_stands_until_its_time_is_over(
    cancelled_meanwhile, server, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(video, "_is_wanted", lambda room, appointment, *, now: True)
        patched.setattr(video, "_catch_up", lambda now: None)
        sweep()
        sweep()
        assert len(server.rooms) == 1


WORKER = """
import django
django.setup()
from apps.bookings import tasks
tasks.tend_video_rooms()
"""


@pytest.fixture
def worker(server):
    """Starts the job in a process of its own, on this test's database."""
    database = connection.settings_dict
    login = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    port = f":{database['PORT']}" if database["PORT"] else ""
    environ = os.environ | {
        "DATABASE_URL": f"postgres://{login}@{quote(database['HOST'], safe='')}{port}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "medivoy.settings",
        "VIDEO_PROVIDER": "nextcloud",
        "NEXTCLOUD_URL": server.url,
        "NEXTCLOUD_USER": server.user,
        "NEXTCLOUD_PASSWORD": server.password,
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environ, stdout=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait(GIVE_UP_SECONDS)


def test_a_worker_that_is_killed_between_the_answer_and_the_mark_leaves_one_room_in_the_end(
    appointment, server, worker
):
    """`kill -9`: the provider has opened the room, and nobody here knows of it."""
    was_killed = threading.Event()

    def kill(method):
        if method == "POST":
            worker.kill()
            worker.wait(GIVE_UP_SECONDS)
            was_killed.set()

    server.before_answer = kill
    assert was_killed.wait(GIVE_UP_SECONDS)
    server.before_answer = lambda method: None
    [orphan] = server.rooms
    room = VideoRoom.objects.get()
    assert (room.opened_at, room.attempts) == (None, 1)

    sweep()
    assert list(server.rooms) == [orphan], "the claim still holds"
    with time_machine.travel(room.due_at, tick=True):
        sweep()
    [token] = server.rooms
    assert token != orphan
    room.refresh_from_db()
    assert room.room.startswith(token)


def test_the_provider_is_asked_outside_of_any_transaction(appointment, server, monkeypatch):
    found = []
    real = teleconsult.NextcloudTalk.open_room

    def open_room(self, call, *, was_tried):
        found.append(connection.in_atomic_block)
        return real(self, call, was_tried=was_tried)

    monkeypatch.setattr(teleconsult.NextcloudTalk, "open_room", open_room)
    sweep()
    assert found == [False]
