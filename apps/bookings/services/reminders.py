"""Reminding patients, and doctors of a consultation by video, of what is to come: decided when it is sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from apps.bookings import notifications, rules, selectors

log = structlog.get_logger(__name__)

#: So many appointments are decided on in one transaction. Whoever cancels or moves one of them waits for its end.
BATCH = 250
#: Lengths of time before the start, as the rules have them.
_REMINDER = """
    WITH reminder AS (
        SELECT before, following, useful_until, extract(epoch FROM before)::int / 60 AS minutes
          FROM unnest(%(before)s::interval[], %(following)s::interval[], %(useful_until)s::interval[])
               AS reminder (before, following, useful_until)
    )"""
#: The appointments whose nearest reminder nobody has decided on, in the order of their starts. The inner query is one
#: probe of the unique key for each, whatever the planner believes of a table that it has not looked at for a while.
_FIND = f"""{_REMINDER}
    SELECT appointment.id
      FROM bookings_appointment AS appointment
      JOIN reminder AS nearest ON appointment.starts_at > %(now)s + nearest.following
                              AND appointment.starts_at <= %(now)s + nearest.before
     WHERE appointment.status = ANY(%(statuses)s)
       AND appointment.starts_at > %(now)s AND appointment.starts_at <= %(until)s  -- as narrow as the index can be read
       AND (
           SELECT decided.id FROM bookings_appointmentreminder AS decided
            WHERE decided.appointment_id = appointment.id AND decided.version = appointment.version
              AND decided.minutes_before = nearest.minutes
       ) IS NULL
     ORDER BY appointment.starts_at, appointment.id
"""  # noqa: S608  put together from constants of this module
#: Decides on those of a batch that are still as they were found. A row that somebody else holds is left: to another
#: run, which decides on it, or to whoever moves or cancels it, and the next run sees how. One that was changed since
#: the statement began is looked at as it is now, before it is locked; what another run decided meanwhile stands.
_DECIDE = f"""{_REMINDER}, due AS MATERIALIZED (
        SELECT appointment.id, appointment.version, appointment.starts_at, appointment.agreed_at
          FROM bookings_appointment AS appointment
         WHERE appointment.id = ANY(%(ids)s)
           AND (appointment.status = ANY(%(statuses)s)) IS TRUE  -- no index but that of the ids serves these two
           AND (appointment.starts_at > %(now)s) IS TRUE
         ORDER BY appointment.starts_at, appointment.id
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
    SELECT appointment_id, minutes_before FROM decided WHERE is_sent
"""  # noqa: S608  put together from constants of this module


def send_reminders(*, now: datetime | None = None) -> int:
    """Of every appointment that is agreed on and begins within a day, and of its version, it stands written for each
    reminder that is due whether it was sent or passed over; who is reminded has a message in the outbox. Gives how many
    appointments people are reminded of.

    Of those due only the nearest is sent, unless its moment lay before the time was agreed on, or it would come too
    late to be of use, or the doctor cannot keep the time. Each batch is a transaction, decisions and messages together;
    any number of runs may be on their way at once.
    """
    now = now or timezone.now()
    total = 0
    found = _find(now)
    for start in range(0, len(found), BATCH):
        with transaction.atomic():
            reminded = _decide(found[start : start + BATCH], now)
            notifications.appointments_coming(selectors.told_of(reminded), reminded)
        total += len(reminded)
    if total:
        log.info("reminders_sent", appointments=total)
    return total


def _find(now: datetime) -> list[UUID]:
    """Those that there is something to decide on."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, _values(now))
        return [appointment_id for (appointment_id,) in cursor.fetchall()]


def _decide(appointment_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """Every reminder that is due is decided on. Gives who is reminded now: minutes before the start by appointment."""
    with connection.cursor() as cursor:
        cursor.execute(_DECIDE, _values(now) | {"ids": list(appointment_ids)})
        return dict(cursor.fetchall())


def _values(now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "until": now + rules.REMINDERS[0].before,
        "before": [reminder.before for reminder in rules.REMINDERS],
        "following": [reminder.following for reminder in rules.REMINDERS],
        "useful_until": [reminder.useful_until for reminder in rules.REMINDERS],
        "statuses": list(rules.REMINDED),
    }
