"""Verbs on payments: record one, reverse one."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.common.exceptions import NotFound, raise_if
from apps.media.models import StoredFile

from . import rules, signals
from .models import Payment


@transaction.atomic
def record_payment(
    *,
    payer: User,
    amount: Decimal,
    currency: str,
    method: str,
    received_on: date,
    by: User,
    reference: str = "",
    proof: StoredFile | None = None,
    subject_type: str = "",
    subject_id: UUID | None = None,
    subject_label: str = "",
    now: datetime | None = None,
) -> Payment:
    """The money stands to the payer's account, and whoever sold the subject hears of it. `amount` in `currency` (ISO
    4217), `received_on` a day in UTC.

    Raises Forbidden, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    raise_if(rules.why_wrong_amount(amount, currency))
    raise_if(rules.why_not_received_on(received_on, today=now.date()))
    payment = Payment.objects.create(
        payer=payer, amount=amount, currency=currency, method=method, received_on=received_on,
        reference=reference.strip(), proof=proof, subject_type=subject_type, subject_id=subject_id,
        subject_label=subject_label, recorded_by=by,
    )  # fmt: skip
    if subject_type and subject_id:
        signals.payment_received.send(Payment, payment=payment, now=now)
    return payment


@transaction.atomic
def reverse_payment(payment_id: Any, *, by: User, reason: str, now: datetime | None = None) -> Payment:
    """A second row takes the payment back, whole; both stay. Two at once: one of them is refused.

    Raises NotFound, Forbidden, NotReversible, AlreadyReversed, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    try:
        payment = Payment.objects.visible_to(by).lock(payment_id)
    except Payment.DoesNotExist:
        raise NotFound() from None
    raise_if(rules.why_not_reverse(payment.status, reason=reason))
    return Payment.objects.create(
        payer=payment.payer, amount=payment.amount, currency=payment.currency, method=payment.method,
        received_on=now.date(), subject_type=payment.subject_type, subject_id=payment.subject_id,
        subject_label=payment.subject_label, recorded_by=by, reverses=payment, reversal_reason=reason.strip(),
    )  # fmt: skip
