"""The tables of a patient's page which bookings keeps: appointments and treatment bookings."""

from django.utils.translation import gettext_lazy as _

from apps.bookings.models import Appointment, Booking
from apps.bookings.selectors import timeline
from apps.clinical.admin import tabs
from apps.common import wall_time

tabs.register_table(
    tabs.Table(
        "appointments",
        _("Appointments"),
        "event",
        Appointment,
        columns=(
            (_("number"), lambda row: row.number),
            (_("time at the hospital"), lambda row: wall_time.stamp(row.starts_at, row.hospital.time_zone)),
            (_("doctor"), lambda row: row.doctor),
            (_("hospital"), lambda row: row.hospital),
            (_("status"), lambda row: tabs.Cell(row.get_status_display(), timeline.tone(row.status))),
        ),
        related=("doctor__user", "hospital"),
        ordering=("-starts_at", "id"),
        is_record=False,
        empty=_("No appointments that you may see."),
    ),
    place=15,
)
tabs.register_table(
    tabs.Table(
        "bookings",
        _("Treatment bookings"),
        "flight_takeoff",
        Booking,
        columns=(
            (_("number"), lambda row: row.number),
            (_("hospital"), lambda row: row.hospital),
            (_("type"), lambda row: row.get_type_display()),
            (_("status"), lambda row: tabs.Cell(row.get_status_display(), timeline.booking_tone(row.status))),
        ),
        related=("hospital",),
        ordering=("-created_at", "-id"),
        is_record=False,
        empty=_("No bookings that you may see."),
    ),
    place=16,
)
