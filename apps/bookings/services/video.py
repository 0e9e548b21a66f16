"""Rooms for consultations by video: wanted with the agreed time, opened and closed by a job, joined by the two parties.

A room belongs to one version of an appointment. `follow` writes what is wanted in the transaction of the move; the job
asks the provider outside of any transaction and then says what came of it. A worker that dies in between leaves a row
that was tried and not opened: the next attempt removes, by the row's own reference, what the first may have made.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import exceptions, notifications, querysets, rules, teleconsult
from apps.bookings.models import Appointment, VideoRoom
from apps.common import audit
from apps.common.exceptions import NotFound, raise_if

log = structlog.get_logger(__name__)

#: A worker has a room for so long; one that died has lost it by then. The longest time a provider takes is below.
CLAIMED_FOR = timedelta(minutes=2)
#: A run of the job begins no further room after so long: the next run is near.
RUN_SECONDS = 25.0
NOT_READY_SECONDS = 30
JOINED = "appointment.video_joined"


# --- What is wanted --------------------------------------------------------------------------------------------------


def follow(appointment: Appointment, *, now: datetime) -> None:
    """The appointment has a room for its present time if it is to have one, and none for any other. In the transaction
    of its move; the provider is asked by the job."""
    if appointment.kind != Appointment.Kind.TELECONSULT:
        return
    rooms = VideoRoom.objects.filter(appointment=appointment, closed_at=None)
    is_wanted = rules.wants_room(appointment.status, appointment.ends_at, now=now)
    _let_go(rooms.exclude(version=appointment.version) if is_wanted else rooms, now=now)
    if is_wanted and teleconsult.is_set_up():
        _want([appointment], now=now)


def _want(appointments: list[Appointment], *, now: datetime) -> None:
    VideoRoom.objects.bulk_create(
        [
            VideoRoom(
                appointment=appointment,
                version=appointment.version,
                provider=settings.VIDEO_PROVIDER,
                due_at=rules.room_due_at(appointment.starts_at, now=now),
            )
            for appointment in appointments
        ],
        ignore_conflicts=True,
    )


def _let_go(rooms: querysets.OfAppointmentQuerySet, *, now: datetime) -> None:
    """Rooms that nobody needs: those never tried are done with, open ones are closed by the next run of the job, and
    those that a worker may be opening right now once it has lost them."""
    rooms.filter(opened_at=None, attempts=0).update(closed_at=now, due_at=None, updated_at=now)
    rooms.exclude(opened_at=None).update(due_at=now, attempts=0, updated_at=now)
    rooms.filter(opened_at=None, attempts__gt=0, due_at=None).update(due_at=now, updated_at=now)


def _catch_up(now: datetime) -> None:
    """What `follow` has not seen: appointments agreed on before a provider was set up, and moves past our verbs."""
    soon = Appointment.objects.filter(
        kind=Appointment.Kind.TELECONSULT,
        status__in=rules.JOINABLE,
        starts_at__gt=now - timedelta(days=1),
        starts_at__lte=now + rules.ROOM_BEFORE,
        ends_at__gt=now,
    )
    if teleconsult.is_set_up():
        has_room = VideoRoom.objects.filter(appointment=OuterRef("pk"), version=OuterRef("version"))
        _want(list(soon.filter(~Exists(has_room))), now=now)
    as_agreed = Q(appointment__status__in=rules.WITH_ROOM, version=F("appointment__version"))
    at_rest = VideoRoom.objects.filter(closed_at=None, opened_at__isnull=False, attempts=0)
    near = at_rest.filter(due_at__gt=now, due_at__lte=now + rules.ROOM_BEFORE + querysets.LONGEST + rules.ROOM_AFTER)
    stale = list(near.exclude(as_agreed).values_list("pk", flat=True))
    if stale:
        _let_go(VideoRoom.objects.filter(pk__in=stale), now=now)


# --- The job ---------------------------------------------------------------------------------------------------------


def tend_video_rooms(now: datetime) -> int:
    """Every room that is due is opened or closed at its provider; how many were. A provider that fails as a whole is
    left alone until the next run."""
    _catch_up(now)
    until, done = time.monotonic() + RUN_SECONDS, 0
    while time.monotonic() < until and (room := _claim(now)) is not None:
        try:
            done += _tend(room)
        except teleconsult.ProviderFailed as error:
            _put_off(room, error)
            if error.concerns_all:
                break
        except Exception as error:  # noqa: BLE001  whatever is wrong with one must not stop the others
            _put_off(room, teleconsult.ProviderFailed(type(error).__name__))
    return done


@transaction.atomic
def _claim(now: datetime) -> VideoRoom | None:
    """The room that is due longest, ours for a while. The number of attempts tells a later owner from this one."""
    rows = VideoRoom.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    room = rows.select_for_update(skip_locked=True, of=("self",), no_key=True).select_related("appointment").first()
    if room is not None:
        if room.opened_at is None and teleconsult.is_set_up():
            room.provider = settings.VIDEO_PROVIDER
        room.attempts += 1
        room.due_at = now + CLAIMED_FOR
        room.save(update_fields=["provider", "attempts", "due_at", "updated_at"])
    return room


def _tend(room: VideoRoom) -> bool:
    """Whether it was opened or closed. Raises ProviderFailed."""
    is_wanted = _is_wanted(room, room.appointment, now=timezone.now())
    if room.opened_at is not None and is_wanted:
        return _keep(room)
    return _open(room) if is_wanted else _close(room)


def _is_wanted(room: VideoRoom, appointment: Appointment, *, now: datetime) -> bool:
    is_agreed = rules.wants_room(appointment.status, appointment.ends_at, now=now)
    return is_agreed and room.version == appointment.version


def _open(room: VideoRoom) -> bool:
    if not teleconsult.is_set_up():
        raise teleconsult.ProviderFailed("no provider is set up")
    provider, call = teleconsult.provider(room.provider), _call(room, room.appointment)
    handle = provider.open_room(call, was_tried=room.attempts > 1)
    if not _opened(room, handle):
        provider.close_room(call, handle)  # another worker has the room by now, and opened one of its own
        return False
    log.info("video_room_opened", room_id=str(room.pk), provider=room.provider)
    return True


@transaction.atomic
def _opened(room: VideoRoom, handle: str) -> bool:
    """Whether it is ours to say so. What was called off while it was being opened is due to be closed at once."""
    mine = VideoRoom.objects.lock(room.pk)
    if mine.attempts != room.attempts or mine.opened_at or mine.closed_at:
        return False
    now = timezone.now()
    appointment = Appointment.objects.get(pk=mine.appointment_id)  # only now: the lock may have waited for a move
    mine.room, mine.opened_at, mine.attempts, mine.last_error = handle, now, 0, ""
    mine.due_at = appointment.ends_at + rules.ROOM_AFTER if _is_wanted(mine, appointment, now=now) else now
    mine.save(update_fields=["room", "opened_at", "attempts", "last_error", "due_at", "updated_at"])
    return True


def _keep(room: VideoRoom) -> bool:
    _ours(room).update(attempts=0, due_at=room.appointment.ends_at + rules.ROOM_AFTER, updated_at=timezone.now())
    return False


def _close(room: VideoRoom) -> bool:
    """A room that was opened, or that an earlier attempt may have opened, is gone at the provider."""
    if room.opened_at is not None or room.attempts > 1:
        teleconsult.provider(room.provider).close_room(_call(room, room.appointment), room.room)
    now = timezone.now()
    VideoRoom.objects.filter(pk=room.pk, closed_at=None).update(
        closed_at=now, due_at=None, room="", last_error="", updated_at=now
    )
    log.info("video_room_closed", room_id=str(room.pk), provider=room.provider)
    return True


def _put_off(room: VideoRoom, error: teleconsult.ProviderFailed) -> None:
    """Tried again later, later each time. People are told once it has failed a few times, or has waited as long for a
    provider that fails all rooms."""
    now = timezone.now()
    is_closing = room.opened_at is not None
    is_given_up = is_closing and room.attempts >= rules.CLOSING_ATTEMPTS
    wait = max(rules.wait_after(room.attempts), timedelta(seconds=error.retry_after))
    _ours(room).update(due_at=None if is_given_up else now + wait, last_error=str(error)[:300], updated_at=now)
    is_overdue = rules.room_due_at(room.appointment.starts_at, now=room.created_at) <= now - rules.LOUD_AFTER_TIME
    is_first_to_say = error.concerns_all and room.attempts < rules.LOUD_AFTER and is_overdue and not is_closing
    is_loud = is_given_up or room.attempts == rules.LOUD_AFTER or is_first_to_say
    (log.error if is_loud else log.warning)(
        "video_room_failed", room_id=str(room.pk), provider=room.provider, error=str(error), attempts=room.attempts,
        act="close" if is_closing else "open", is_given_up=is_given_up,
    )  # fmt: skip
    if is_loud and not is_closing:  # with closing, nobody but whoever keeps the server can help
        _tell_coordinators(room, now=now)


def _ours(room: VideoRoom) -> querysets.OfAppointmentQuerySet:
    return VideoRoom.objects.filter(pk=room.pk, attempts=room.attempts)


@transaction.atomic
def _tell_coordinators(room: VideoRoom, *, now: datetime) -> None:
    overdue = Q(
        appointment__starts_at__lte=now + rules.ROOM_BEFORE - rules.LOUD_AFTER_TIME,
        created_at__lte=now - rules.LOUD_AFTER_TIME,
        version=F("appointment__version"),
    )
    missing = VideoRoom.objects.filter(opened_at=None, closed_at=None, due_at__lte=now + rules.ROOM_BEFORE)
    failing = missing.filter(Q(attempts__gte=rules.LOUD_AFTER) | overdue).count()
    notifications.video_rooms_fail(room.appointment, failing, now=now)


def _call(room: VideoRoom, appointment: Appointment) -> teleconsult.Call:
    """What the provider learns. The reference is the random end of the row's id: found again by it, telling nothing."""
    opens_at, closes_at = rules.joining_window(appointment.starts_at, appointment.ends_at)
    return teleconsult.Call(reference=f"Medivoy {room.pk.hex[-12:]}", opens_at=opens_at, closes_at=closes_at)


