"""What bookings add to the directory: reviews, patients in care, figures.

Beside each answer's shape stands the function that fills it.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_countries import countries
from rest_framework import serializers

from apps.bookings import rules, selectors, slots
from apps.bookings.workflow import UNASKED, AppointmentStatus

from . import fields


class ReviewShown(serializers.Serializer):
    """What a patient says. Who wrote it is told by country only, when by the month."""

    id = serializers.UUIDField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, help_text="The language of the text.")
    author = serializers.CharField(help_text="Such as “A patient from Nigeria”, in your language.")
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 code, or empty.")
    month = serializers.CharField(help_text="When it was published, such as 2026-11.")
    reply = serializers.CharField(allow_blank=True, help_text="The answer of the doctor or the hospital.")
    replied_at = serializers.DateTimeField(allow_null=True)


def review(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of ReviewShown, from a row of `selectors.reviews_of`."""
    country = row["patient__country"]
    author = _("A patient from %(country)s") % {"country": countries.name(country)} if country else _("A patient")
    return {
        "id": row["id"],
        "rating": row["rating"],
        "text": row["text"],
        "language": row["language"],
        "author": author,
        "country": country,
        "month": f"{row['published_at']:%Y-%m}",
        "reply": row["reply"],
        "replied_at": row["replied_at"],
    }


class PatientInCare(serializers.Serializer):
    """A patient of the doctor: no medical detail."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166 code, or empty.")
    last_at = serializers.DateTimeField(allow_null=True, help_text="When the last appointment began.")
    next_at = serializers.DateTimeField(allow_null=True, help_text="When the next one begins.")
    appointments = serializers.IntegerField()


def patient_in_care(row: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of PatientInCare, from a row of `selectors.patients_of`."""
    return {
        "id": row["id"],
        "name": f"{row['user__first_name']} {row['user__last_name']}".strip(),
        "country": row["country"],
        "last_at": row["last_at"],
        "next_at": row["next_at"],
        "appointments": row["count"],
    }


class FiguresQuery(serializers.Serializer):
    """Days of the hospital's calendar."""

    to = fields.DayField(required=False, help_text="The last day, inclusive; today by default.")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        first = fields.DayField(required=False, help_text="The first day; 29 days before the last by default.")
        return {"from": first, **super().get_fields()}


def days(query: Mapping[str, Any], zone: str, now: datetime) -> tuple[date, date]:
    """The first and the last day asked for. Raises ValidationError for a period that is empty or too long."""
    last = query.get("to") or min(max(slots.day_of(now, zone), query.get("from") or rules.FIRST_DAY), rules.LAST_DAY)
    first: date = query.get("from") or max(last - timedelta(days=rules.FIGURES_DAYS - 1), rules.FIRST_DAY)
    if not 0 <= (last - first).days < rules.MAX_FIGURES_DAYS:
        number = rules.MAX_FIGURES_DAYS - 1
        text = ngettext(
            "The last day is at most %(days)d day after the first.",
            "The last day is at most %(days)d days after the first.",
            number,
        )
        raise serializers.ValidationError({"to": [text % {"days": number}]})
    return first, last


class StatusCount(serializers.Serializer):
    status = serializers.ChoiceField(choices=AppointmentStatus.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    appointments = serializers.IntegerField()


class DayCount(serializers.Serializer):
    date = serializers.DateField()
    appointments = serializers.IntegerField(help_text="All, whatever became of them.")
    completed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    no_show = serializers.IntegerField()


class HourCount(serializers.Serializer):
    hour = serializers.IntegerField(min_value=0, max_value=23, help_text="On the hospital's clock.")
    appointments = serializers.IntegerField()


class DoctorCount(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    appointments = serializers.IntegerField()
    completed = serializers.IntegerField()


class HospitalFiguresShown(serializers.Serializer):
    """Appointments that were declined or cancelled count by status, by day and in the rate of cancellation, nowhere
    else."""

    hospital_id = serializers.UUIDField()
    time_zone = serializers.CharField()
    to = serializers.DateField()
    appointments = serializers.IntegerField()
    by_status = StatusCount(many=True)
    days = DayCount(many=True, help_text="Every day, also those without any.")
    busiest_hours = HourCount(many=True, help_text="By number, hours without any left out.")
    patients = serializers.IntegerField()
    new_patients = serializers.IntegerField(help_text="Whose first appointment at the hospital this was.")
    no_show_rate = serializers.FloatField(
        allow_null=True, help_text="Of the patients who came or failed to; null where there were none."
    )
    cancellation_rate = serializers.FloatField(allow_null=True, help_text="Of all; null where there were none.")
    active_doctors = serializers.IntegerField(help_text="Doctors with an appointment in the period.")
    top_doctors = DoctorCount(many=True)
    offers = serializers.IntegerField(help_text="Treatments that the hospital offers today.")
    rating = serializers.CharField(help_text="Of all time, 0.00 while there is none.")
    rating_count = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's own."""
        return {"from": serializers.DateField(), **super().get_fields()}


def hospital_figures(figures: selectors.HospitalFigures) -> dict[str, Any]:
    """The answer of HospitalFiguresShown."""
    hospital = figures.hospital
    return {
        "hospital_id": hospital["id"],
        "time_zone": hospital["time_zone"],
        "from": figures.first,
        "to": figures.last,
        "appointments": figures.total,
        "by_status": [
            {"status": status.value, "label": str(status.label), "appointments": figures.by_status[status.value]}
            for status in AppointmentStatus
            if status not in UNASKED
        ],
        "days": [
            {
                "date": day,
                "appointments": counts.total(),
                "completed": counts[AppointmentStatus.COMPLETED],
                "cancelled": counts[AppointmentStatus.CANCELLED],
                "no_show": counts[AppointmentStatus.NO_SHOW],
            }
            for day, counts in figures.by_day.items()
        ],
        "busiest_hours": [
            {"hour": hour, "appointments": number}
            for hour, number in sorted(figures.by_hour.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "patients": figures.patients,
        "new_patients": figures.new_patients,
        "no_show_rate": figures.no_show_rate,
        "cancellation_rate": figures.cancellation_rate,
        "active_doctors": len(figures.doctors),
        "top_doctors": [
            {
                "id": row["doctor_id"],
                "name": f"{row['title']} {row['doctor__first_name']} {row['doctor__last_name']}".strip(),
                "appointments": row["number"],
                "completed": row["completed"],
            }
            for row in figures.doctors[: selectors.TOP_DOCTORS]
        ],
        "offers": hospital["offered"] or 0,
        "rating": str(hospital["rating"]),
        "rating_count": hospital["rating_count"],
    }
