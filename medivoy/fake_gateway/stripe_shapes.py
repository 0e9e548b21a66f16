"""Stripe's objects, with the fields that we read and those that go with them; and its way of writing parameters."""

import re
from typing import Any
from urllib.parse import parse_qsl

from .books import Books, Checkout, Dispute, Payment, Refund

API_VERSION = "2026-10-28.endive"


def nested(encoded: str) -> dict[str, Any]:
    """`a[b][0]=c` as {"a": {"b": {"0": "c"}}}."""
    found: dict[str, Any] = {}
    for number, (name, value) in enumerate(parse_qsl(encoded, keep_blank_values=True)):
        first, *rest = re.findall(r"[^\[\]]+", name)
        keys = [first, *rest, *([str(number)] if name.endswith("[]") else [])]
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return found


def session(checkout: Checkout, books: Books, pages: str, *, expands: bool = False) -> dict[str, Any]:
    paid = books.payments[checkout.payments[-1]] if checkout.payments else None
    status = {"open": "open", "complete": "complete"}.get(checkout.status, "expired")
    captured = paid is not None and paid.captured is not None
    return {
        "id": checkout.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": checkout.amount,
        "amount_total": checkout.amount,
        "cancel_url": checkout.cancel_url,
        "client_reference_id": checkout.extra["client_reference_id"],
        "created": checkout.created,
        "currency": checkout.currency.lower(),
        "customer": paid.customer or None if paid else None,
        "customer_email": checkout.extra["email"],
        "expires_at": checkout.expires,
        "livemode": False,
        "locale": checkout.extra["locale"],
        "metadata": checkout.extra["metadata"],
        "mode": "payment",
        "payment_intent": (intent(paid, expands=True) if expands else paid.id) if paid else None,
        "payment_method_types": ["card"],
        "payment_status": "paid" if captured else "unpaid",
        "status": status,
        "success_url": checkout.return_url,
        "ui_mode": "hosted_page",
        "url": f"{pages}/pay/{checkout.id}" if status == "open" else None,
    }


_INTENT_STATUS = {
    "open": "requires_payment_method",
    "processing": "processing",
    "captured": "succeeded",
    "failed": "requires_payment_method",
    "expired": "canceled",
}


def intent(payment: Payment, *, expands: bool = False) -> dict[str, Any]:
    failure = {"type": "card_error", "code": payment.failure, "decline_code": "generic_decline"}
    tried = payment.captured is not None or bool(payment.failure)
    return {
        "id": payment.id,
        "object": "payment_intent",
        "amount": payment.amount,
        "amount_capturable": 0,
        "amount_received": payment.captured or 0,
        "cancellation_reason": "abandoned" if payment.stage == "expired" else None,
        "capture_method": "automatic_async",
        "created": payment.created,
        "currency": payment.currency.lower(),
        "customer": payment.customer or None,
        "description": payment.extra.get("description"),
        "last_payment_error": failure if payment.failure else None,
        "latest_charge": (charge(payment) if expands else _charge_id(payment)) if tried else None,
        "livemode": False,
        "metadata": payment.notes,
        "payment_method": payment.card or (f"pm_{payment.id[3:]}" if payment.captured is not None else None),
        "payment_method_types": ["card"],
        "setup_future_usage": payment.extra.get("setup_future_usage"),
        "status": _INTENT_STATUS[payment.stage],
    }


def charge(payment: Payment) -> dict[str, Any]:
    refunded = payment.refunded("succeeded", "pending")
    return {
        "id": _charge_id(payment),
        "object": "charge",
        "amount": payment.amount,
        "amount_captured": payment.captured or 0,
        "amount_refunded": refunded,
        "captured": payment.captured is not None,
        "created": payment.created,
        "currency": payment.currency.lower(),
        "customer": payment.customer or None,
        "disputed": bool(payment.disputes),
        "livemode": False,
        "metadata": payment.notes,
        "paid": payment.captured is not None,
        "payment_intent": payment.id,
        "payment_method_details": {"type": payment.method or "card", "card": {"brand": "visa", "last4": "4242"}},
        "refunded": payment.captured is not None and refunded == payment.captured,
        "status": "succeeded" if payment.captured is not None else "failed",
    }


def refund(payment: Payment, made: Refund) -> dict[str, Any]:
    found = {
        "id": made.id,
        "object": "refund",
        "amount": made.amount,
        "balance_transaction": None,
        "charge": _charge_id(payment),
        "created": made.created,
        "currency": payment.currency.lower(),
        "metadata": made.notes,
        "payment_intent": payment.id,
        "reason": None,
        "receipt_number": None,
        "status": made.status,
    }
    return found | ({"failure_reason": made.failure} if made.failure else {})


def dispute(payment: Payment, made: Dispute) -> dict[str, Any]:
    return {
        "id": made.id,
        "object": "dispute",
        "amount": made.amount,
        "balance_transactions": [],
        "charge": _charge_id(payment),
        "created": made.created,
        "currency": payment.currency.lower(),
        "evidence_details": {"due_by": made.due, "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": payment.id,
        "reason": made.reason,
        "status": "needs_response" if made.status == "open" else made.status,
    }


def _charge_id(payment: Payment) -> str:
    return f"ch_{payment.id[3:]}"
