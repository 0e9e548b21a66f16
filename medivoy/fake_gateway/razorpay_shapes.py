"""Razorpay's entities, with the fields that we read and those that go with them."""

from typing import Any

from .books import Checkout, Dispute, Payment, Refund

_REFUND_STATUS = {"pending": "pending", "succeeded": "processed", "failed": "failed"}


def order_id(checkout: Checkout) -> str:
    return f"order_{checkout.id[6:]}"


def link(checkout: Checkout, payments: list[Payment], pages: str) -> dict[str, Any]:
    paid = [each for each in payments if each.captured is not None]
    status = "paid" if paid else {"expired": "expired", "cancelled": "cancelled"}.get(checkout.status, "created")
    return {
        "accept_partial": False,
        "amount": checkout.amount,
        "amount_paid": sum(each.captured or 0 for each in paid),
        "callback_method": "get",
        "callback_url": checkout.return_url,
        "cancelled_at": checkout.created if status == "cancelled" else 0,
        "created_at": checkout.created,
        "currency": checkout.currency,
        "customer": {},
        "description": checkout.description,
        "expire_by": checkout.expires,
        "expired_at": checkout.expires if status == "expired" else 0,
        "first_min_partial_amount": 0,
        "id": checkout.id,
        "notes": checkout.notes or [],
        "notify": {"email": False, "sms": False, "whatsapp": False},
        "order_id": order_id(checkout),
        "payments": [
            {
                "amount": each.amount,
                "created_at": each.created,
                "method": each.method,
                "payment_id": each.id,
                "status": "captured",
            }
            for each in paid
        ]
        or None,
        "reference_id": checkout.key,
        "reminder_enable": False,
        "reminders": [],
        "short_url": f"{pages}/pay/{checkout.id}",
        "status": status,
        "updated_at": checkout.created,
        "upi_link": False,
        "user_id": "",
        "whatsapp_link": False,
    }


def order(checkout: Checkout) -> dict[str, Any]:
    return {
        "id": order_id(checkout),
        "entity": "order",
        "amount": checkout.amount,
        "amount_due": 0,
        "amount_paid": checkout.amount,
        "attempts": len(checkout.payments),
        "created_at": checkout.created,
        "currency": checkout.currency,
        "notes": checkout.notes or [],
        "offer_id": None,
        "receipt": checkout.key,
        "status": "paid",
    }


def payment(made: Payment) -> dict[str, Any]:
    refunded = made.refunded("succeeded", "pending")
    status = {"processing": "authorized", "captured": "captured", "failed": "failed"}.get(made.stage, "created")
    if made.captured is not None and refunded == made.captured:
        status = "refunded"
    return {
        "id": made.id,
        "entity": "payment",
        "acquirer_data": {},
        "amount": made.amount,
        "amount_refunded": refunded,
        "bank": None,
        "captured": made.captured is not None,
        "card_id": None,
        "contact": "+910000000000",
        "created_at": made.created,
        "currency": made.currency,
        "description": f"#{made.checkout[6:]}",
        "email": "void@razorpay.com",
        "error_code": "BAD_REQUEST_ERROR" if made.failure else None,
        "error_description": "Your payment was declined" if made.failure else None,
        "error_reason": made.failure or None,
        "error_source": "bank" if made.failure else None,
        "error_step": "payment_authorization" if made.failure else None,
        "fee": None,
        "international": made.currency != "INR",
        "invoice_id": None,
        "method": made.method,
        "notes": made.notes or [],
        "order_id": f"order_{made.checkout[6:]}",
        "refund_status": None if not refunded else "full" if refunded == made.captured else "partial",
        "status": status,
        "tax": None,
        "vpa": None,
        "wallet": None,
    }


def authorised(made: Payment) -> dict[str, Any]:
    """A captured payment as it was a moment before: an event's payload is of its own moment."""
    return payment(made) | {"status": "authorized", "captured": False}


def refund(made: Payment, given: Refund) -> dict[str, Any]:
    return {
        "id": given.id,
        "entity": "refund",
        "acquirer_data": {"arn": None},
        "amount": given.amount,
        "batch_id": None,
        "created_at": given.created,
        "currency": made.currency,
        "notes": given.notes or [],
        "payment_id": made.id,
        "receipt": given.key or None,
        "speed_processed": "normal",
        "speed_requested": "normal",
        "status": _REFUND_STATUS[given.status],
    }


def dispute(made: Payment, opened: Dispute) -> dict[str, Any]:
    return {
        "id": opened.id,
        "entity": "dispute",
        "amount": opened.amount,
        "amount_deducted": opened.amount if opened.status == "lost" else 0,
        "created_at": opened.created,
        "currency": made.currency,
        "payment_id": made.id,
        "phase": "chargeback",
        "reason_code": opened.reason,
        "respond_by": opened.due,
        "status": opened.status,
    }


def collection(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"entity": "collection", "count": len(items), "items": items}
