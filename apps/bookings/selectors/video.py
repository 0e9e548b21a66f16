"""What staff see of an appointment's video room: whether it is ready, never the way in."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.bookings import rules, teleconsult
from apps.bookings.models import Appointment, VideoRoom
from apps.common import wall_time

_READY = _("Ready since %(at)s")
_CLOSED = _("Closed since %(at)s")
_TO_CLOSE = _("About to be closed")
_PLANNED = _("Will be opened at %(at)s")
_NONE = _("None")
_OFF = _("Consultations by video are not set up here.")


def video_room_state(appointment: Appointment, *, zone: str) -> str:
    """One line for staff about the room of the appointment's present time; empty for one at the hospital. Times are
    read by the clock of `zone`."""
    if appointment.kind != Appointment.Kind.TELECONSULT:
        return ""
    room = VideoRoom.objects.filter(appointment=appointment, version=appointment.version).first()
    if room is None:
        return str(_NONE if teleconsult.is_set_up() else _OFF)

    def at(instant: datetime) -> str:
        return wall_time.stamp(instant, zone)

    if room.closed_at:
        return str(_CLOSED % {"at": at(room.closed_at)})
    if room.opened_at:
        is_kept = appointment.status in rules.WITH_ROOM
        state = _READY % {"at": at(room.opened_at)} if is_kept else str(_TO_CLOSE)
    elif room.attempts:
        state = ngettext(
            "Not ready after %(count)d attempt", "Not ready after %(count)d attempts", room.attempts
        ) % {"count": room.attempts}  # fmt: skip
    else:
        state = _PLANNED % {"at": at(room.due_at)} if room.due_at else str(_NONE)
    return f"{state} ({room.last_error})" if room.last_error else str(state)
