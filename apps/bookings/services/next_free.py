"""What the directory says of doctors' calendars: whether they take appointments, and when next. Kept by a job."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from apps.bookings import selectors
from apps.bookings.models import CalendarCheck, DoctorSchedule
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Doctor

from . import licences

log = structlog.get_logger(__name__)

#: A calendar that cannot be worked out is tried again after so long, or when it changes.
TRY_AGAIN_AFTER = timedelta(hours=1)
#: So many doctors are looked at in one transaction.
BATCH = 200
#: Doctors are locked against other runs of this job only: nobody who books waits for it. What is due and locked is left
#: to the run that holds it. A doctor may be due many times over, and is looked at once.
_CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT DISTINCT doctor_id FROM (
            SELECT doctor_id FROM bookings_calendarcheck WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(rows)s
        ) AS first LIMIT %(doctors)s
    )
    SELECT doctor_id FROM due WHERE pg_try_advisory_xact_lock(hashtextextended('bookings.check:' || doctor_id, 0))
"""


def check_calendars(*, now: datetime | None = None) -> int:
    """The directory says of every doctor whose calendar has changed, or whose next free time has passed, whether they
    take appointments and when next: exactly the first slot that the public schedule offers. Coordinators are told of
    appointments that a licence does not cover. Gives how many doctors were looked at.

    A calendar that cannot be worked out stops no other: the directory then names no free time of the doctor's. Each
    batch is a transaction of its own; any number of runs may be on their way at once.
    """
    now = now or timezone.now()
    total = 0
    while looked_at := _check_some(now):
        total += looked_at
    return total


@transaction.atomic
def _check_some(now: datetime) -> int:
    claimed = _claim(now)
    if claimed:
        # First the marks, then the calendars: a change that is committed between the two leaves a mark that stays.
        CalendarCheck.objects.filter(doctor__in=claimed).delete()
        _look_at(claimed, now)
    return len(claimed)


def _look_at(doctor_ids: Sequence[UUID], now: datetime) -> None:
    """All at once; where that fails, half by half, until the one it fails for is alone and is put off."""
    try:
        with transaction.atomic():
            _say(doctor_ids, now)
            licences.tell_of_unlicensed(doctor_ids, now=now)
    except (OperationalError, InterfaceError):
        raise  # the database's doing and no calendar's: the next run takes them all
    except Exception:
        if len(doctor_ids) == 1:
            log.exception("calendar_check_failed", doctor_id=str(doctor_ids[0]))
            _put_off(doctor_ids, now)
            return
        half = len(doctor_ids) // 2
        _look_at(doctor_ids[:half], now)
        _look_at(doctor_ids[half:], now)


def _put_off(doctor_ids: Collection[UUID], now: datetime) -> None:
    """Nobody is sent to a time that may not be free, and nobody is shown as bookable who cannot be booked."""
    _lock(doctor_ids)
    hospital_services.set_next_free(dict.fromkeys(doctor_ids))
    hospital_services.set_bookable(doctor_ids, False)
    CalendarCheck.objects.bulk_create(
        CalendarCheck(doctor_id=doctor_id, due_at=now + TRY_AGAIN_AFTER) for doctor_id in doctor_ids
    )


def _claim(now: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "rows": BATCH * 10, "doctors": BATCH})
        return [doctor_id for (doctor_id,) in cursor.fetchall()]


def _say(doctor_ids: Collection[UUID], now: datetime) -> None:
    outlooks = selectors.outlooks(doctor_ids, now=now)
    _lock(outlooks)
    hospital_services.set_next_free({doctor_id: outlook.next_free_at for doctor_id, outlook in outlooks.items()})
    bookable = {doctor_id for doctor_id, outlook in outlooks.items() if outlook.is_open}
    hospital_services.set_bookable(bookable, True)
    hospital_services.set_bookable(outlooks.keys() - bookable, False)
    CalendarCheck.objects.bulk_create(
        CalendarCheck(doctor_id=doctor_id, due_at=outlook.holds_until)
        for doctor_id, outlook in outlooks.items()
        if outlook.holds_until
    )


@transaction.atomic
def refresh_bookable(doctor_ids: Collection[UUID]) -> None:
    """The directory says of each doctor whether there are hours left to book at a listed hospital where they practise,
    with a licence. Their next free times follow with the next run of `check_calendars`."""
    locked = _lock(doctor_ids)
    calendars = selectors.calendars_of(locked, now=(now := timezone.now()))
    bookable = {key for key, calendar in calendars.items() if any(plan.is_open(now) for plan in calendar.plans)}
    hospital_services.set_bookable(bookable, True)
    hospital_services.set_bookable(locked - bookable, False)


@transaction.atomic
def want_checks() -> int:
    """Every doctor with hours will be looked at in the next run of `check_calendars`: the sweep that makes good what no
    trigger saw, such as rows that were loaded without them. Gives how many."""
    now = timezone.now()
    doctors = set(DoctorSchedule.objects.order_by().values_list("doctor", flat=True))
    doctors |= set(Doctor.objects.exclude(next_free_at=None).order_by().values_list("pk", flat=True))
    CalendarCheck.objects.bulk_create(
        (CalendarCheck(doctor_id=doctor_id, due_at=now) for doctor_id in doctors), batch_size=5_000
    )
    return len(doctors)


def _lock(doctor_ids: Collection[UUID]) -> set[UUID]:
    """The doctors' rows, in one order for everybody who locks several."""
    doctors = Doctor.objects.filter(pk__in=doctor_ids).order_by("pk").select_for_update(of=("self",), no_key=True)
    return set(doctors.values_list("pk", flat=True))
