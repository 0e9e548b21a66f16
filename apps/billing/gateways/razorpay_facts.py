"""What Razorpay's entities say, as facts. Whatever is not as their documentation has it raises LookupError, TypeError,
ValueError or AttributeError: to the caller it is an answer that says nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from . import base
from .razorpay_units import UNITS

#: Our payment's id in the notes of a link (Razorpay copies them to its payments), our refund's in those of a refund.
PAYMENT, REFUND = "payment", "refund"

#: A decline is one attempt; the link stays open for the next.
_PAYMENT_STAGES = {
    "created": base.Stage.OPEN,
    "failed": base.Stage.OPEN,
    "authorized": base.Stage.PROCESSING,
    "captured": base.Stage.CAPTURED,
    "refunded": base.Stage.CAPTURED,
}
_REFUND_STAGES = {
    "pending": base.RefundStage.PENDING,
    "processed": base.RefundStage.SUCCEEDED,
    "failed": base.RefundStage.FAILED,
}
#: `closed` ends a question about fraud that took no money. What has no room here is still being decided.
_DISPUTE_STAGES = {
    "won": base.DisputeStage.WON,
    "closed": base.DisputeStage.WON,
    "lost": base.DisputeStage.LOST,
}
_ENDED_LINKS = {"expired", "cancelled"}
#: Which of the attempts on one link is told of: the last of these.
_PREFERRED = [base.Stage.OPEN, base.Stage.PROCESSING, base.Stage.CAPTURED]


def of_link(link: dict[str, Any], payments: Iterable[dict[str, Any]]) -> base.Facts:
    """A link with the attempts to pay it: what was captured counts, whatever became of the link."""
    ended = link["status"] in _ENDED_LINKS
    stage = base.Stage.EXPIRED if ended else base.Stage.OPEN
    facts = base.Facts(key=key_of(link.get("reference_id")), checkout=link["id"], stage=stage)
    attempts = [of_payment(payment) for payment in payments]
    if not attempts:
        return facts
    best = max(attempts, key=lambda attempt: _PREFERRED.index(attempt.stage or base.Stage.OPEN))
    if best.stage == base.Stage.OPEN:
        best = replace(best, stage=stage)
    return replace(best, key=facts.key or best.key, checkout=link["id"])


def of_payment(payment: dict[str, Any]) -> base.Facts:
    stage = _PAYMENT_STAGES[payment["status"]]
    if payment["status"] == "refunded" and payment.get("captured") is False:
        stage = base.Stage.OPEN  # it was authorised only, and Razorpay gave it back by itself: nothing came in
    captured = stage == base.Stage.CAPTURED
    return base.Facts(
        key=key_of(notes_of(payment).get(PAYMENT)),
        reference=payment["id"],
        stage=stage,
        captured=UNITS.money(payment["amount"], payment["currency"]) if captured else None,
        method=payment.get("method") or "",
        failure_code=(payment.get("error_reason") or payment.get("error_code") or "") if not captured else "",
    )


def of_refund(refund: dict[str, Any]) -> base.RefundFacts:
    return base.RefundFacts(
        reference=refund["id"],
        key=key_of(notes_of(refund).get(REFUND)),
        amount=UNITS.money(refund["amount"], refund["currency"]),
        stage=_REFUND_STAGES[refund["status"]],
    )


def of_dispute(dispute: dict[str, Any]) -> base.DisputeFacts:
    due = dispute.get("respond_by")
    return base.DisputeFacts(
        reference=dispute["id"],
        amount=UNITS.money(dispute["amount"], dispute["currency"]),
        stage=_DISPUTE_STAGES.get(dispute["status"], base.DisputeStage.OPEN),
        reason=dispute.get("reason_code") or "",
        evidence_due_at=datetime.fromtimestamp(due, UTC) if due else None,
    )


def told(kind: str, payload: dict[str, Any]) -> base.Facts | None:
    """What an event says, by the entities that it holds."""
    held = {name: part["entity"] for name, part in payload.items() if isinstance(part, dict) and part.get("entity")}
    payment = held.get("payment")
    match kind.split("."):
        case ["payment_link", _]:
            return of_link(held["payment_link"], [payment] if payment else [])
        case ["payment", "dispute", _]:
            dispute = held["dispute"]
            return replace(_whose(payment, dispute["payment_id"]), disputes=(of_dispute(dispute),))
        case ["payment", "authorized" | "captured" | "failed"]:
            return of_payment(held["payment"])
        case ["refund", _]:
            refund = held["refund"]
            facts = _whose(payment, refund["payment_id"])
            return replace(
                facts, key=facts.key or key_of(notes_of(refund).get(PAYMENT)), refunds=(of_refund(refund),)
            )  # fmt: skip
    return None


def notes_of(entity: dict[str, Any]) -> dict[str, Any]:
    """Razorpay writes no notes as an empty list."""
    notes = entity.get("notes")
    return notes if isinstance(notes, dict) else {}


def key_of(text: Any) -> UUID | None:
    """None for what is no id of ours: somebody else's payment in the same account."""
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        return None


def _whose(payment: dict[str, Any] | None, reference: str) -> base.Facts:
    key = key_of(notes_of(payment).get(PAYMENT)) if payment else None
    return base.Facts(key=key, reference=reference)
