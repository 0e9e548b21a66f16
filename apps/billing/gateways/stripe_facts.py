"""What Stripe's objects say, as facts. Whatever is not as their documentation has it raises LookupError, TypeError or
ValueError: to the caller it is an answer that says nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from . import base
from .stripe_units import UNITS

#: Our payment's id on the intent, our refund's on the refund.
PAYMENT, REFUND = "payment", "refund"
#: Says that the intent belongs to a hosted page, where one who was declined may try again.
PAGE = "page"

_REFUND_STAGES = {
    "pending": base.RefundStage.PENDING,
    "requires_action": base.RefundStage.PENDING,
    "succeeded": base.RefundStage.SUCCEEDED,
    "failed": base.RefundStage.FAILED,
    "canceled": base.RefundStage.FAILED,
}
#: What has no room here is still being decided.
_DISPUTE_STAGES = {
    "won": base.DisputeStage.WON,
    "prevented": base.DisputeStage.WON,
    "lost": base.DisputeStage.LOST,
}


def of_session(session: dict[str, Any]) -> base.Facts:
    """A page that is open stays so whatever was declined on it; one that is complete is paid, or will be, or failed
    after all where its payment waits for another method."""
    key = key_of(session.get("client_reference_id"))
    stage = {"open": base.Stage.OPEN, "expired": base.Stage.EXPIRED}.get(session["status"], base.Stage.PROCESSING)
    intent = session.get("payment_intent")
    facts = base.Facts(key=key, checkout=session["id"], stage=stage)
    if isinstance(intent, dict):
        paid = of_intent(intent)
        if paid.stage in {base.Stage.CAPTURED, base.Stage.PROCESSING}:
            stage = paid.stage
        elif stage == base.Stage.PROCESSING:
            stage = base.Stage.FAILED
        return replace(paid, key=key or paid.key, checkout=session["id"], stage=stage)
    if isinstance(intent, str):
        facts = replace(facts, reference=intent)
    if session["payment_status"] == "paid":
        captured = UNITS.money(session["amount_total"], session["currency"])
        facts = replace(facts, stage=base.Stage.CAPTURED, captured=captured)
    return facts


def of_intent(intent: dict[str, Any]) -> base.Facts:
    failed = intent.get("last_payment_error") or {}
    on_page = (intent.get("metadata") or {}).get(PAGE) == "1"
    stage = {
        "succeeded": base.Stage.CAPTURED,
        "processing": base.Stage.PROCESSING,
        "requires_capture": base.Stage.PROCESSING,
        "canceled": base.Stage.EXPIRED if on_page else base.Stage.FAILED,
    }.get(intent["status"], base.Stage.OPEN if on_page or not failed else base.Stage.FAILED)
    captured = stage == base.Stage.CAPTURED
    return base.Facts(
        key=key_of((intent.get("metadata") or {}).get(PAYMENT)),
        reference=intent["id"],
        stage=stage,
        captured=UNITS.money(intent["amount_received"], intent["currency"]) if captured else None,
        method=_method(intent),
        failure_code=str(failed.get("decline_code") or failed.get("code") or ""),
        mandate=_mandate(intent) if captured else None,
    )


def of_failed_session(session: dict[str, Any]) -> base.Facts:
    """A delayed payment that never came."""
    return replace(of_session(session), stage=base.Stage.FAILED)


def of_charge(charge: dict[str, Any]) -> base.Facts:
    """Of a charge that was refunded we learn nothing but whose it is: the refunds tell themselves."""
    refunds = (charge.get("refunds") or {}).get("data") or ()
    return base.Facts(
        key=key_of((charge.get("metadata") or {}).get(PAYMENT)),
        reference=charge.get("payment_intent") or "",
        refunds=tuple(of_refund(refund) for refund in refunds),
    )


def with_refunds(refunds: Iterable[dict[str, Any]]) -> base.Facts:
    """Facts of a payment of which only refunds are told."""
    found = list(refunds)
    metadata = found[0].get("metadata") or {}
    return base.Facts(
        key=key_of(metadata.get(PAYMENT)),
        reference=found[0].get("payment_intent") or "",
        refunds=tuple(of_refund(refund) for refund in found),
    )


def is_inquiry(dispute: dict[str, Any]) -> bool:
    """A bank only asks: no money is withheld, and a refund is what may end it. It becomes a dispute under the same id,
    or is closed."""
    return str(dispute["status"]).startswith("warning_")


def with_dispute(dispute: dict[str, Any]) -> base.Facts | None:
    if is_inquiry(dispute):
        return None
    return base.Facts(key=None, reference=dispute.get("payment_intent") or "", disputes=(of_dispute(dispute),))


def of_refund(refund: dict[str, Any]) -> base.RefundFacts:
    return base.RefundFacts(
        reference=refund["id"],
        key=key_of((refund.get("metadata") or {}).get(REFUND)),
        amount=UNITS.money(refund["amount"], refund["currency"]),
        stage=_REFUND_STAGES[refund["status"]],
        failure=refund.get("failure_reason") or "",
    )


def of_dispute(dispute: dict[str, Any]) -> base.DisputeFacts:
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return base.DisputeFacts(
        reference=dispute["id"],
        amount=UNITS.money(dispute["amount"], dispute["currency"]),
        stage=_DISPUTE_STAGES.get(dispute["status"], base.DisputeStage.OPEN),
        reason=dispute["reason"],
        evidence_due_at=datetime.fromtimestamp(due, UTC) if due else None,
    )


def key_of(text: Any) -> UUID | None:
    """None for what is no id of ours: somebody else's payment in the same account."""
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        return None


def _charge(intent: dict[str, Any]) -> dict[str, Any]:
    charge = intent.get("latest_charge")
    return charge if isinstance(charge, dict) else {}


def _method(intent: dict[str, Any]) -> str:
    details = _charge(intent).get("payment_method_details") or {}
    types = intent.get("payment_method_types") or [""]
    return details.get("type") or (types[0] if len(types) == 1 else "")


def _mandate(intent: dict[str, Any]) -> base.Mandate | None:
    """Only where the payer has agreed to it: Stripe keeps the method then."""
    if intent.get("setup_future_usage") != "off_session" or not intent.get("customer"):
        return None
    details = _charge(intent).get("payment_method_details") or {}
    card = details.get("card") or {}
    label = (
        f"{str(card.get('brand', '')).title()} •••• {card['last4']}" if card.get("last4") else _method(intent).title()
    )
    return base.Mandate(customer=intent["customer"], method=intent["payment_method"], label=label)
