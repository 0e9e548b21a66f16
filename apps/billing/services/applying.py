"""News of a payment, whoever tells it: the answer to a call, a webhook, the payer who came back, the sweep, staff.

All of it comes through `apply_facts`, under the locks of bill and payment. The same news twice changes nothing, and
news in any order end in the same.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.billing import exceptions, rules
from apps.billing.gateways import DisputeStage, Facts, RefundStage
from apps.billing.gateways import Mandate as MandateFacts
from apps.billing.models import Bill, LedgerKind, Mandate, MoneyTask, Payment, WebhookEvent
from apps.billing.workflow import BillStatus, PaymentStage, WebhookStatus
from apps.common.money import Money

from . import disputes, ledger, refund_facts, tasks

#: What gives money back to the payment is entered before what takes from it: told together, it covers that.
_MAKES_ROOM = frozenset({RefundStage.FAILED, DisputeStage.WON})


def apply_facts(
    gateway: str, facts: Facts, *, source: str, webhook: WebhookEvent | None = None, now: datetime | None = None
) -> Payment | None:
    """The payment stands as the gateway says, and so does its bill; None where no payment of ours is meant.

    Money that has come in is entered whatever has become of its bill meanwhile: for a cancelled or paid one a task
    opens, with what is to be given back.

    Raises Mismatch (nothing is entered; a task has opened, and admins are told), TooEarly (as it is news of money given
    back that we have not seen come in; the gateway will be asked).
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            return _apply(gateway, facts, source=source, webhook=webhook, now=now)
    except exceptions.Mismatch as contradiction:
        _quarantine(gateway, facts, contradiction, now=now)
        raise
    except exceptions.TooEarly:
        if payment_id := _id_of(gateway, facts):
            Payment.objects.filter(pk=payment_id).update(look_up_at=now)
        raise


def find(gateway: str, facts: Facts) -> Payment | None:
    """The payment that is meant: by our key, else by the gateway's own references."""
    rows = Payment.objects.filter(gateway=gateway)
    by = [("pk", facts.key), ("gateway_reference", facts.reference), ("checkout_reference", facts.checkout)]
    for column, value in by:
        if value and (found := rows.filter(**{column: value}).first()):
            return found
    return None


def _id_of(gateway: str, facts: Facts) -> UUID | None:
    found = find(gateway, facts)
    return found.pk if found else None


def locked(payment_id: UUID) -> Payment:
    """The payment with its bill, both locked until the transaction ends, the bill first."""
    bill_id = Payment.objects.values_list("bill", flat=True).get(pk=payment_id)
    bill = Bill.objects.lock(bill_id) if bill_id else None
    payment: Payment = Payment.objects.lock(payment_id)
    payment.bill = bill
    return payment


def _apply(gateway: str, facts: Facts, *, source: str, webhook: WebhookEvent | None, now: datetime) -> Payment | None:
    payment_id = _id_of(gateway, facts)
    if payment_id is None:
        return None
    payment = locked(payment_id)
    if webhook is not None and webhook.payment_id is None:
        webhook.payment = payment
    before, had, asked_at = _state(payment), bool(payment.captured), payment.look_up_at
    standing = payment.bill.status if payment.bill else ""
    captures = _captured(payment, facts)
    if (facts.refunds or facts.disputes) and not (captures or had):
        raise exceptions.TooEarly()
    _merge(payment, facts, captures=captures)
    if captures:
        ledger.enter(LedgerKind.CAPTURED, payment.value, key=f"payment:{payment.pk}:captured", payment=payment, now=now)
    payment.mandate = payment.mandate or _mandate(payment, facts.mandate)  # told with the money, or after it
    moved = captures or _state(payment) != before
    if moved:
        payment.look_up_at = rules.next_look_up(payment, now)
    code = _given_back(payment, facts, now=now)
    if moved or code:
        code = _code(payment) if moved else code
        ledger.settle_payment(payment, code="captured" if captures else code, source=source, now=now)
    elif payment.look_up_at != asked_at:
        payment.save(update_fields=["look_up_at", "updated_at"])
    if captures:
        look_at_bill(payment, standing, now=now)
    if captures or (payment.gateway_reference, payment.checkout_reference) != before[:2]:
        try_parked_again(payment, now=now)
    return payment


def _given_back(payment: Payment, facts: Facts, *, now: datetime) -> str:
    """What the news of refunds and disputes have changed, in a word; nothing for what we knew."""
    if not (facts.refunds or facts.disputes):
        return ""
    before = _returns(payment)
    for refund in sorted(facts.refunds, key=lambda one: one.stage not in _MAKES_ROOM):
        refund_facts.apply_refund_facts(payment, refund, now)
    for dispute in sorted(facts.disputes, key=lambda one: one.stage not in _MAKES_ROOM):
        disputes.apply_dispute_facts(payment, dispute, now)
    changed = _returns(payment) - before
    return min(changed)[0] if changed else ""


def _returns(payment: Payment) -> set[tuple[str, str]]:
    """How every refund and dispute stands: {("refund_succeeded", id)}."""
    return {
        (f"{name}_{status}", str(pk))
        for name, rows in (("refund", payment.refunds), ("dispute", payment.disputes))
        for pk, status in rows.values_list("pk", "status")  # type: ignore[attr-defined]
    }


