"""Paying through a gateway: a row first, then the call, outside any transaction.

Whoever dies in between leaves a row that says what was meant: the same request goes on with it, and so does the sweep,
with the same key. No two call a gateway about one payment at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, gateways, payables, rules, selectors
from apps.billing.models import Bill, GatewayCode, Mandate, Payment
from apps.billing.workflow import PaymentStage, Source
from apps.common import ids
from apps.common.exceptions import Busy, NotFound, Unavailable, raise_if
from apps.common.money import Money

from . import applying, ledger

log = structlog.get_logger(__name__)

Made = TypeVar("Made")
#: Pages that are closed for one that is asked for; a bill seldom has a second.
_MOST_PAGES_IN_THE_WAY = 5


def start_payment(
    *,
    by: User | None,
    gateway: str,
    bill_id: UUID | None = None,
    subject: tuple[str, UUID] | None = None,
    amount: Decimal | None = None,
    keep_method: bool = False,
    return_url: str = "",
    now: datetime | None = None,
) -> Payment:
    """A page is open at the gateway on which the payer pays `amount` of the bill (without one what is due now), and no
    other page of this bill is. Where one of the same amount is open there, it is that one. Not within a transaction.

    The gateway may have said no (`stage` failed, with its code) or nothing (`is_unknown`: ask again, or wait for the
    sweep). Afterwards the payer is sent on to `return_url`, which gets `payment`; without one to our own page.

    `by` None is Medivoy itself, which has looked at who may (the payer of a subscription is staff, or a doctor).

    Raises NotFound, Forbidden, Invalid, NothingOwed, PaymentUnderWay, GatewayNotOffered, Busy, Unavailable.
    """
    begun = clear_the_way(
        lambda: begin_payment(
            by=by, gateway=gateway, bill_id=bill_id, subject=subject, amount=amount, keep_method=keep_method,
            return_url=return_url, now=now,
        )
    )  # fmt: skip
    return open_page(begun.pk)


def clear_the_way(begin: Callable[[], Made]) -> Made:
    """What `begin` makes, after whatever page of the same bill stood in its way was closed."""
    for _time in range(_MOST_PAGES_IN_THE_WAY):
        try:
            return begin()
        except exceptions.PageInTheWay as other:
            close_page(UUID(str(other.payment_id)))
    raise Busy()


@transaction.atomic
def begin_payment(
    *,
    by: User | None,
    gateway: str,
    bill_id: UUID | None = None,
    subject: tuple[str, UUID] | None = None,
    amount: Decimal | None = None,
    keep_method: bool = False,
    return_url: str = "",
    coupon_code: str = "",
    now: datetime | None = None,
) -> Payment:
    """The payment is a row; its page is still to be opened (`open_page`). Raises as `start_payment`, PageInTheWay, and
    as `bill_to_pay`."""
    now = now or timezone.now()
    if by is not None:
        raise_if(rules.why_not_pay(role=by.role))
    raise_if(rules.why_not_return_to(return_url, settings.PAYMENT_RETURN_ORIGINS))
    bill = bill_to_pay(by, bill_id, subject, now, coupon_code=coupon_code)
    raise_if(rules.why_not_owed(bill.status, bill.balance))
    wanted = due = _due(bill)
    if amount is not None:
        raise_if(rules.why_wrong_part(amount, bill.balance, due=due, role=by.role if by else None))
        wanted = Money(amount, bill.currency)
    if gateway not in gateways.offered(wanted):
        raise exceptions.GatewayNotOffered()
    if same := _under_way(bill, gateway, wanted, keep_method=keep_method, now=now):
        return same
    return _row(bill, gateway, wanted, keeps_method=keep_method, return_url=return_url, by=by, now=now)


def open_page(payment_id: UUID) -> Payment:
    """The gateway's page of this payment is open, or it is known why not; where it is open already nothing is done.
    The gateway is called with the payment's own key: however often, it is one page. Raises Busy."""
    with calling(payment_id):
        payment = Payment.objects.select_related("payer").get(pk=payment_id)
        return _ask_for_page(payment) if rules.wants_page(payment) else payment


def close_page(payment_id: UUID) -> Payment:
    """Nobody can pay on this page any more; if somebody has, it is entered. Raises Busy, Unavailable."""
    with calling(payment_id):
        payment = Payment.objects.get(pk=payment_id)
        # Nobody has the address of a page that we do not know: it need not be closed, be its gateway away for hours.
        if payment.checkout_reference and not rules.wants_page(payment):
            gateway = gateways.get(payment.gateway)
            try:
                gateway.close_checkout(payment.checkout_reference)
                facts = gateway.look_up(
                    payment.pk, checkout=payment.checkout_reference, reference=payment.gateway_reference
                )
            except gateways.GatewayError as error:
                raise Unavailable(retry_after=60) from error
            if facts is not None:
                applying.apply_facts(payment.gateway, facts, source=Source.CALL)
        return _closed(payment_id, timezone.now())


