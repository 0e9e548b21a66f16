"""A hospital's figures of a period, by its own calendar: aggregates only, nobody's name but the doctors'."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from apps.accounts.models import User
from apps.bookings import querysets, slots
from apps.bookings.models import Appointment
from apps.bookings.workflow import UNASKED, AppointmentStatus
from apps.common.exceptions import NotFound
from apps.hospitals.models import Hospital, Offer

TOP_DOCTORS = 10
_OFF = (AppointmentStatus.REJECTED, AppointmentStatus.CANCELLED)
#: The patient was there.
_CAME = (
    AppointmentStatus.AWAITING,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.PRESCRIBED,
    AppointmentStatus.FOLLOW_UP,
    AppointmentStatus.COMPLETED,
)


@dataclass(frozen=True)
class HospitalFigures:
    """A hospital's appointments that begin on the days from `first` to `last`, counted."""

    hospital: dict[str, Any]
    first: date
    last: date
    by_status: Counter[str]
    by_day: dict[date, Counter[str]]
    by_hour: Counter[int]
    doctors: Sequence[dict[str, Any]]
    patients: int
    new_patients: int

    @property
    def total(self) -> int:
        return self.by_status.total()

    @property
    def no_show_rate(self) -> float | None:
        """Of those that were due to come, the share who did not; None where none was due."""
        missed = self.by_status[AppointmentStatus.NO_SHOW]
        return _share(missed, missed + sum(self.by_status[status] for status in _CAME))

    @property
    def cancellation_rate(self) -> float | None:
        """The share of all that were cancelled, by whomever; None where there were none."""
        return _share(self.by_status[AppointmentStatus.CANCELLED], self.total)


def hospital_of(hospital_id: UUID, *, reader: User) -> dict[str, Any]:
    """The hospital's own figures, for whoever keeps it. One query. Raises NotFound."""
    offers = Offer.objects.listed().filter(hospital=OuterRef("pk")).order_by().values("hospital")
    found = Hospital.objects.visible_to(reader).filter(pk=hospital_id)
    row = found.values(
        "id", "time_zone", "rating", "rating_count", offered=offers.annotate(number=Count("*")).values("number")
    ).first()
    if row is None:
        raise NotFound()
    return dict(row)


def hospital_figures(hospital: dict[str, Any], *, first: date, last: date) -> HospitalFigures:
    """The figures of a hospital (as `hospital_of` gives it) for these days of its calendar. Three queries."""
    start, end = slots.day_bounds(first, last, hospital["time_zone"])
    period = Appointment.objects.filter(hospital=hospital["id"], starts_at__gte=start, starts_at__lt=end).order_by()
    period = period.exclude(status__in=UNASKED)
    by_status: Counter[str] = Counter()
    by_hour: Counter[int] = Counter()
    by_day = {first + timedelta(days=number): Counter[str]() for number in range((last - first).days + 1)}
    for row in _cells(period, hospital["time_zone"]):
        by_status[row["status"]] += row["number"]
        by_day[row["day"]][row["status"]] += row["number"]
        if row["status"] not in _OFF:
            by_hour[row["hour"]] += row["number"]
    seen = period.exclude(status__in=_OFF)
    before = Appointment.objects.filter(
        patient=OuterRef("patient"), hospital=hospital["id"], starts_at__lt=start
    ).exclude(status__in=[*_OFF, *UNASKED])
    people = seen.values("patient").distinct().annotate(is_known=Exists(before)).aggregate(
        patients=Count("patient"), new=Count("patient", filter=Q(is_known=False))
    )  # fmt: skip
    return HospitalFigures(
        hospital=hospital,
        first=first,
        last=last,
        by_status=by_status,
        by_day=by_day,
        by_hour=by_hour,
        doctors=list(_doctors(seen)),
        patients=people["patients"],
        new_patients=people["new"],
    )


def _cells(period: QuerySet, zone: str) -> QuerySet:
    wall = Func(Value(zone), F("starts_at"), function="timezone", output_field=CharField())
    return period.values(
        "status",
        day=querysets.local_day(),
        hour=Cast(Func(wall, template="EXTRACT(HOUR FROM %(expressions)s)"), IntegerField()),
    ).annotate(number=Count("*"))


def _doctors(seen: QuerySet) -> QuerySet:
    return (
        seen.values("doctor_id", "doctor__first_name", "doctor__last_name")
        .annotate(
            title=querysets.in_language("doctor__title"),
            number=Count("*"),
            completed=Count("pk", filter=Q(status=AppointmentStatus.COMPLETED)),
        )
        .order_by("-number", "doctor__last_name", "doctor_id")
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
