"""Runs over all hospitals, which a job works off one by one: a worker that dies leaves the rest to the next."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta

import structlog
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, rules, selectors
from apps.billing.models import SettlementRun, SettlementRunItem
from apps.common.exceptions import DomainError, raise_if

from . import settlements

log = structlog.get_logger(__name__)

Outcome = SettlementRunItem.Outcome
#: A run of the job begins no further hospital after so long: the next run is near.
RUN_SECONDS = 25.0
#: The westernmost calendar ends a day so much later than UTC.
_WESTERNMOST = timedelta(hours=12)


@transaction.atomic
def start_settlement_run(until_on: date, *, by: User | None) -> SettlementRun:
    """Every hospital with money that is not settled by that day is to be settled, a currency at a time; the job does
    it. Raises Forbidden, DayNotOver."""
    now = timezone.now()
    raise_if(rules.why_not_settle(by=by))
    raise_if(rules.why_not_until(until_on, today=(now - _WESTERNMOST).date()))
    end = datetime.combine(until_on + timedelta(days=1), time.min, UTC) + _WESTERNMOST
    found = selectors.unsettled(end).order_by("hospital", "currency").values_list("hospital", "currency").distinct()
    run = SettlementRun.objects.create(until_on=until_on, started_by=by)
    items = [SettlementRunItem(run=run, hospital_id=hospital_id, currency=currency) for hospital_id, currency in found]
    SettlementRunItem.objects.bulk_create(items)
    run.total, run.finished_at = len(items), None if items else now
    run.save(update_fields=["total", "finished_at", "updated_at"])
    return run


def work_off_settlement_runs() -> int:
    """Hospitals that wait in a run are settled, one transaction each; how many were."""
    until, worked = clock.monotonic() + RUN_SECONDS, 0
    while clock.monotonic() < until and _work_off_one():
        worked += 1
    return worked


@transaction.atomic
def _work_off_one() -> bool:
    """The row is claimed, settled and marked in one transaction: whoever dies leaves it as it was."""
    rows = SettlementRunItem.objects.filter(outcome=Outcome.PENDING).order_by("pk")
    rows = rows.select_related("run__started_by", "hospital")
    item = rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
    if item is None:
        return False
    if not _settle(item):
        return True
    item.save(update_fields=["outcome", "amount", "settlement", "code", "updated_at"])
    _count(item)
    return True


def _settle(item: SettlementRunItem) -> bool:
    """Whether something came of it: where somebody else has settled some of it just now, it is looked at again."""
    try:
        with transaction.atomic():
            item.settlement = settlements.prepare_settlement(
                item.hospital, item.currency, item.run.until_on, by=item.run.started_by
            )
    except exceptions.SettledMeanwhile:
        return False
    except exceptions.NothingToSettle as refusal:
        item.outcome, item.amount = Outcome.CARRIED, refusal.data["amount"]
    except DomainError as refusal:
        item.outcome, item.code = Outcome.FAILED, refusal.code
    except OperationalError:
        raise  # of the connection, not of the hospital: it stays as it was
    except Exception as error:
        item.outcome, item.code = Outcome.FAILED, type(error).__name__
        log.exception("settlement_failed", run_id=str(item.run_id), hospital_id=str(item.hospital_id))
    else:
        item.outcome, item.amount = Outcome.PREPARED, item.settlement.total
    return True


def _count(item: SettlementRunItem) -> None:
    column = "failed" if item.outcome == Outcome.FAILED else "done"
    runs = SettlementRun.objects.filter(pk=item.run_id)
    runs.update(**{column: F(column) + 1}, updated_at=timezone.now())
    runs.filter(total=F("done") + F("failed")).update(finished_at=timezone.now())
