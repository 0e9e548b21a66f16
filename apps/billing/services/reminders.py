"""Reminding payers of what is due: decided for whole batches, once for each instalment and each distance from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from apps.billing import notifications, rules, selectors
from apps.billing.models import Refund
from apps.billing.workflow import IN_FLIGHT, OWING, PaymentStage, RefundStatus

log = structlog.get_logger(__name__)

#: So many instalments are decided on in one transaction. Whoever pays one of them just then waits for its end.
BATCH = 500
_ZONES = """
    SELECT DISTINCT payer.time_zone
      FROM billing_instalment AS instalment
      JOIN billing_bill AS bill ON bill.id = instalment.bill_id
      JOIN accounts_user AS payer ON payer.id = bill.payer_id
     WHERE instalment.owed > 0 AND instalment.due_on BETWEEN %(first)s AND %(last)s
"""
#: An instalment's newest reminder whose day has come in the payer's zone, `nearest.days` before it is due. That day
#: lies after the one on which the bill was opened: nobody is reminded of what they have just agreed to. Money that is
#: on its way is waited for, and what was paid once and is owed again because we gave it back is nobody's to be asked
#: for by itself. The inner queries are one probe of an index each, whatever the planner believes of tables
#: that it has not looked at for a while.
_DUE = """
      FROM billing_instalment AS instalment
      JOIN billing_bill AS bill ON bill.id = instalment.bill_id
      JOIN accounts_user AS payer ON payer.id = bill.payer_id
      JOIN unnest(%(zones)s::text[], %(todays)s::date[], %(offsets)s::interval[]) AS zone (name, today, beyond_utc)
        ON zone.name = payer.time_zone
     CROSS JOIN LATERAL (
           SELECT min(days) AS days FROM unnest(%(days)s::int[]) AS reminder (days)
            WHERE days >= instalment.due_on - zone.today
           ) AS nearest
     WHERE bill.status = ANY(%(owing)s) AND NOT bill.subject_type = ANY(%(elsewhere)s) AND payer.is_active
       AND instalment.due_on - zone.today >= %(useful)s
       AND instalment.due_on - nearest.days > (bill.created_at AT TIME ZONE 'UTC' + zone.beyond_utc)::date
       AND (
           SELECT payment.id FROM billing_payment AS payment
            WHERE payment.bill_id = bill.id AND payment.stage = %(under_way)s LIMIT 1
           ) IS NULL
       AND (
           (
           SELECT refund.id FROM billing_refund AS refund
             JOIN billing_payment AS payment ON payment.id = refund.payment_id
            WHERE payment.bill_id = bill.id AND refund.cause <> %(too_much)s AND refund.status = ANY(%(given_back)s)
            LIMIT 1
           ) IS NULL
           OR (SELECT sum(payment.captured) FROM billing_payment AS payment WHERE payment.bill_id = bill.id)
            < (SELECT sum(part.amount) FROM billing_instalment AS part
                WHERE part.bill_id = bill.id AND part.position <= instalment.position)
       )
       AND (
           SELECT sent.id FROM billing_duereminder AS sent
            WHERE sent.instalment_id = instalment.id AND sent.days_before = nearest.days
           ) IS NULL
"""
_FIND = f"""
    SELECT instalment.id {_DUE}
       AND instalment.owed > 0 AND instalment.due_on BETWEEN %(first)s AND %(last)s
     ORDER BY instalment.due_on, instalment.id
"""
#: A row that somebody else holds is left to them, or to the next run; what another run has just decided stands.
_DECIDE = f"""
    WITH due AS MATERIALIZED (
        SELECT instalment.id, nearest.days {_DUE}
           AND instalment.id = ANY(%(ids)s) AND (instalment.owed > 0) IS TRUE  -- read by the ids alone
         ORDER BY instalment.id
           FOR NO KEY UPDATE OF instalment SKIP LOCKED
    )
    INSERT INTO billing_duereminder (id, created_at, updated_at, instalment_id, days_before, at)
    SELECT gen_random_uuid(), %(now)s, %(now)s, due.id, due.days, %(now)s FROM due
        ON CONFLICT DO NOTHING
    RETURNING instalment_id, days_before
"""  # noqa: S608  constants of this module


def remind_of_due(*, now: datetime | None = None) -> int:
    """Whoever owes an instalment whose reminder has come, by the calendar and at a decent hour of where they live, has
    a message in the outbox, once for each of the rules' distances. Gives how many.

    Of several that have come since the last run only the newest is sent. Each batch is a transaction, decisions and
    messages together; any number of runs may be on their way at once.
    """
    now = now or timezone.now()
    values = _values(now)
    if not values["zones"]:
        return 0
    found, total = _rows(_FIND, values), 0
    for start in range(0, len(found), BATCH):
        ids = [pk for (pk,) in found[start : start + BATCH]]
        with transaction.atomic():
            reminded: dict[Any, int] = dict(_rows(_DECIDE, values | {"ids": ids}))  # type: ignore[arg-type]
            notifications.payments_due(selectors.instalments_told_of(reminded), reminded)
        total += len(reminded)
    if total:
        log.info("payers_reminded", instalments=total)
    return total


def _values(now: datetime) -> dict[str, Any]:
    first, last = rules.due_days(now)
    zones = [zone for (zone,) in _rows(_ZONES, {"first": first, "last": last})]
    here = rules.todays(zones, now)  # type: ignore[arg-type]
    return {
        "first": first,
        "last": last,
        "now": now,
        "zones": [zone for zone, _today, _offset in here],
        "todays": [today for _zone, today, _offset in here],
        "offsets": [offset for _zone, _today, offset in here],
        "days": list(rules.DUE_REMINDERS),
        "useful": min(rules.DUE_REMINDERS) - rules.LAST_IS_USEFUL_FOR.days,
        "owing": list(OWING),
        "elsewhere": list(rules.REMINDED_ELSEWHERE),
        "under_way": PaymentStage.PROCESSING,
        "too_much": Refund.Cause.OVERPAYMENT,
        "given_back": [*IN_FLIGHT, RefundStatus.SUCCEEDED],
    }


def _rows(sql: str, values: dict[str, Any]) -> Sequence[tuple[UUID | Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
