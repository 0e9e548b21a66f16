"""What the staff of a hospital, or a doctor, are told when their plan allows no more appointments in a month."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules
from apps.hospitals.models import Doctor, Hospital
from apps.notifications import catalogue
from apps.notifications.catalogue import Kind

from . import staff
from .appointments import GROUP

MONTH_FULL = catalogue.register(
    Kind(
        name="bookings.month_full",
        group=GROUP,
        label=_("Plan allows no more appointments this month"),
        subject=_("%(owner)s: no more appointments in %(month)s"),
        summary=_("The plan allows %(most)d a month, and they are all taken. A larger plan makes room for more."),
        transactional=True,
        example={"owner": "Lotus Heart Centre", "month": "January 2031", "most": 500},
    )
)


def month_full(column: str, owner: UUID, most: int, starts_at: datetime, zone: str) -> None:
    """The staff of the hospital (`column` hospital), or the doctor, once a month and number of places."""
    readers: Sequence[User]
    if column == "hospital":
        whose: Hospital | Doctor = Hospital.objects.get(pk=owner)
        readers = list(User.objects.filter(hospital_links__hospital=owner, is_active=True).order_by("pk"))
    else:
        whose = Doctor.objects.select_related("user").get(pk=owner)
        readers = [whose.user]
    month = rules.month_around(starts_at, zone)[0]
    staff.tell_each(
        MONTH_FULL,
        readers,
        event=f"{MONTH_FULL.name}:{owner}:{month:%Y-%m}:{most}",
        context=lambda reader: {
            "owner": str(whose),
            "month": rules.month_named(starts_at, zone, reader.language),
            "most": most,
        },
    )
