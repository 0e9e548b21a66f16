"""What a gateway says of a dispute: applied under the payment's lock, in whichever order the news comes."""

from datetime import datetime

from apps.billing import gateways
from apps.billing.models import Dispute, LedgerKind, MoneyTask, Payment
from apps.billing.workflow import DisputeStatus, PaymentStage

from . import ledger, refund_facts, tasks

_DECIDED = {
    gateways.DisputeStage.WON: (DisputeStatus.WON, LedgerKind.DISPUTE_WON),
    gateways.DisputeStage.LOST: (DisputeStatus.LOST, LedgerKind.DISPUTE_LOST),
}


def apply_dispute_facts(payment: Payment, facts: gateways.DisputeFacts, now: datetime) -> Dispute | None:
    """The dispute stands as the gateway has it: while it is open the amount is withheld and nothing is refunded; won it
    is back, lost it is gone. Staff have a task with the day until which evidence is wanted, and admins a message.

    Called with the bill's and the payment's locks held and, where the same news tells of it, after the capture was
    entered; the caller settles the payment afterwards. A dispute of money that we do not know of yet asks the gateway
    for the whole payment; what contradicts our books is a task.
    """
    dispute = payment.disputes.filter(gateway=payment.gateway, gateway_reference=facts.reference).first()
    if facts.amount.currency != payment.currency or (dispute is not None and dispute.value != facts.amount):
        _contradiction(payment, dispute, facts, now)
        return dispute
    if not ledger.sums_of(payment)["captured"]:
        if payment.stage == PaymentStage.CAPTURED:
            _contradiction(payment, dispute, facts, now)
        else:
            payment.look_up_at = now
        return None
    if dispute is None:
        dispute = _opened(payment, facts, now)
    elif facts.evidence_due_at and dispute.evidence_due_at is None:
        dispute.evidence_due_at = facts.evidence_due_at
        dispute.save(update_fields=["evidence_due_at", "updated_at"])
    _decide(payment, dispute, facts, now)
    refund_facts.make_room(payment, now)
    return dispute


def _opened(payment: Payment, facts: gateways.DisputeFacts, now: datetime) -> Dispute:
    dispute = Dispute.objects.create(
        payment=payment, gateway=payment.gateway, gateway_reference=facts.reference, amount=facts.amount.amount,
        currency=facts.amount.currency, reason=facts.reason[:60], evidence_due_at=facts.evidence_due_at,
    )  # fmt: skip
    _enter(LedgerKind.DISPUTED, dispute, "open", now)
    tasks.open_task(
        MoneyTask.Kind.DISPUTE, key=f"dispute:{dispute.pk}", payment=payment, dispute=dispute, amount=dispute.value,
        due_at=facts.evidence_due_at, now=now,
    )  # fmt: skip
    return dispute


def _decide(payment: Payment, dispute: Dispute, facts: gateways.DisputeFacts, now: datetime) -> None:
    """Decided once: news of the time before changes nothing, and another decision is for a person."""
    if facts.stage not in _DECIDED:
        return
    status, kind = _DECIDED[facts.stage]
    if dispute.status == DisputeStatus.OPEN:
        _enter(kind, dispute, status, now)
        dispute.move_to(status, by=None, at=now)
    elif dispute.status != status:
        _contradiction(payment, dispute, facts, now)


def _enter(kind: str, dispute: Dispute, stage: str, now: datetime) -> None:
    ledger.enter(
        kind, dispute.value, key=f"dispute:{dispute.pk}:{stage}", payment=dispute.payment, dispute=dispute, now=now
    )


def _contradiction(payment: Payment, dispute: Dispute | None, facts: gateways.DisputeFacts, now: datetime) -> None:
    tasks.open_task(
        MoneyTask.Kind.MISMATCH, key=f"dispute:{payment.gateway}:{facts.reference[:80]}:mismatch", payment=payment,
        dispute=dispute, amount=facts.amount, now=now,
    )  # fmt: skip
