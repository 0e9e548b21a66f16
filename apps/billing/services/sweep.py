"""Asking gateways how payments stand: the net below every webhook, every answer and every process that was lost."""

import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, F, When
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, gateways, rules
from apps.billing.models import GatewayCode, MoneyTask, Payment
from apps.billing.workflow import PaymentStage, Source
from apps.common import redis, throttling
from apps.common.exceptions import Busy, NotFound, TooMany, raise_if

from . import applying, paying, tasks

log = structlog.get_logger(__name__)

#: Payments that one worker takes at a time, and for how long they are its own: longer than asking about all of them.
BATCH = 20
CLAIMED_FOR = timedelta(minutes=10)
_LOOKS = throttling.Limit("billing.look", attempts=1, seconds=int(rules.LOOK_AGAIN_AFTER.total_seconds()))


def ask_gateways(*, for_seconds: float | None = None) -> int:
    """Every payment that was due to be asked about stands as its gateway says; how many there were. Any number of
    workers side by side; one that dies leaves a claim that runs out. `for_seconds` ends it early, between two."""
    ends = None if for_seconds is None else time.monotonic() + for_seconds
    asked = 0
    while batch := _claim(timezone.now()):
        for index, payment_id in enumerate(batch):
            if ends is not None and time.monotonic() >= ends:
                left = Payment.objects.filter(pk__in=batch[index:])  # they were not asked about: it counts as no time
                left.update(look_up_at=timezone.now(), look_ups=Greatest(F("look_ups") - 1, 0))
                return asked
            try:
                ask(payment_id, source=Source.SWEEP)
            except Busy:
                continue  # somebody asks about it this moment; its claim runs out if they die
            except Exception as error:  # noqa: BLE001  one that cannot be asked about must not stop the others
                log.warning("sweep_failed", payment=str(payment_id), error=type(error).__name__)
                continue
            asked += 1
    return asked


def ask(payment_id: UUID, *, source: str) -> Payment:
    """The gateway was asked, and what it said is applied; or it did not answer, and will be asked again. Not within a
    transaction. Raises Busy."""
    with paying.calling(payment_id):
        payment = Payment.objects.select_related("bill").get(pk=payment_id)
        if payment.gateway != GatewayCode.OFFLINE:
            _ask(payment, source)
        return _schedule(payment_id, timezone.now())


def ask_now(payment_id: UUID, *, by: User) -> Payment:
    """Staff want to know how a payment stands this moment. Raises NotFound, Forbidden, NotAskable, Busy."""
    raise_if(rules.why_not_record(role=by.role))
    payment = Payment.objects.visible_to(by).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound()
    if payment.gateway == GatewayCode.OFFLINE:
        raise exceptions.NotAskable()
    return ask(payment.pk, source=Source.STAFF)


def look_again(payment: Payment) -> Payment:
    """The payer has come back and wants to know: while it is not settled the gateway is asked, once in some seconds
    however many ask us. Whatever keeps us from asking, what we know is the answer."""
    if payment.captured or payment.stage not in {PaymentStage.OPEN, PaymentStage.PROCESSING}:
        return payment
    if payment.gateway == GatewayCode.OFFLINE:
        return payment
    try:
        _LOOKS.take(str(payment.pk))
        return ask(payment.pk, source=Source.RETURN)
    except (TooMany, redis.RedisUnavailable, Busy):
        return Payment.objects.get(pk=payment.pk)


@transaction.atomic
def _claim(now: datetime) -> list[UUID]:
    came_in = Case(When(captured=0, then=0), default=1)
    # Somebody waits for what has not come in yet: it stands behind no quarter's payments that are to be compared again.
    due = Payment.objects.filter(look_up_at__lte=now).order_by(came_in, "look_up_at")
    rows = due.select_for_update(skip_locked=True, of=("self",), no_key=True).values_list("pk", flat=True)
    batch = list(rows[:BATCH])
    Payment.objects.filter(pk__in=batch).update(look_up_at=now + CLAIMED_FOR, look_ups=F("look_ups") + 1)
    return batch


def _ask(payment: Payment, source: str) -> None:
    gateway = gateways.get(payment.gateway)
    try:
        facts = gateway.look_up(payment.pk, checkout=payment.checkout_reference, reference=payment.gateway_reference)
    except gateways.GatewayError as error:
        log.info("gateway_silent", payment=str(payment.pk), gateway=payment.gateway, code=error.code)
        return
    if facts is None:
        _never_heard_of(payment)
        return
    try:
        applying.apply_facts(payment.gateway, facts, source=source)
    except (exceptions.Mismatch, exceptions.TooEarly) as contradiction:
        log.warning("gateway_contradicts", payment=str(payment.pk), code=contradiction.code)


def _never_heard_of(payment: Payment) -> None:
    """No call of ours has arrived. A charge is made then, with the same key, while it is still owed; a page that nobody
    has opened within the hour will not be."""
    if payment.stage != PaymentStage.OPEN or payment.checkout_reference:
        return
    is_old = timezone.now() - payment.created_at > rules.PAGE_EXPECTED_WITHIN
    is_owed = payment.bill is not None and rules.why_not_owed(payment.bill.status, payment.bill.balance) is None
    if payment.mandate_id is not None and is_owed:
        paying.charge(payment.pk)
    elif is_old:
        paying.fail(payment.pk, "never_opened")


@transaction.atomic
def _schedule(payment_id: UUID, now: datetime) -> Payment:
    payment = applying.locked(payment_id)
    if payment.gateway == GatewayCode.OFFLINE:
        payment.look_up_at = None
    else:
        payment.look_up_at = rules.next_look_up(payment, now)
    payment.save(update_fields=["look_up_at", "updated_at"])
    is_open = not payment.captured and payment.stage in {PaymentStage.OPEN, PaymentStage.PROCESSING}
    if payment.look_up_at is None and is_open:
        tasks.open_task(
            MoneyTask.Kind.UNKNOWN, key=f"unknown:{payment.pk}", payment=payment, amount=payment.value, now=now
        )
    return payment
