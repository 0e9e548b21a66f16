"""Free slots: weekly wall hours laid over real days, as UTC instants. Pure: no queries, no clock.

The instants of an opening are those whose wall time in the hospital's zone lies in it. So a wall time that a clock
change skips is never offered, and one that it repeats is offered twice. Slots are stepped in UTC: a slot lasts what it
says, on every day, and the next one begins when the buffer after it is over. The last slot of an opening ends in it;
its buffer may reach beyond.

A closed day is a whole day of the hospital's calendar. No moment of an offered slot lies on a closure; none lies on a
public holiday either, unless the slot is one of extra hours.
"""

from .clock import ONE_DAY, day_bounds, day_of, end_of, read_clock
from .expansion import expand, find
from .finding import (
    FIRST_LOOK,
    NoSlots,
    Outlook,
    available,
    first_free,
    free,
    horizon_of,
    is_bookable,
    is_day_full,
    offered,
    outlook,
    why_none,
)
from .intervals import Interval
from .plans import Busy, ExtraOpening, Opening, Plan, Slot, show

__all__ = [
    "FIRST_LOOK",
    "ONE_DAY",
    "Busy",
    "ExtraOpening",
    "Interval",
    "NoSlots",
    "Opening",
    "Outlook",
    "Plan",
    "Slot",
    "available",
    "day_bounds",
    "day_of",
    "end_of",
    "expand",
    "find",
    "first_free",
    "free",
    "horizon_of",
    "is_bookable",
    "is_day_full",
    "offered",
    "outlook",
    "read_clock",
    "show",
    "why_none",
]
