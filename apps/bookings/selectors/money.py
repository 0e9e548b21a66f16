"""What cancelling an appointment would give back, and where money has left something undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.billing import selectors as billing_selectors
from apps.billing.models import Bill
from apps.billing.selectors import CancellationPreview
from apps.billing.workflow import BillStatus
from apps.bookings import querysets, rules
from apps.bookings.models import Appointment
from apps.bookings.workflow import UNASKED, AppointmentStatus
from apps.common.exceptions import DomainError, NotFound
from apps.notifications.models import Message

#: Appointments that were called off are looked at again until so long after they would have begun: as long as anybody
#: can say that the doctor did not come (seven days), and a day more.
LOOKED_AT_FOR = timedelta(days=8)


@dataclass(frozen=True)
class Cancellation:
    """What cancelling now would mean: what stands against it, and what is given back of the bill, for those who see
    it; None where nothing was paid."""

    why_not: DomainError | None
    refund: CancellationPreview | None


@dataclass(frozen=True)
class Unfinished:
    """Appointments (ids): held ones that are paid for; those that were called off, and holds that lapsed, whose bill
    stands as if nothing had happened."""

    paid_holds: Sequence[UUID]
    called_off: Sequence[UUID]
    lapsed: Sequence[UUID]


def cancellation_of(appointment_id: UUID, *, reader: User, now: datetime) -> Cancellation:
    """For whoever is party to it; the refund for those who see its bill. Raises NotFound."""
    appointment = Appointment.objects.visible_to(reader).filter(pk=appointment_id).first()
    if appointment is None:
        raise NotFound()
    if appointment.status in UNASKED:
        refusal = rules.why_not_let_go(appointment.status, role=reader.role)
    else:
        refusal = rules.why_not_cancel(appointment.status, appointment.starts_at, role=reader.role, now=now)
    called_off_by = rules.cancelled_by(reader.role)
    return Cancellation(refusal, refund_of(appointment, called_off_by=called_off_by, reader=reader, now=now))


def refund_of(
    appointment: Appointment, *, called_off_by: str, reader: User, now: datetime
) -> CancellationPreview | None:
    """What goes back if the appointment is called off now, and when that steps down; None where no bill stands, or the
    reader does not see it."""
    bill = billing_selectors.open_bill_of(querysets.PAID_AS, appointment.billed_as)
    if bill is None or not Bill.objects.visible_to(reader).filter(pk=bill.pk).exists():
        return None
    return billing_selectors.cancellation_preview(bill, rules.terms_actor(called_off_by), now)


def unfinished_money(*, now: datetime, most: int) -> Unfinished:
    """Where a signal was lost, or a payment that was under way has come to nothing; at most so many of each. Four
    queries, five where a paid hold waits for another time."""
    recent = Appointment.objects.filter(starts_at__gt=now - LOOKED_AT_FOR)
    paid = billing_selectors.paid_subjects(querysets.PAID_AS).filter(subject_id=OuterRef("pk"))
    bills = Bill.objects.filter(
        subject_type=querysets.PAID_AS, subject_id=Coalesce(OuterRef("origin"), OuterRef("pk")), cancelled_at=None
    ).exclude(status=BillStatus.CANCELLED)
    held = list(
        recent.filter(Exists(paid), status=AppointmentStatus.HELD).order_by("pk").values_list("pk", flat=True)[:most]
    )
    late = recent.filter(Exists(paid), status=AppointmentStatus.LAPSED).order_by("pk")
    found = (
        # Of those that took each other's place the last one says how it ended.
        recent.filter(Exists(bills), status__in=rules.GIVEN_BACK, replaced_by=None),
        recent.filter(Exists(bills.filter(status=BillStatus.OPEN)), status=AppointmentStatus.LAPSED),
    )
    called_off, lapsed = (list(rows.order_by("pk").values_list("pk", flat=True)[:most]) for rows in found)
    return Unfinished([*held, *_untold(list(late.values_list("pk", "version")[:most]))], called_off, lapsed)


def _untold(late: Sequence[tuple[UUID, int]]) -> list[UUID]:
    """Of these paid holds, whose time was over, those whose patient has not read yet that another is to be chosen: the
    payment has not been looked at. One query, or none."""
    events = {f"bookings.paid_without_time:{pk}:{version}": pk for pk, version in late}
    told = set(Message.objects.filter(event__in=events).values_list("event", flat=True)) if events else set()
    return [pk for event, pk in events.items() if event not in told]