# --- Joining ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Joining:
    """The caller's way into the call of an appointment, and until when it leads there."""

    appointment: Appointment
    provider: str
    link: teleconsult.Link
    name: str
    opens_at: datetime
    closes_at: datetime


def join_video_call(appointment_id: UUID, *, by: User, now: datetime | None = None) -> Joining:
    """A way into the call, for its patient and its doctor; the audit trail has who was given one when.

    Raises NotFound, NotByVideo, VideoNotAgreed, VideoOff, VideoTooEarly, VideoOver, VideoNotReady.
    """
    now = now or timezone.now()
    appointments = Appointment.objects.visible_to(by).select_related("patient__user", "doctor__user")
    appointment = appointments.filter(pk=appointment_id).first()
    if appointment is None or by.pk not in {appointment.patient.user_id, appointment.doctor.user_id}:
        raise NotFound()
    raise_if(
        rules.why_not_join(
            appointment.kind, appointment.status, appointment.starts_at, appointment.ends_at,
            is_set_up=teleconsult.is_set_up(), now=now,
        )
    )  # fmt: skip
    rooms = VideoRoom.objects.filter(appointment=appointment, version=appointment.version, closed_at=None)
    room = rooms.exclude(opened_at=None).first()
    if room is None:
        raise exceptions.VideoNotReady(retry_after=NOT_READY_SECONDS)
    guest = _guest(appointment, by)
    try:
        link = teleconsult.provider(room.provider).link(_call(room, appointment), room.room, guest)
    except teleconsult.ProviderFailed as error:
        raise exceptions.VideoNotReady(retry_after=NOT_READY_SECONDS) from error
    audit.record(JOINED, appointment, actor=by, version=appointment.version, host=guest.is_host)
    opens_at, closes_at = rules.joining_window(appointment.starts_at, appointment.ends_at)
    return Joining(appointment, room.provider, link, guest.name, opens_at, closes_at)


def _guest(appointment: Appointment, by: User) -> teleconsult.Guest:
    """The doctor by name; of the patient the first name is enough for the doctor, and all that the provider learns."""
    if by.pk == appointment.doctor.user_id:
        return teleconsult.Guest(name=str(appointment.doctor), is_host=True)
    return teleconsult.Guest(name=appointment.patient.user.first_name, is_host=False)
