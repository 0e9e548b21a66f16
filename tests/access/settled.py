"""What is settled with each side's hospital: a rate, a settlement that was paid out, a run.

The statement's lines name bills by number; a coordinator sees all of it, a hospital's staff their own.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from apps.billing.models import (
    Bill,
    CommissionRate,
    LedgerEntry,
    SettledEntry,
    Settlement,
    SettlementEvent,
    SettlementLine,
    SettlementRun,
    SettlementRunItem,
)

#: The desk reads what is settled; support agents do not.
_SUMS = {"currency": "INR", "collected": Decimal(100), "returned": 0, "commission": Decimal(10), "total": Decimal(90)}


def build_side(world: Any, side: str, *, desk: frozenset[str], now: datetime) -> None:
    hospital, patient = world.rows[f"hospital_{side}"], world.rows[f"patient_{side}"]
    audience = desk | {f"hospital_admin_{side}"}
    bill = Bill.objects.create(
        payer=patient.user, hospital=hospital, subject_type="appointment", subject_id=uuid4(), currency="INR",
        subject_label=world.canary(desk | {f"patient_{side}", f"hospital_admin_{side}"}), net=100, total=100, paid=100,
        status="paid",
    )  # fmt: skip
    CommissionRate.objects.create(hospital=hospital, percent=10, from_on=date(2020, 1, 1))
    settlement = Settlement.objects.create(
        hospital=hospital, until_on=date(2026, 10, 31), status="paid", approved_at=now, paid_on=date(2026, 11, 5),
        reference=world.canary(audience), **_SUMS,
    )  # fmt: skip
    SettlementEvent.objects.create(
        settlement=settlement, from_status="approved", to_status="paid", at=now, note=world.canary(audience)
    )
    line = SettlementLine.objects.create(settlement=settlement, position=1, bill=bill, percent=10, **_SUMS)
    entry = LedgerEntry.objects.create(
        at=now, kind="captured", key=f"world:settled:{side}", amount=100, currency="INR", debit="gateway",
        credit="receivable", bill=bill, hospital=hospital,
    )  # fmt: skip
    SettledEntry.objects.create(line=line, entry=entry)
    run = SettlementRun.objects.create(until_on=date(2026, 10, 31), total=1, done=1, finished_at=now)
    SettlementRunItem.objects.create(
        run=run, hospital=hospital, currency="INR", outcome="prepared", amount=90, settlement=settlement
    )
    world.rows |= {f"settlement_{side}": settlement, f"settled_bill_{side}": bill}
