"""Sending refunds to their gateways: claim, call outside of any transaction, apply. Any number of workers side by side.

A claim counts the attempt and puts the next one off for longer than a call can take, so that a worker that dies, and an
answer that never comes, are one and the same: the refund is asked about again then, with the same key.
"""

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.billing import gateways, rules
from apps.billing.models import MoneyTask, Refund
from apps.billing.workflow import IN_FLIGHT, RefundStatus, Source

from . import ledger, refund_facts, refunds, tasks

log = structlog.get_logger(__name__)

#: Refunds that one worker takes at a time: their calls together end within the first wait.
BATCH = 4
#: No new batch is begun later than this after a run began.
RUN_FOR = timedelta(seconds=20)


def send_refunds() -> int:
    """Every refund that is due was sent to its gateway or asked about there, and stands as the gateway says; how many
    answers came. One that fails stops no other."""
    ends = timezone.now() + RUN_FOR
    answered = 0
    while timezone.now() < ends and (claimed := claim(timezone.now())):
        answered += sum(_asked(refund) for refund in claimed)
    return answered


@transaction.atomic
def claim(now: datetime) -> list[Refund]:
    """Up to BATCH due refunds, past those that other workers hold. While a payment is disputed nothing new is sent."""
    frozen = Q(status=RefundStatus.REQUESTED, payment__withheld__gt=0)
    due = (
        Refund.objects.filter(next_attempt_at__lte=now, status__in=IN_FLIGHT)
        .exclude(frozen)
        .select_related("payment")
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .order_by("next_attempt_at", "pk")[:BATCH]
    )
    claimed = list(due)
    for refund in claimed:
        refund.attempts += 1
        refund.next_attempt_at = now + rules.ask_again_after(refund.attempts)
        if refund.status == RefundStatus.REQUESTED:
            refund.move_to(RefundStatus.SENT, by=None, at=now, fields=["attempts", "next_attempt_at"])
        else:
            refund.save(update_fields=["attempts", "next_attempt_at", "updated_at"])
    return claimed


def _asked(refund: Refund) -> bool:
    """False where no answer came, or what came could not be entered: it is asked about again later."""
    try:
        return _ask(refund)
    except (OperationalError, InterfaceError):
        raise  # the database's doing: the claims run out
    except Exception as error:  # noqa: BLE001  one that is broken must not stop the others
        log.warning("refund_not_applied", refund=refund.number, gateway=refund.gateway, error=type(error).__name__)
        _tell_after_many(refund, timezone.now())
        return False


def _ask(refund: Refund) -> bool:
    try:
        facts = _answer(refund)
    except gateways.Refused as error:
        refunds.refuse_refund(refund.pk, code=error.code or "refused", now=timezone.now())
    except (gateways.Unknown, gateways.NotConfigured) as error:
        log.warning("refund_unanswered", refund=refund.number, gateway=refund.gateway, code=error.code)
        _tell_after_many(refund, timezone.now())
        return False
    else:
        _apply(refund, facts, timezone.now())
    return True


def _answer(refund: Refund) -> gateways.RefundFacts:
    """What the gateway says of this refund. One that may have arrived there before is looked for first: a gateway
    remembers a key for a day only. While the payment is disputed nothing is sent, only looked for.

    Raises Refused, Unknown, NotConfigured.
    """
    gateway, payment = gateways.get(refund.gateway), refund.payment
    if refund.attempts > 1 or payment.withheld:
        known = gateway.look_up(payment.pk, checkout=payment.checkout_reference, reference=payment.gateway_reference)
        for facts in known.refunds if known else ():
            if facts.key == refund.pk or (facts.reference and facts.reference == refund.gateway_reference):
                return facts
        if refund.gateway_reference or payment.withheld:
            raise gateways.Unknown("not_seen")
    order = gateways.RefundOrder(
        key=refund.pk, payment_key=payment.pk, payment_reference=payment.gateway_reference, amount=refund.value
    )
    return gateway.refund(order)


@transaction.atomic
def _apply(refund: Refund, facts: gateways.RefundFacts, now: datetime) -> None:
    payment = refunds.locked_payment(refund.payment_id)
    refund_facts.apply_refund_facts(payment, facts, now)
    ledger.settle_payment(payment, code=f"refund_{facts.stage}", source=Source.CALL, now=now)


def _tell_after_many(refund: Refund, now: datetime) -> None:
    """A gateway that says nothing for so long is a person's business; asking goes on."""
    if refund.attempts >= rules.TOLD_AFTER and not refund.gateway_reference:
        tasks.open_task(
            MoneyTask.Kind.UNKNOWN, key=f"refund:{refund.pk}:unknown", payment=refund.payment, refund=refund,
            amount=refund.value, now=now,
        )  # fmt: skip
