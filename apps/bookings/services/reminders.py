"""Reminding patients, and doctors of a consultation by video, of what is to come: decided when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from apps.bookings import notifications, rules, selectors

log = structlog.get_logger(__name__)

#: So many appointments are decided on in one transaction. Whoever cancels or moves one of them waits for its end.
BATCH = 500
#: The appointments whose nearest reminder nobody has decided on, in the order of their starts. A row that somebody else
#: holds is left: by another run, which decides on it, or by whoever moves or cancels it, and the next run sees how.
#: A row that was changed since the statement began is looked at again as it is now, before it is locked.
_DECIDE = """
    WITH reminder AS (
        SELECT before, following, useful_until, extract(epoch FROM before)::int / 60 AS minutes
          FROM unnest(%(before)s::interval[], %(following)s::interval[], %(useful_until)s::interval[])
               AS reminder (before, following, useful_until)
    ), due AS MATERIALIZED (
        SELECT appointment.id, appointment.version, appointment.starts_at, appointment.agreed_at
          FROM bookings_appointment AS appointment
          JOIN reminder AS nearest ON appointment.starts_at > %(now)s + nearest.following
                                  AND appointment.starts_at <= %(now)s + nearest.before
         WHERE appointment.status = ANY(%(statuses)s)
           AND appointment.starts_at <= %(until)s  -- said once more: so that the index is not read to its end
           AND (appointment.starts_at, appointment.id) > (%(after_at)s, %(after_id)s)
           AND NOT EXISTS (
               SELECT FROM bookings_appointmentreminder AS decided
                WHERE decided.appointment_id = appointment.id AND decided.version = appointment.version
                  AND decided.minutes_before = nearest.minutes
           )
         ORDER BY appointment.starts_at, appointment.id
         LIMIT %(batch)s
           FOR NO KEY UPDATE OF appointment SKIP LOCKED
    ), decided AS (
        INSERT INTO bookings_appointmentreminder (appointment_id, version, minutes_before, decided_at, is_sent)
        SELECT due.id, due.version, reminder.minutes, %(now)s,
               due.starts_at - reminder.useful_until >= %(now)s
               AND due.starts_at - reminder.before >= due.agreed_at
               AND NOT EXISTS (
                   SELECT FROM bookings_displacement AS displacement
                    WHERE displacement.appointment_id = due.id AND displacement.version = due.version
                      AND displacement.status = 'open'
               )
          FROM due JOIN reminder ON due.starts_at - reminder.before <= %(now)s
            ON CONFLICT DO NOTHING
        RETURNING appointment_id, minutes_before, is_sent
    )
    SELECT due.starts_at, due.id, decided.minutes_before
      FROM due LEFT JOIN decided ON decided.appointment_id = due.id AND decided.is_sent
     ORDER BY due.starts_at, due.id
"""


@dataclass(frozen=True)
class _Decided:
    """What one statement decided on: how many appointments, which of them are reminded now (minutes before the start
    by id), and the last one in their order."""

    number: int
    reminded: Mapping[UUID, int]
    last: tuple[datetime, UUID]


def send_reminders(*, now: datetime | None = None) -> int:
    """Of every appointment that is agreed on and begins within a day, and of its version, it stands written for each
    reminder that is due whether it was sent or passed over; who is reminded has a message in the outbox. Gives how many
    appointments people are reminded of.

    Of those due only the nearest is sent, unless its moment lay before the time was agreed on, or it would come too
    late to be of use. Each batch is a transaction, decision and messages together; any number of runs may be on their
    way at once.
    """
    now = now or timezone.now()
    total, last = 0, (now, UUID(int=0))
    while True:
        with transaction.atomic():
            decided = _decide(now, last)
            notifications.appointments_coming(selectors.told_of(decided.reminded), decided.reminded)
        total, last = total + len(decided.reminded), decided.last
        if decided.number < BATCH:
            break
    if total:
        log.info("reminders_sent", appointments=total)
    return total


def _decide(now: datetime, after: tuple[datetime, UUID]) -> _Decided:
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, _values(now, after))
        rows = cursor.fetchall()
    return _Decided(
        number=len(rows),
        reminded={appointment_id: minutes for _at, appointment_id, minutes in rows if minutes is not None},
        last=rows[-1][:2] if rows else after,
    )


def _values(now: datetime, after: tuple[datetime, UUID]) -> dict[str, Any]:
    after_at, after_id = after
    return {
        "now": now,
        "until": now + rules.REMINDERS[0].before,
        "before": [reminder.before for reminder in rules.REMINDERS],
        "following": [reminder.following for reminder in rules.REMINDERS],
        "useful_until": [reminder.useful_until for reminder in rules.REMINDERS],
        "statuses": list(rules.REMINDED),
        "after_at": after_at,
        "after_id": after_id,
        "batch": BATCH,
    }
