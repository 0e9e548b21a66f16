"""How a bill is opened for what was sold, when somebody wants to pay for something that has none yet.

Whoever sells says so once, at start-up: billing knows what is sold by a name and an id only.
"""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from apps.billing.models import Bill
from apps.common.exceptions import NotFound


class Opener(Protocol):
    def __call__(self, subject_id: UUID, /, *, by: Any, coupon_code: str = "", now: datetime) -> Bill:
        """The bill of that subject, the same each time; with a coupon, one that nobody has begun to pay is opened anew.
        Raises NotFound, or a refusal that says why there is none."""
        ...


_openers: dict[str, Opener] = {}


def register(subject_type: str, opener: Opener) -> None:
    """`opener` opens the bills of everything of this type."""
    _openers[subject_type] = opener


def open_for(subject_type: str, subject_id: UUID, *, by: Any, coupon_code: str = "", now: datetime) -> Bill:
    """Raises NotFound for what nobody sells, and what its opener raises."""
    opener = _openers.get(subject_type)
    if opener is None:
        raise NotFound()
    return opener(subject_id, by=by, coupon_code=coupon_code, now=now)
