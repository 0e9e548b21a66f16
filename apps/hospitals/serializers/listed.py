"""Doctors and hospitals as the lists show them: with what depends on what was asked for."""

from datetime import date
from typing import Any

from rest_framework import serializers

from apps.common.money import Money
from apps.hospitals.selectors import AskedPrices

from .doctors import DoctorSummary
from .fields import Row
from .hospitals import HospitalSummary
from .prices import ConvertedPrice

_DISTANCE = "As the crow flies from `near`, where that is asked for and the place is known."


def _kilometres(row: Row) -> float | None:
    distance = row.get("distance_km")
    return None if distance is None else round(distance, 1)


class ListedDoctor(DoctorSummary):
    """A doctor in the list."""

    converted_fee = ConvertedPrice(
        allow_null=True, help_text="In the currency that was asked for, if it is another and there is a rate."
    )
    distance_km = serializers.FloatField(allow_null=True, help_text=_DISTANCE)

    @staticmethod
    def of(row: Row, language: str, today: date, *, prices: AskedPrices) -> dict[str, Any]:  # type: ignore[override]
        fee = row["consultation_fee"]
        return {
            **DoctorSummary.of(row, language, today),
            "converted_fee": None if fee is None else prices.converted(Money(fee, row["currency"]), today),
            "distance_km": _kilometres(row),
        }


class ListedHospital(HospitalSummary):
    """A hospital in the list."""

    distance_km = serializers.FloatField(allow_null=True, help_text=_DISTANCE)

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:  # type: ignore[override]
        return {**HospitalSummary.of(row, language), "distance_km": _kilometres(row)}
