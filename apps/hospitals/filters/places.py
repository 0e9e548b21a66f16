"""What a query string says of places: a point to measure from, and how far away one may be."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.common.exceptions import Invalid
from apps.hospitals.selectors import AskedPlace

from . import parameters, prices

FARTHEST_KM = 20_038  # half around


def asked_place(query: Mapping[str, str]) -> AskedPlace | None:
    """The point of `near`, and the distance of `within_km`; None without a point. Raises Invalid."""
    point = parameters.read("near", PLACE_PARAMETERS["near"], query["near"]) if query.get("near") else None
    within = query.get("within_km")
    distance = parameters.read("within_km", PLACE_PARAMETERS["within_km"], within) if within else None
    if point is not None:
        return AskedPlace(point[0], point[1], distance)
    if distance is not None or query.get("sort_by") == "distance":
        raise Invalid(errors={"near": [_("Please say from where: latitude,longitude.")]})
    return None


def point(value: str) -> tuple[float, float]:
    latitude, comma, longitude = value.partition(",")
    found = _number(latitude, 90), _number(longitude, 180)
    if not comma or None in found:
        raise parameters.WrongValueError(_("This is not a point, such as 13.08,80.27 (latitude,longitude)."))
    return found  # type: ignore[return-value]


def kilometres(value: str) -> float:
    number = _number(value, FARTHEST_KM)
    if number is None or number <= 0:
        raise parameters.WrongValueError(
            _("Give a number of kilometres from 1 to %(maximum)d.") % {"maximum": FARTHEST_KM}
        )
    return number


def _number(text: str, bound: int) -> float | None:
    """A plain decimal number within the bound on either side."""
    text = text.strip()
    if not text.isascii() or len(text) > 20 or not text.removeprefix("-").replace(".", "", 1).isdigit():
        return None
    number = float(text)
    return number if abs(number) <= bound else None


_POINT: dict[str, Any] = {
    "type": "string", "pattern": r"^-?\d{1,2}(\.\d{1,15})?,-?\d{1,3}(\.\d{1,15})?$", "example": "13.08,80.27",
}  # fmt: skip
PLACE_PARAMETERS = {
    "near": parameters.Parameter(
        point,
        prices.stays,
        "Say how far each is from this point (latitude,longitude), as `distance_km`. Needed to sort by distance.",
        _POINT,
    ),
    "within_km": parameters.Parameter(
        kilometres,
        prices.stays,
        "At most so far from `near`, in kilometres.",
        {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": FARTHEST_KM, "example": 50},
    ),
}