def charge_mandate(bill_id: UUID, mandate: Mandate, *, now: datetime | None = None) -> Payment:
    """What is owed of the bill was charged to the payer's kept method, or was declined (`failure_code`), or it is not
    known (`is_unknown`; the sweep goes on with it). Asked again meanwhile it is the same payment, charged once; and
    where the payer is just paying on a page, or their bank takes its time over that, it is that payment, and nothing is
    charged. Not within a transaction. Raises NotFound, NothingOwed, GatewayNotOffered, Busy.
    """
    payment = _begin_charge(bill_id, mandate, now or timezone.now())
    return charge(payment.pk)


def charge(payment_id: UUID) -> Payment:
    """The gateway was asked to charge; with the payment's key, so that it does it once. Raises Busy."""
    with calling(payment_id):
        payment = Payment.objects.select_related("payer", "mandate").get(pk=payment_id)
        if payment.stage != PaymentStage.OPEN or payment.mandate is None:
            return payment
        kept = payment.mandate
        mandate = gateways.Mandate(customer=kept.customer, method=kept.method, label=kept.label)
        try:
            facts = gateways.get(payment.gateway).charge(_order(payment), mandate)
        except gateways.Unknown as error:
            return _unknown(payment.pk, error.code)
        except gateways.GatewayError as error:
            return fail(payment.pk, error.code)
        try:
            applying.apply_facts(payment.gateway, facts, source=Source.CALL)
        except exceptions.Mismatch:
            log.warning("gateway_contradicts", payment=str(payment.pk))
        return Payment.objects.get(pk=payment.pk)


