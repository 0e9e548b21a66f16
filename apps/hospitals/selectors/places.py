"""How far away something is: as the crow flies, from the point that a reader named."""

from dataclasses import dataclass
from math import cos, radians
from typing import Any

from django.db.models import F, FloatField, Func, Q, QuerySet, Value

#: On the sphere that distances are measured on.
_KILOMETRES_A_DEGREE = 111.195


@dataclass(frozen=True)
class AskedPlace:
    """A point, and how far from it what is looked for may lie."""

    latitude: float
    longitude: float
    within_km: float | None = None

    def measured(self, rows: QuerySet) -> QuerySet:
        """The rows with `distance_km`, null for those without a place; not farther than what is asked for."""
        point = Value(self.latitude, FloatField()), Value(self.longitude, FloatField())
        distance = Func(
            F("latitude"), F("longitude"), *point, function="hospitals_kilometres", output_field=FloatField()
        )
        rows = rows.annotate(distance_km=distance)
        return rows if self.within_km is None else rows.filter(self._box(), distance_km__lte=self.within_km)

    def _box(self) -> Q:
        """The degrees between which everything within the distance lies: the index finds these rows."""
        degrees = float(self.within_km or 0) / _KILOMETRES_A_DEGREE * 1.001
        south, north = self.latitude - degrees, self.latitude + degrees
        box = Q(latitude__range=(_decimal(south), _decimal(north)))
        if south <= -89 or north >= 89:
            return box  # a pole may lie within, and with it every longitude
        # Meridians are closest where the box is farthest from the equator, and the circle bulges a little beyond.
        breadth = degrees / cos(radians(max(abs(south), abs(north))))
        if breadth >= 180:
            return box
        west, east = self.longitude - breadth, self.longitude + breadth
        if west < -180:
            return box & (Q(longitude__gte=_decimal(west + 360)) | Q(longitude__lte=_decimal(east)))
        if east > 180:
            return box & (Q(longitude__gte=_decimal(west)) | Q(longitude__lte=_decimal(east - 360)))
        return box & Q(longitude__range=(_decimal(west), _decimal(east)))


def _decimal(degrees: float) -> Any:
    return Value(f"{degrees:.6f}")
