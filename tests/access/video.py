"""The calls of the world: each side's patient and doctor are in a consultation by video, all day long.

The room's name holds a canary that only the two may read: whoever else is shown it could come in.
"""

from datetime import datetime, timedelta
from typing import Any

from apps.bookings.models import VideoRoom
from tests.factories.bookings import AppointmentFactory

PROVIDER = {
    "VIDEO_PROVIDER": "nextcloud",
    "NEXTCLOUD_URL": "https://cloud.example.com",
    "NEXTCLOUD_USER": "medivoy",
    "NEXTCLOUD_PASSWORD": "of-nobody",
}


def build_side(world: Any, side: str, *, front: frozenset[str], now: datetime) -> None:
    call = AppointmentFactory(
        affiliation=world.rows[f"affiliation_{side}"], patient=world.rows[f"patient_{side}"], kind="teleconsult",
        status="appointment_confirmed", starts_at=now, ends_at=now + timedelta(hours=20),
    )  # fmt: skip
    world.mark(call, world.audience_of_appointment(side))
    two = frozenset({f"patient_{side}", f"doctor_{side}"})
    VideoRoom.objects.create(
        appointment=call, version=1, provider="nextcloud", opened_at=now,
        room=f"{world.canary(two)} {world.canary(two)}", last_error=world.canary(front | {f"hospital_admin_{side}"}),
    )  # fmt: skip
    world.rows[f"call_{side}"] = call
