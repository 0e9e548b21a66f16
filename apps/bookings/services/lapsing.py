"""Letting held time go: when its ten minutes are over, when its patient takes another, when they ask for it.

Whoever takes time holds both calendars; whoever only gives it back needs nothing but the row. So a hold may lapse under
either of its two calendars, or under none: its row says who was first. Whoever lets go of several locks them in one
statement, in the order of their ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pgtrigger
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import selectors as billing_selectors
from apps.bookings import querysets, rules
from apps.bookings.models import Appointment
from apps.bookings.workflow import APPOINTMENT, AppointmentStatus
from apps.common.exceptions import raise_if

from . import money

#: So many holds lapse, or are forgotten, in one transaction.
BATCH = 1_000


def clear_expired(
    doctor_id: UUID, patient_id: UUID, *, now: datetime, apart_from: UUID | None = None
) -> Appointment | None:
    """What this doctor or this patient has held long enough no longer stands in anybody's way; gives the one hold that
    the patient has yet, locked. The caller has both calendars."""
    whose = Q(doctor=doctor_id, held_until__lte=now) | Q(patient=patient_id)
    held = Appointment.objects.filter(whose, status=AppointmentStatus.HELD).order_by("pk")
    rows: list[Any] = list(held.select_for_update(of=("self",), no_key=True))
    lapse([row.pk for row in rows if row.held_until <= now and row.pk != apart_from], by=None, now=now)
    return next((row for row in rows if row.held_until > now and row.patient_id == patient_id), None)


def lapse_of(patient_id: UUID, *, now: datetime) -> None:
    """The patient holds nothing any more. The caller has the patient's calendar."""
    held = Appointment.objects.filter(patient=patient_id, status=AppointmentStatus.HELD)
    lapse(list(held.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True)), by=None, now=now)


def lapse(held: Sequence[UUID], *, by: User | None, now: datetime) -> None:
    """These holds, whose rows the caller has locked, have lapsed, and so have the bills that nobody is just paying.
    Three statements, however many, where none has a bill."""
    if held:
        Appointment.move_each(held, from_status=AppointmentStatus.HELD, to=AppointmentStatus.LAPSED, by=by, at=now)
        money.let_bills_go(held, by=by, now=now)


def let_go(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The hold, whose row the caller has locked, is given up by whoever may. Nobody is told: nobody knew.

    Raises MoveNotAllowed, Forbidden."""
    raise_if(APPOINTMENT.why_not_move(appointment.status, AppointmentStatus.LAPSED, by.role))
    appointment.move_to(AppointmentStatus.LAPSED, by=by, at=now)
    money.let_bills_go([appointment.pk], by=by, now=now)
    return appointment


def lapse_holds(now: datetime | None = None) -> int:
    """Every hold that is over has lapsed, but for those that somebody is just booking; how many there were."""
    now = now or timezone.now()
    count = 0
    while True:
        with transaction.atomic():
            due = Appointment.objects.filter(status=AppointmentStatus.HELD, held_until__lte=now).order_by("held_until")
            locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
            found = list(locked.values_list("pk", flat=True)[:BATCH])
            lapse(found, by=None, now=now)
        count += len(found)
        if len(found) < BATCH:
            return count


def forget_lapsed(now: datetime | None = None) -> int:
    """Holds that lapsed long ago and were never paid for are removed with their events; how many there were."""
    now = now or timezone.now()
    count = 0
    while True:
        with transaction.atomic(), pgtrigger.ignore("bookings.AppointmentEvent:append_only"):
            old = Appointment.objects.filter(
                status=AppointmentStatus.LAPSED, held_until__lt=now - rules.LAPSED_KEPT_FOR
            ).exclude(pk__in=billing_selectors.subjects(querysets.PAID_AS))
            found = list(old.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
            Appointment.objects.filter(pk__in=found).delete()
        count += len(found)
        if len(found) < BATCH:
            return count
