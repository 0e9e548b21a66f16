"""What of each side's payment goes back: a refund, a dispute, a task; and each hospital's cancellation terms.

A payer reads what they get back and never why staff gave it, nor what they do about it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.billing.models import (
    CancellationPolicy,
    CancellationPolicyVersion,
    CancellationTier,
    Dispute,
    MoneyTask,
    Refund,
    RefundEvent,
)


def build_side(world: Any, side: str, *, desk: frozenset[str], now: datetime) -> None:
    payment = world.rows[f"payment_{side}"]
    refund = Refund.objects.create(
        payment=payment, gateway=payment.gateway, amount=Decimal(1), currency=payment.currency, cause="staff",
        status="succeeded", paid_out_on=date(2026, 11, 20),
        reason=world.canary(desk), reference=world.canary(desk),
    )  # fmt: skip
    RefundEvent.objects.create(
        refund=refund, from_status="requested", to_status="succeeded", at=now, **world.texts(RefundEvent, desk)
    )
    dispute = Dispute.objects.create(
        payment=payment, gateway=payment.gateway, amount=Decimal(1), currency=payment.currency,
        **world.texts(Dispute, desk),
    )  # fmt: skip
    task = MoneyTask.objects.create(
        kind="overpayment", payment=payment, amount=Decimal(1), currency=payment.currency, opened_at=now, done_at=now,
        **world.texts(MoneyTask, desk) | {"key": f"world:{side}"},
    )  # fmt: skip
    policy = CancellationPolicy.objects.create(
        subject_type="appointment", hospital=world.rows[f"hospital_{side}"], **world.texts(CancellationPolicy, desk)
    )
    version = CancellationPolicyVersion.objects.create(policy=policy, number=1)
    CancellationTier.objects.create(version=version, actor="patient", hours_before=24, percent=100)
    made = {"refund": refund, "dispute": dispute, "money_task": task, "policy_version": version}
    world.rows |= {f"{name}_{side}": row for name, row in made.items()}