def _state(payment: Payment) -> tuple[str, ...]:
    return (
        payment.gateway_reference, payment.checkout_reference, payment.stage, payment.failure_code, payment.method,
        str(payment.is_unknown), str(payment.mandate_id),
    )  # fmt: skip


def _captured(payment: Payment, facts: Facts) -> bool:
    """Whether these news are the first of money that came in. Raises Mismatch."""
    if facts.captured is None:
        return False
    if facts.captured.currency != payment.currency:
        raise exceptions.Mismatch(what=f"{facts.captured.currency}, {payment.currency}")
    if facts.captured != payment.value:
        raise exceptions.Mismatch(what=f"{facts.captured}, {payment.value}")
    if not payment.captured:
        return True
    if facts.reference and payment.gateway_reference and facts.reference != payment.gateway_reference:
        raise exceptions.Mismatch(what=f"{facts.reference}, {payment.gateway_reference}")
    return False


def _merge(payment: Payment, facts: Facts, *, captures: bool) -> None:
    """Stage, references and method only ever go forward, so that the order of the news does not matter.

    An attempt that failed leaves no reference: another one, with another reference, may follow.
    """
    stage = PaymentStage(facts.stage) if facts.stage else None
    if stage == PaymentStage.CAPTURED and facts.captured is None:
        stage = None  # how much it is has still to be said
    if stage:
        payment.stage = rules.further(payment.stage, stage)
    payment.checkout_reference = payment.checkout_reference or facts.checkout
    if captures or (not payment.captured and facts.reference and stage == PaymentStage.PROCESSING):
        payment.gateway_reference = facts.reference or payment.gateway_reference
    if stage in {PaymentStage.CAPTURED, PaymentStage.PROCESSING}:  # not every news of the same money says all of it
        payment.gateway_reference = payment.gateway_reference or facts.reference
        told = facts.method[:20]  # of what came in it is true, of what was tried before only until then
        payment.method = (told or payment.method) if stage == PaymentStage.CAPTURED else (payment.method or told)
    if payment.stage in {PaymentStage.EXPIRED, PaymentStage.CANCELLED, PaymentStage.CAPTURED}:
        payment.failure_code = ""
    elif facts.failure_code:
        payment.failure_code = facts.failure_code[:60]
    payment.is_unknown = False


def _code(payment: Payment) -> str:
    if payment.failure_code and payment.stage != PaymentStage.PROCESSING:
        return "declined"
    return {
        PaymentStage.OPEN: "page_opened",
        PaymentStage.PROCESSING: "processing",
        PaymentStage.FAILED: "failed",
        PaymentStage.EXPIRED: "expired",
        PaymentStage.CANCELLED: "cancelled",
    }.get(PaymentStage(payment.stage), "told")


def _mandate(payment: Payment, facts: MandateFacts | None) -> Mandate | None:
    """The payer's leave to charge again, where we asked for it and they gave it."""
    if facts is None or not payment.keeps_method:
        return None
    kept, _is_new = Mandate.objects.get_or_create(
        gateway=payment.gateway, customer=facts.customer, method=facts.method,
        defaults={"payer_id": payment.payer_id, "label": facts.label[:60]},
    )  # fmt: skip
    return kept


def look_at_bill(payment: Payment, standing: str, *, now: datetime) -> None:
    """Money for what was cancelled, or more than is owed, has to go back: a person does it, or says why not.
    `standing` is how the bill stood before."""
    bill = payment.bill
    if bill is None:
        return
    nothing = Money.zero(payment.currency)
    if standing == BillStatus.CANCELLED:
        kind, amount = MoneyTask.Kind.LATE_PAYMENT, payment.value
    else:
        kind, amount = MoneyTask.Kind.OVERPAYMENT, min(payment.value, max(-bill.balance, nothing))
    if amount > nothing:
        tasks.open_task(kind, key=f"{kind}:{payment.pk}", bill=bill, payment=payment, amount=amount, now=now)


def _quarantine(gateway: str, facts: Facts, contradiction: exceptions.Mismatch, *, now: datetime) -> None:
    """A person looks at it; the sweep asks again tomorrow, and not every minute."""
    payment = find(gateway, facts)
    if payment is None:
        return
    with transaction.atomic():
        tasks.open_task(
            MoneyTask.Kind.MISMATCH, key=f"mismatch:{payment.pk}:{facts.captured}"[:120], bill=payment.bill,
            payment=payment, amount=facts.captured, now=now,
        )  # fmt: skip


def try_parked_again(payment: Payment, *, now: datetime) -> int:
    """Of the webhooks that wait for what we do not know yet, those that name this payment are applied now; how many
    there are. News of another shop's payments in the same account, of which there may be any number, stay."""
    named = Q(body__contains=str(payment.pk))
    for reference in (payment.gateway_reference, payment.checkout_reference):
        if reference:
            named |= Q(body__contains=reference)
    parked = WebhookEvent.objects.filter(
        named, sender=payment.gateway, status=WebhookStatus.PARKED, received_at__gt=now - rules.PARKED_FOR
    )
    waiting = parked.filter(Q(next_attempt_at=None) | Q(next_attempt_at__gt=now)).order_by("id")
    # What another worker is at this moment is left to it: waiting for it here, with locks held, could be a deadlock.
    rows = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True).values_list("pk", flat=True)
    return WebhookEvent.objects.filter(pk__in=list(rows)).update(next_attempt_at=now)
