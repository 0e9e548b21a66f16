"""Reads over everything that a patient has here: what is to come, how long what is kept, and what erasing would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.billing.models import Payment
from apps.bookings.models import Appointment, Booking
from apps.bookings.workflow import AppointmentStatus, BookingStatus
from apps.clinical.models import Patient
from apps.common.exceptions import Text
from apps.interop import retention, rules
from apps.interop.models import Closure
from apps.interop.retention import Kept

_TO_COME = [AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED]
_UNDER_WAY = [AppointmentStatus.AWAITING, AppointmentStatus.IN_PROGRESS]


def to_come(patient: Patient, *, now: datetime) -> list[dict[str, Any]]:
    """What must be cancelled before the account can be closed: appointments and requests, by their numbers."""
    rows = Appointment.objects.filter(patient=patient)
    coming = rows.filter(status__in=_TO_COME, ends_at__gt=now) | rows.filter(status__in=_UNDER_WAY)
    requests = Booking.objects.filter(patient=patient, status=BookingStatus.REQUESTED)
    return [
        *(
            {"type": "appointment", "id": row.pk, "number": row.number, "starts_at": row.starts_at}
            for row in coming.order_by("starts_at")
        ),
        *({"type": "booking", "id": row.pk, "number": row.number, "starts_at": None} for row in requests),
    ]


def treated_on(patient: Patient) -> date | None:
    """The day of the last treatment; None for somebody who never came to be treated."""
    latest = [
        QuerySet(model).filter(condition, patient=patient).aggregate(at=Max(at))["at"]
        for model, (condition, at) in retention.treatments().items()
    ]
    days = [at.astimezone(UTC).date() for at in latest if at is not None]
    return max(days) if days else None


def kept_until(patient: Patient, *, closed_on: date) -> Mapping[str, date]:
    paid_at = Payment.objects.filter(payer=patient.user_id, captured__gt=0).aggregate(at=Max("created_at"))["at"]
    paid_on = paid_at and paid_at.astimezone(UTC).date()
    return rules.kept_until(closed_on=closed_on, treated_on=treated_on(patient), paid_on=paid_on)


def kept_until_of(closure: Closure) -> Mapping[str, date]:
    """As it was worked out when erasing began: later the rows that it was read from may be gone."""
    known = closure.report.get("until")
    if known is not None:
        return {name: date.fromisoformat(day) for name, day in known.items()}
    return kept_until(closure.patient, closed_on=closure.created_at.date())


@dataclass(frozen=True)
class Fate:
    """What becomes of the rows of one kind, in words that an admin reads before."""

    kind: str
    title: Text
    count: int
    act: str
    until: date | None
    basis: Text
    law: str


def preview(patient: Patient, until: Mapping[str, date], *, today: date) -> list[Fate]:
    """Of each kind of which there are rows: how many go, are emptied, or stay, until when and why."""
    found = []
    for kept in retention.TABLE:
        if not kept.patient and not kept.user:
            continue
        count = kept.rows(patient).count()
        if count:
            found.append(_fate(kept, count, until, today))
    return found


def _fate(kept: Kept, count: int, until: Mapping[str, date], today: date) -> Fate:
    stays = rules.is_kept(kept.until, until, today=today)
    act = "keep" if stays else "empty" if kept.scrub or kept.special == "trail" else "erase"
    basis = kept.until if stays else None
    return Fate(
        kind=kept.label,
        title=kept.model._meta.verbose_name_plural or kept.label,
        count=count,
        act=act,
        until=until.get(basis.name) if basis else None,
        basis=basis.label if basis else "",
        law=basis.law if basis else "",
    )


ACTS: Mapping[str, Text] = {"erase": _("Erased"), "empty": _("Emptied"), "keep": _("Kept")}


def told(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """A day's counts of a closure's report, in words: “erase clinical.Allergy” is what was erased of allergies."""
    order = {f"{act} {kept.label}": place for act in ACTS for place, kept in enumerate(retention.TABLE)}
    lines = []
    for name, count in sorted(counts.items(), key=lambda item: (item[0].split()[0] == "keep", order.get(item[0], 0))):
        act, _space, kind = name.partition(" ")
        model = next((one for one in apps.get_models() if one._meta.label == kind), None)
        title = model._meta.verbose_name_plural if model is not None else kind
        lines.append({"title": title, "act": ACTS.get(act, act), "count": count})
    return lines
