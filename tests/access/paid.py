"""What is known of each side's payment, and what its gateway has sent: a payer reads neither notes nor webhooks."""

from datetime import datetime
from typing import Any

from apps.billing.models import Mandate, PaymentEvent, WebhookEvent


def build_side(world: Any, side: str, *, platform: frozenset[str], desk: frozenset[str], now: datetime) -> None:
    payment = world.rows[f"payment_{side}"]
    PaymentEvent.objects.create(
        payment=payment, to_status=payment.status, source="staff", at=now,
        **world.texts(PaymentEvent, desk) | {"code": "recorded"},
    )  # fmt: skip
    # What it said is for platform admins alone.
    said = world.texts(WebhookEvent, desk) | {
        "body": world.canary(platform),
        "kind": "payment.captured",
        "event_id": f"evt_world_{side}",
    }
    world.rows[f"webhook_{side}"] = WebhookEvent.objects.create(
        sender="stripe", status="applied", received_at=now, payment=payment, **said
    )
    world.rows[f"mandate_{side}"] = Mandate.objects.create(
        payer=payment.payer, gateway="stripe", **world.texts(Mandate, desk | {f"patient_{side}"})
    )