@contextmanager
def calling(payment_id: UUID) -> Iterator[None]:
    """Nobody else calls a gateway about this payment meanwhile. Held by the database's session and not by a
    transaction, none of which is open during a call; a process that dies lets go of it at once. Raises Busy."""
    key = [f"billing.payment:{payment_id}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        if not cursor.fetchone()[0]:
            raise Busy(retry_after=1)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def bill_to_pay(
    by: User | None, bill_id: UUID | None, subject: tuple[str, UUID] | None, now: datetime, *, coupon_code: str = ""
) -> Bill:
    """The bill, locked. What was sold and has none yet gets it now, with the coupon; so does what nobody has begun to
    pay. Raises NotFound, what its seller refuses, a coupon's refusals, and BillDiffers where the bill stands without
    that coupon."""
    code = rules.coupon_code(coupon_code)
    if subject is not None:
        kind, subject_id = subject
        found = None if code else selectors.open_bill_of(kind, subject_id)
        found = found or payables.open_for(kind, subject_id, by=by, coupon_code=code, now=now)
        bill_id = found.pk
    seen = Bill.objects.all() if by is None else Bill.objects.visible_to(by)
    if bill_id is None or not seen.filter(pk=bill_id).exists():
        raise NotFound()
    bill: Bill = Bill.objects.lock(bill_id)
    if code and selectors.coupon_code_of(bill) != code:
        raise exceptions.BillDiffers()
    return bill


def _due(bill: Bill) -> Money:
    parts = bill.instalments.order_by("position").values_list("owed", flat=True)
    return rules.due_now([Money(part, bill.currency) for part in parts], bill.balance)


def _under_way(bill: Bill, gateway: str, wanted: Money, *, keep_method: bool, now: datetime) -> Payment | None:
    """The payment whose page will do. Raises PaymentUnderWay, PageInTheWay. Under the bill's lock."""
    unpaid = {PaymentStage.OPEN, PaymentStage.PROCESSING, PaymentStage.FAILED}
    others = bill.payments.exclude(gateway=GatewayCode.OFFLINE).filter(captured=0, stage__in=unpaid)
    for other in others.order_by("-created_at"):
        is_charge = other.mandate_id is not None and other.stage == PaymentStage.OPEN
        if other.stage == PaymentStage.PROCESSING or is_charge:
            raise exceptions.PaymentUnderWay()
        if not rules.is_live(other, now):
            continue
        if other.stage == PaymentStage.OPEN and (other.gateway, other.value, other.keeps_method) == (
            gateway, wanted, keep_method,
        ):  # fmt: skip
            return other
        raise exceptions.PageInTheWay(other.pk)
    return None


def _row(bill: Bill, gateway: str, wanted: Money, *, by: User | None, now: datetime, **more: object) -> Payment:
    payment = Payment(
        id=ids.uuid7(), payer_id=bill.payer_id, bill=bill, hospital_id=bill.hospital_id, gateway=gateway,
        amount=wanted.amount, currency=wanted.currency, subject_type=bill.subject_type, subject_id=bill.subject_id,
        subject_label=bill.subject_label, checkout_expires_at=now.replace(microsecond=0) + rules.PAGE_OPEN_FOR, **more,
    )  # fmt: skip
    payment.look_up_at = rules.next_look_up(payment, now)  # whoever dies before the call is followed by the sweep
    payment.save(force_insert=True)
    return ledger.settle_payment(payment, code="created", source=Source.SYSTEM, by=by, now=now)


@transaction.atomic
def _begin_charge(bill_id: UUID, mandate: Mandate, now: datetime) -> Payment:
    try:
        bill = Bill.objects.lock(bill_id)
    except Bill.DoesNotExist:
        raise NotFound() from None
    raise_if(rules.why_not_owed(bill.status, bill.balance))
    for begun in bill.payments.filter(captured=0, stage__in=[PaymentStage.OPEN, PaymentStage.PROCESSING]):
        if begun.mandate_id or begun.stage == PaymentStage.PROCESSING or rules.is_live(begun, now):
            return begun
    gateway = gateways.get(mandate.gateway)
    if not (gateway.charges_later and gateway.is_configured() and gateway.takes(bill.balance)):
        raise exceptions.GatewayNotOffered()
    return _row(bill, mandate.gateway, bill.balance, mandate=mandate, by=None, now=now)


def _order(payment: Payment) -> gateways.Order:
    """Built from the row alone, so that the same call says the same. Nothing in it tells what was sold."""
    ours = settings.PUBLIC_URL.rstrip("/") + reverse("pay-return", args=[payment.pk])
    back = payment.return_url
    if back:
        back += ("&" if "?" in back else "?") + urlencode({"payment": str(payment.pk)})
    return gateways.Order(
        key=payment.pk, number=payment.number, amount=payment.value, description=f"Medivoy {payment.number}",
        payer_email=payment.payer.email, payer_name=payment.payer.full_name, language=payment.payer.language,
        return_url=back or ours, cancel_url=back or ours,
        expires_at=payment.checkout_expires_at or payment.created_at + rules.PAGE_OPEN_FOR,
        keep_method=payment.keeps_method,
    )  # fmt: skip


def _ask_for_page(payment: Payment) -> Payment:
    try:
        checkout = gateways.get(payment.gateway).open_checkout(_order(payment))
    except gateways.Unknown as error:
        return _unknown(payment.pk, error.code)
    except gateways.GatewayError as error:
        return fail(payment.pk, error.code)
    return _page_opened(payment.pk, checkout, timezone.now())


@transaction.atomic
def _page_opened(payment_id: UUID, checkout: gateways.Checkout, now: datetime) -> Payment:
    payment = applying.locked(payment_id)
    payment.checkout_reference, payment.checkout_url = checkout.reference, checkout.url
    payment.checkout_expires_at, payment.is_unknown = checkout.expires_at, False
    payment.look_ups = 0
    payment.look_up_at = rules.next_look_up(payment, now)
    applying.try_parked_again(payment, now=now)
    return ledger.settle_payment(payment, code="page_opened", source=Source.CALL, now=now)


@transaction.atomic
def _unknown(payment_id: UUID, code: str) -> Payment:
    """Nobody knows whether the gateway has acted: the sweep will ask."""
    now = timezone.now()
    payment = applying.locked(payment_id)
    if payment.stage != PaymentStage.OPEN:  # it has told otherwise meanwhile
        return payment
    payment.is_unknown = True
    payment.look_up_at = rules.next_look_up(payment, now)
    return ledger.settle_payment(payment, code="unknown", source=Source.CALL, note=code[:60], now=now)


@transaction.atomic
def fail(payment_id: UUID, code: str) -> Payment:
    """Nothing has happened at the gateway, and nothing will."""
    now = timezone.now()
    payment = applying.locked(payment_id)
    if payment.stage != PaymentStage.OPEN:
        return payment
    payment.stage, payment.failure_code, payment.is_unknown = PaymentStage.FAILED, code[:60] or "refused", False
    payment.look_up_at = None
    return ledger.settle_payment(payment, code="failed", source=Source.CALL, note=payment.failure_code, now=now)


@transaction.atomic
def _closed(payment_id: UUID, now: datetime) -> Payment:
    payment = applying.locked(payment_id)
    if payment.captured or payment.stage not in {PaymentStage.OPEN, PaymentStage.FAILED}:
        return payment
    payment.stage, payment.checkout_expires_at, payment.is_unknown = PaymentStage.EXPIRED, now, False
    payment.look_up_at = rules.next_look_up(payment, now)
    return ledger.settle_payment(payment, code="page_closed", source=Source.CALL, now=now)
