"""The displaced appointments of the world: each side's doctor is away, and its patient has not chosen yet."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.bookings.models import Displacement
from tests.factories.bookings import AppointmentFactory


def build_side(world: Any, side: str, *, now: datetime) -> None:
    appointment = AppointmentFactory(
        affiliation=world.rows[f"affiliation_{side}"], patient=world.rows[f"patient_{side}"],
        starts_at=datetime(2030, 12, 30 if side == "a" else 31, 3, 30, tzinfo=UTC),
    )  # fmt: skip
    world.mark(appointment, world.audience_of_appointment(side))
    displacement = Displacement.objects.create(
        appointment=appointment, version=1, respond_by=now + timedelta(days=2),
        **world.texts(Displacement, frozenset()),
    )  # fmt: skip
    world.rows |= {f"displaced_{side}": appointment, f"displacement_{side}": displacement}
