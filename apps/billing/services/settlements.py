"""Settling with hospitals: prepared from the ledger, approved and paid out by admins, each entry once."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, notifications, rules, selectors
from apps.billing.models import (
    CommissionRate,
    LedgerKind,
    SettledEntry,
    Settlement,
    SettlementLine,
)
from apps.billing.workflow import SETTLEMENT, SettlementStatus
from apps.common.exceptions import raise_if
from apps.common.money import Money
from apps.hospitals.models import Hospital

from . import ledger


@transaction.atomic
def set_commission_rate(hospital: Hospital, *, percent: Decimal, from_on: date, by: User | None) -> CommissionRate:
    """From that day on payments are settled at this rate; what is settled already stays as it is. Raises Forbidden,
    Invalid."""
    raise_if(rules.why_not_settle(by=by))
    raise_if(rules.why_wrong_percent(percent))
    return CommissionRate.objects.create(hospital=hospital, percent=percent, from_on=from_on, entered_by=by)


@transaction.atomic
def prepare_settlement(hospital: Hospital, currency: str, until: date, *, by: User | None) -> Settlement:
    """A draft of all that came in for the hospital in this currency by the end of that day, there, and is not settled
    yet: less what went back to payers, less commission. Each entry of the ledger is in one settlement at most: of two
    that are prepared at once, one is.

    Raises Forbidden, DayNotOver, NoCommissionRate, NothingToSettle, SettledMeanwhile.
    """
    raise_if(rules.why_not_settle(by=by))
    raise_if(rules.why_not_until(until, today=timezone.now().astimezone(ZoneInfo(hospital.time_zone)).date()))
    entries = selectors.counted(hospital, currency, end_of(until, hospital))
    lines = rules.settlement_lines(entries, selectors.rates_of(hospital))
    total = Money.total((line.total for line in lines), currency)
    if total <= Money.zero(currency):
        raise exceptions.NothingToSettle(data={"amount": str(total.amount), "currency": currency})
    settlement = Settlement.objects.create(
        hospital=hospital,
        currency=currency,
        until_on=until,
        prepared_by=by,
        collected=Money.total((line.collected for line in lines), currency).amount,
        returned=Money.total((line.returned for line in lines), currency).amount,
        commission=Money.total((line.commission for line in lines), currency).amount,
        total=total.amount,
    )
    _write_lines(settlement, lines)
    return settlement


def _write_lines(settlement: Settlement, lines: list[rules.Line]) -> None:
    written = SettlementLine.objects.bulk_create(
        SettlementLine(
            settlement=settlement, position=position, bill_id=line.bill_id, currency=settlement.currency,
            percent=line.percent, collected=line.collected.amount, returned=line.returned.amount,
            commission=line.commission.amount, total=line.total.amount,
        )
        for position, line in enumerate(lines, start=1)
    )  # fmt: skip
    links = [
        SettledEntry(line=row, entry_id=entry_id)
        for row, line in zip(written, lines, strict=True)
        for entry_id in line.entry_ids
    ]
    try:
        with transaction.atomic():  # in one order, so that two who do this at once wait for one another
            SettledEntry.objects.bulk_create(sorted(links, key=lambda link: link.entry_id))
    except IntegrityError as error:
        raise exceptions.SettledMeanwhile() from error


def end_of(day: date, hospital: Hospital) -> datetime:
    """The instant at which a day of the hospital's calendar is over."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(hospital.time_zone))


@transaction.atomic
def approve_settlement(settlement: Settlement, *, confirmed: Decimal | None, by: User) -> Settlement:
    """Medivoy owes it to the hospital: commission and debt stand in the ledger, and the hospital's staff see it.
    `confirmed` is the total once more. Raises Forbidden, MoveNotAllowed, Invalid."""
    now = timezone.now()
    settlement = Settlement.objects.lock(settlement.pk)
    raise_if(SETTLEMENT.why_not_move(settlement.status, SettlementStatus.APPROVED, by.role))
    raise_if(rules.why_not_confirmed(settlement.figure("total"), confirmed))
    settlement.approved_at, settlement.approved_by = now, by
    settlement.move_to(SettlementStatus.APPROVED, by=by, at=now, fields=["approved_at", "approved_by"])
    nothing = Money.zero(settlement.currency)
    shares = [Money(amount, settlement.currency) for amount in settlement.lines.values_list("commission", flat=True)]
    taken = Money.total((share for share in shares if share > nothing), settlement.currency)
    given_back = -Money.total((share for share in shares if share < nothing), settlement.currency)
    _enter(settlement, LedgerKind.COMMISSION, taken, by=by, now=now)
    _enter(settlement, LedgerKind.COMMISSION_BACK, given_back, by=by, now=now)
    _enter(settlement, LedgerKind.SETTLED, settlement.figure("total"), by=by, now=now)
    return settlement


@transaction.atomic
def pay_settlement(
    settlement: Settlement, *, reference: str, paid_on: date | None, confirmed: Decimal | None, by: User
) -> Settlement:
    """The transfer to the hospital was made and stands in the ledger; its staff get the statement.
    Raises Forbidden, MoveNotAllowed, Invalid."""
    now = timezone.now()
    settlement = Settlement.objects.lock(settlement.pk)
    raise_if(SETTLEMENT.why_not_move(settlement.status, SettlementStatus.PAID, by.role))
    raise_if(rules.why_not_confirmed(settlement.figure("total"), confirmed))
    approved_on = (settlement.approved_at or now).date()
    raise_if(rules.why_not_paid_on(paid_on, reference, approved_on=approved_on, today=now.date()))
    settlement.reference, settlement.paid_on = reference.strip(), paid_on
    settlement.move_to(SettlementStatus.PAID, by=by, at=now, fields=["reference", "paid_on"])
    _enter(settlement, LedgerKind.PAID_OUT, settlement.figure("total"), by=by, now=now)
    notifications.settlement_paid(settlement, User.objects.filter(
        hospital_links__hospital=settlement.hospital_id, is_active=True
    ))  # fmt: skip
    return settlement


@transaction.atomic
def discard_settlement(settlement: Settlement, *, note: str = "", by: User) -> Settlement:
    """The draft is void, and what stood in it can be settled anew. Raises Forbidden, MoveNotAllowed."""
    settlement = Settlement.objects.lock(settlement.pk)
    raise_if(SETTLEMENT.why_not_move(settlement.status, SettlementStatus.DISCARDED, by.role))
    SettledEntry.objects.filter(line__settlement=settlement).delete()
    settlement.move_to(SettlementStatus.DISCARDED, by=by, at=timezone.now(), note=note)
    return settlement


def _enter(settlement: Settlement, kind: LedgerKind, amount: Money, *, by: User, now: datetime) -> None:
    if amount:
        key = f"settlement:{settlement.pk}:{kind}"
        ledger.enter(kind, amount, key=key, hospital_id=settlement.hospital_id, by=by, now=now)
