"""Verbs on payments: record one, reverse one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import rules
from apps.billing.models import Bill, GatewayCode, LedgerKind, Payment
from apps.billing.workflow import PaymentStage, Source
from apps.common.exceptions import NotFound, raise_if
from apps.media.models import StoredFile

from . import applying, ledger, paying


@transaction.atomic
def record_payment(
    *,
    payer: User,
    amount: Decimal,
    currency: str,
    method: str,
    received_on: date,
    by: User,
    bill: Bill | None = None,
    reference: str = "",
    proof: StoredFile | None = None,
    subject_type: str = "",
    subject_id: UUID | None = None,
    subject_label: str = "",
    now: datetime | None = None,
) -> Payment:
    """The money stands to the payer's account, or is paid for `bill` (of the same payer, in its currency), and whoever
    sold the subject hears of it. More than is owed is a task. `amount` in `currency` (ISO 4217), `received_on` a day in
    UTC.

    Raises Forbidden, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    raise_if(rules.why_wrong_amount(amount, currency))
    raise_if(rules.why_not_received_on(received_on, today=now.date()))
    standing = ""
    if bill is not None:
        bill = Bill.objects.lock(bill.pk)
        raise_if(rules.why_not_for_bill(bill, payer_id=payer.pk, currency=currency))
        standing, subject_label = bill.status, bill.subject_label
        subject_type, subject_id = bill.subject_type, bill.subject_id
    payment = Payment.objects.create(
        payer=payer, amount=amount, currency=currency, gateway=GatewayCode.OFFLINE, method=method, bill=bill,
        received_on=received_on, reference=reference.strip(), proof=proof, subject_type=subject_type,
        subject_id=subject_id, subject_label=subject_label, recorded_by=by, stage=PaymentStage.CAPTURED,
        hospital_id=bill.hospital_id if bill else None,
    )  # fmt: skip
    ledger.enter(
        LedgerKind.CAPTURED, payment.value, key=f"payment:{payment.pk}:captured", payment=payment, by=by, now=now
    )
    ledger.settle_payment(payment, code="recorded", source=Source.STAFF, by=by, now=now)
    applying.look_at_bill(payment, standing, now=now)
    return payment


@transaction.atomic
def enter_payment(
    *,
    by: User,
    bill_id: UUID | None = None,
    subject: tuple[str, UUID] | None = None,
    amount: Decimal,
    method: str,
    received_on: date,
    reference: str = "",
    coupon_code: str = "",
    now: datetime | None = None,
) -> Payment:
    """As `record_payment`, for a bill in its own currency; what was sold and has none yet gets it now.

    Raises NotFound, Forbidden, Invalid, and as `bill_to_pay`.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    bill = paying.bill_to_pay(by, bill_id, subject, now, coupon_code=coupon_code)
    return record_payment(
        payer=bill.payer, amount=amount, currency=bill.currency, method=method, received_on=received_on, by=by,
        bill=bill, reference=reference, now=now,
    )  # fmt: skip


@transaction.atomic
def reverse_payment(payment_id: Any, *, by: User, reason: str, now: datetime | None = None) -> Payment:
    """What staff entered by mistake is taken back, whole; the entry stays and says why. Two at once: one is refused.

    Raises NotFound, Forbidden, NotReversible, AlreadyReversed, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    seen = Payment.objects.visible_to(by).filter(pk=payment_id).values_list("bill", flat=True).first()
    if seen is not None:
        Bill.objects.lock(seen)
    try:
        payment = Payment.objects.visible_to(by).lock(payment_id)
    except Payment.DoesNotExist:
        raise NotFound() from None
    raise_if(rules.why_not_reverse(payment, reason=reason))
    payment.reversed_at, payment.reversal_reason = now, reason.strip()
    payment.stage = PaymentStage.CANCELLED
    ledger.enter(
        LedgerKind.REVERSED, payment.value, key=f"payment:{payment.pk}:reversed", payment=payment, by=by, now=now
    )
    return ledger.settle_payment(payment, code="reversed", source=Source.STAFF, by=by, now=now)
