"""What a gateway says of a refund: applied under the payment's lock, in whichever order the news comes."""

from datetime import datetime

from apps.billing import gateways, rules
from apps.billing.models import MoneyTask, Payment, Refund
from apps.billing.workflow import IN_FLIGHT, PaymentStage, RefundStatus
from apps.common.money import Money

from . import ledger, refunds, tasks

#: The code of refunds that the gateway cannot have made, as the money went another way.
SUPERSEDED = "superseded"
_NEWS = {
    gateways.RefundStage.PENDING: RefundStatus.SENT,
    gateways.RefundStage.SUCCEEDED: RefundStatus.SUCCEEDED,
    gateways.RefundStage.FAILED: RefundStatus.FAILED,
}
#: Later ones win: money that came back stays back, whatever is told of the time before.
_RANK = {status: rank for rank, status in enumerate(("requested", "sent", "succeeded", "failed"))}


def apply_refund_facts(payment: Payment, facts: gateways.RefundFacts, now: datetime) -> Refund | None:
    """The refund stands as the gateway has it: ours by its key, or by the reference that was told before; any other was
    made at the gateway's own page, and becomes a refund of ours and a task. Each fact is entered once.

    Called with the bill's and the payment's locks held and, where the same news tells of it, after the capture was
    entered; the caller settles the payment afterwards. What there is no captured money for yet is not entered: the
    gateway is asked for the whole payment (`look_up_at`). What there never can be is a task.
    """
    refund = _known(payment, facts)
    wrong = facts.amount.currency != payment.currency or (refund is not None and facts.amount != refund.value)
    if wrong or (refund is not None and refund.status == RefundStatus.CANCELLED):
        _contradiction(payment, refund, facts, now)
        return refund
    status = _NEWS[facts.stage]
    if status != RefundStatus.FAILED and _is_news(refund, status) and not _is_covered(payment, refund, facts, now):
        return refund
    if refund is None:
        refund = _made_elsewhere(payment, facts, now)
    _merge(refund, status, facts, now)
    make_room(payment, now)
    return refund


def make_room(payment: Payment, now: datetime) -> None:
    """Refunds under way that there is no money for any more, because it was given back at the gateway's own page or
    lost in a dispute, are given up where they were never sent, and held to have failed where the gateway has not
    confirmed them: the gateway is asked for the whole payment, and has the last word. Under the payment's lock."""
    flying = list(payment.refunds.filter(status__in=IN_FLIGHT).select_for_update(of=("self",), no_key=True))
    if not flying:
        return
    sums = ledger.sums_of(payment)
    room = Money(sums["captured"] - sums["refunded"] - sums["lost"], payment.currency)
    for refund in rules.not_covered(flying, room):
        refund.payment = payment
        if refund.status == RefundStatus.SENT:
            payment.look_up_at = now
            refunds.fail(refund, code=SUPERSEDED, now=now)
            continue
        refund.next_attempt_at, refund.failure_code = None, SUPERSEDED
        refund.move_to(
            RefundStatus.CANCELLED, by=None, at=now, note=SUPERSEDED, fields=["next_attempt_at", "failure_code"]
        )
        tasks.open_task(
            MoneyTask.Kind.REFUND_FAILED, key=f"refund:{refund.pk}:failed", payment=payment, refund=refund,
            amount=refund.value, now=now,
        )  # fmt: skip


def _known(payment: Payment, facts: gateways.RefundFacts) -> Refund | None:
    ours = payment.refunds.select_for_update(of=("self",), no_key=True)
    refund = ours.filter(pk=facts.key).first() if facts.key else None
    if refund is None and facts.reference:
        refund = ours.filter(gateway_reference=facts.reference).first()
    if refund is not None:
        refund.payment = payment
    return refund


def _is_news(refund: Refund | None, status: str) -> bool:
    """What the gateway has said to have failed has failed; what only we held to have failed may yet be made."""
    if refund is None:
        return True
    if refund.status == RefundStatus.FAILED and not refund.gateway_reference:
        return True
    return _RANK[status] > _RANK[refund.status]


def _is_covered(payment: Payment, refund: Refund | None, facts: gateways.RefundFacts, now: datetime) -> bool:
    """Whether there is captured money for it. Without, other news is on its way, and the gateway is asked for all of
    it; or it can never be true."""
    sums = ledger.sums_of(payment)
    left = Money(sums["captured"] - sums["refunded"], payment.currency)
    if facts.amount > left and payment.stage == PaymentStage.CAPTURED:
        _contradiction(payment, refund, facts, now)
        return False
    confirmed = payment.refunds.filter(status__in=IN_FLIGHT).exclude(gateway_reference="")
    others = [other.value for other in confirmed if refund is None or other.pk != refund.pk]
    if facts.amount > left - Money.total(others, payment.currency):
        payment.look_up_at = now
        return False
    return True


def _made_elsewhere(payment: Payment, facts: gateways.RefundFacts, now: datetime) -> Refund:
    refund = Refund.objects.create(
        payment=payment, gateway=payment.gateway, amount=facts.amount.amount, currency=facts.amount.currency,
        status=RefundStatus.SENT, cause=Refund.Cause.EXTERNAL, gateway_reference=facts.reference,
        next_attempt_at=now + rules.ask_again_after(1), attempts=1,
    )  # fmt: skip
    tasks.open_task(
        MoneyTask.Kind.EXTERNAL_REFUND, key=f"refund:{refund.pk}:external", payment=payment, refund=refund,
        amount=refund.value, now=now,
    )  # fmt: skip
    return refund


def _merge(refund: Refund, status: str, facts: gateways.RefundFacts, now: datetime) -> None:
    is_news, before = _is_news(refund, status), refund.gateway_reference
    refund.gateway_reference = before or facts.reference
    if is_news and status == RefundStatus.SUCCEEDED:
        refunds.give_back(refund, now=now)
    elif is_news and status == RefundStatus.FAILED and refund.status != RefundStatus.FAILED:
        refunds.fail(refund, code=facts.failure or "failed", now=now)
    elif is_news and status == RefundStatus.SENT and refund.status != RefundStatus.SENT:
        refund.next_attempt_at, refund.failure_code = now + rules.ask_again_after(1), ""
        fields = ["next_attempt_at", "failure_code", "gateway_reference"]
        refund.move_to(RefundStatus.SENT, by=None, at=now, fields=fields)
    elif refund.gateway_reference != before:
        refund.save(update_fields=["gateway_reference", "updated_at"])


def _contradiction(payment: Payment, refund: Refund | None, facts: gateways.RefundFacts, now: datetime) -> None:
    tasks.open_task(
        MoneyTask.Kind.MISMATCH, key=f"refund:{payment.gateway}:{facts.reference[:80]}:mismatch", payment=payment,
        refund=refund, amount=facts.amount, now=now,
    )  # fmt: skip
