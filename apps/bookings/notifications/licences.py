"""What coordinators are told of appointments that a licence does not cover."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common import wall_time
from apps.hospitals.models import Doctor
from apps.notifications import catalogue
from apps.notifications.catalogue import Kind

from . import staff
from .appointments import GROUP

UNLICENSED = catalogue.register(
    Kind(
        name="bookings.licence_does_not_cover",
        group=GROUP,
        label=_("Appointments without a licence"),
        subject=_("Appointments of %(doctor)s lie after the end of the licence"),
        summary=_("Appointments that are still to come: %(count)d. Please offer each patient another way."),
        transactional=True,
        example={
            "doctor": "Dr. Asha Rao",
            "count": 3,
            "last_day": "31 January 2031",
            "page": "/admin/bookings/appointment/?when=unlicensed",
        },
    )
)


def licences_do_not_cover(counts: Mapping[Doctor, int]) -> None:
    """Coordinators read how many appointments lie after the last day of each doctor's licence, and where to find them:
    once for each last day, whatever changes among the appointments."""
    readers = list(staff.coordinators())
    for doctor, count in counts.items():
        _tell_of(doctor, count, readers)


def _tell_of(doctor: Doctor, count: int, readers: Sequence[User]) -> None:
    last_day = doctor.licensed_until
    query = urlencode({"when": "unlicensed", "doctor__id__exact": str(doctor.pk)})
    page = f"{reverse('admin:bookings_appointment_changelist')}?{query}"
    staff.tell_each(
        UNLICENSED,
        readers,
        event=f"{UNLICENSED.name}:{doctor.pk}:{last_day}",
        context=lambda reader: {
            "doctor": str(doctor),
            "count": count,
            "last_day": wall_time.day(last_day, reader.language) if last_day else "",
            "page": page,
        },
    )
