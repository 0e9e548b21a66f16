"""Room: what patients paid for their consultations, by the test gateway's word, and what has become of that since.

The gateway itself is not running yet: its news are made here and applied as any news are.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from apps.billing import gateways
from apps.billing import services as billing_services
from apps.billing.models import Bill, GatewayCode, Payment, Refund
from apps.billing.services import ledger
from apps.billing.workflow import BillStatus, Source
from apps.bookings.querysets import PAID_AS
from apps.common.money import Money

from . import casting, clock, staff

#: How many of those who have been seen have paid, and how many of those who are still to come.
SHARE_PAID, SHARE_PAID_AHEAD = 0.9, 0.55
#: Of what was paid: entered by staff as cash, and declined before it went through.
SHARE_CASH, SHARE_DECLINED = 0.08, 0.06
METHODS = ("card", "card", "card", "upi", "netbanking", "wallet")
#: Words of the gateway.
SOURCE = Source.WEBHOOK
CUT_SHORT = "The consultation was cut short."
NOT_WANTED = "The patient was charged for a consultation that the hospital gives away."
COUPONS = (
    {"code": "WELCOME10", "kind": "percent", "percent": Decimal(10), "note": "First treatment", "total_limit": 500},
    {"code": "SPRING25", "kind": "fixed", "amount": Decimal(25), "currency": "USD", "minimum": Decimal(200),
     "note": "Spring campaign", "user_limit": 1},
)  # fmt: skip


def load(now: datetime) -> int:
    """How many payments there are."""
    chance = casting.dice("fees")
    load_coupons(now)
    bills = Bill.objects.filter(subject_type=PAID_AS, status=BillStatus.OPEN).select_related("payer", "hospital")
    told = list(STORIES)
    for bill in bills.order_by("created_at", "number"):
        is_past = bill.begins_at is not None and bill.begins_at < now
        at = _paid_at(bill, now, chance)
        if chance.random() >= (SHARE_PAID if is_past else SHARE_PAID_AHEAD):
            _perhaps_begun(bill, at, now, chance)
        elif is_past and chance.random() < SHARE_CASH:
            _cash(bill, at)
        else:
            payment = captured(bill, at, chance)
            if is_past and told and at < now - timedelta(days=3):
                told.pop(0)(payment, at + timedelta(days=1))
    return Payment.objects.count()


def load_coupons(now: datetime) -> None:
    admin = staff.admin()
    with clock.acting(admin, now - timedelta(days=60)):
        for given in COUPONS:
            billing_services.create_coupon(by=admin, **given)


def captured(bill: Bill, at: datetime, chance: random.Random, amount: Money | None = None) -> Payment:
    """The payer paid on the gateway's page, some after a first card was declined."""
    payment = begun(bill, at, chance, amount)
    with clock.standing_at(at + timedelta(minutes=4)):
        if chance.random() < SHARE_DECLINED:
            tell(payment, stage=gateways.Stage.OPEN, failure_code="card_declined")
    with clock.standing_at(at + timedelta(minutes=6)):
        tell(
            payment, reference=f"sbp_{payment.pk.hex[-12:]}", stage=gateways.Stage.CAPTURED, captured=payment.value,
            method=chance.choice(METHODS),
        )  # fmt: skip
        billing_services.issue_due_invoices()
    payment.refresh_from_db()
    return payment


def begun(bill: Bill, at: datetime, chance: random.Random, amount: Money | None = None) -> Payment:
    """A page of the gateway is open."""
    wanted = amount or bill.balance
    with clock.acting(bill.payer, at):
        payment = Payment.objects.create(
            payer=bill.payer, bill=Bill.objects.get(pk=bill.pk), hospital=bill.hospital, gateway=GatewayCode.SANDBOX,
            amount=wanted.amount, currency=wanted.currency, subject_type=bill.subject_type,
            subject_id=bill.subject_id, subject_label=bill.subject_label,
            checkout_reference=f"sbc_{casting.filled(12 * '#', chance)}",
            checkout_expires_at=at + timedelta(hours=2), look_up_at=at + timedelta(days=1),
        )  # fmt: skip
        return ledger.settle_payment(payment, code="created", source=Source.SYSTEM, by=bill.payer, now=at)


def tell(payment: Payment, **facts: object) -> None:
    """The gateway says so."""
    billing_services.apply_facts(
        payment.gateway, gateways.Facts(key=payment.pk, **facts), source=SOURCE  # type: ignore[arg-type]
    )  # fmt: skip


def _paid_at(bill: Bill, now: datetime, chance: random.Random) -> datetime:
    """Soon after the bill came, and before now."""
    return min(bill.created_at + timedelta(minutes=chance.randint(20, 60 * 30)), now - timedelta(minutes=30))


def _cash(bill: Bill, at: datetime) -> None:
    by = staff.coordinators()[0]
    with clock.acting(by, at):
        billing_services.record_payment(
            payer=bill.payer, bill=bill, amount=bill.balance.amount, currency=bill.currency, method=Payment.Method.CASH,
            received_on=at.date(), by=by, reference="",
        )  # fmt: skip
        billing_services.issue_due_invoices()


def _perhaps_begun(bill: Bill, at: datetime, now: datetime, chance: random.Random) -> None:
    """Who has not paid may have looked at the page: it is open yet, or closed by now; or the money is on its way."""
    fate = chance.random()
    if fate < 0.2:
        payment = begun(bill, at, chance)
        if payment.checkout_expires_at and payment.checkout_expires_at < now:
            with clock.standing_at(payment.checkout_expires_at):
                tell(payment, stage=gateways.Stage.EXPIRED)
            Payment.objects.filter(pk=payment.pk).update(look_up_at=None)
    elif fate < 0.3:
        payment = begun(bill, now - timedelta(minutes=50), chance)
        with clock.standing_at(now - timedelta(minutes=45)):
            tell(payment, reference=f"sbp_{payment.pk.hex[-12:]}", stage=gateways.Stage.PROCESSING, method="transfer")


# --- what became of some ---


def _refund(payment: Payment, at: datetime, amount: Money, reason: str, stage: gateways.RefundStage) -> None:
    by = staff.coordinators()[0]
    with clock.acting(by, at):
        refund = billing_services.request_refund(
            payment.pk, amount, by=by, cause=Refund.Cause.STAFF, reason=reason
        )  # fmt: skip
    with clock.standing_at(at + timedelta(minutes=1)):
        failure = "account_closed" if stage == gateways.RefundStage.FAILED else ""
        news = gateways.RefundFacts(f"sbr_{refund.pk.hex[-12:]}", refund.pk, amount, stage, failure)
        tell(payment, refunds=(news,))
        billing_services.issue_due_invoices()


def _cut_short(payment: Payment, at: datetime) -> None:
    """A third was given back."""
    _refund(payment, at, payment.value.split([1, 2])[0], CUT_SHORT, gateways.RefundStage.SUCCEEDED)


def _given_away(payment: Payment, at: datetime) -> None:
    """All of it was given back."""
    _refund(payment, at, payment.value, NOT_WANTED, gateways.RefundStage.SUCCEEDED)


def _came_back(payment: Payment, at: datetime) -> None:
    """A refund failed at the payer's bank: somebody has to look at it."""
    _refund(payment, at, payment.value.split([1, 1])[0], CUT_SHORT, gateways.RefundStage.FAILED)


def _past_us(payment: Payment, at: datetime) -> None:
    """Somebody refunded at the gateway's own page."""
    with clock.standing_at(at):
        part = payment.value.split([1, 3])[0]
        news = gateways.RefundFacts(f"sbr_{payment.pk.hex[-11:]}", None, part, gateways.RefundStage.SUCCEEDED)
        tell(payment, refunds=(news,))


def _disputed(stage: gateways.DisputeStage) -> Callable[[Payment, datetime], None]:
    """The payer asked their bank for the money back; it was decided, or is not yet."""

    def happen(payment: Payment, at: datetime) -> None:
        for number, said in enumerate(dict.fromkeys((gateways.DisputeStage.OPEN, stage))):
            with clock.standing_at(at + timedelta(hours=20 * number)):
                news = gateways.DisputeFacts(
                    f"sbd_{payment.pk.hex[-11:]}", payment.value, said, "product_not_received", at + timedelta(days=12)
                )
                tell(payment, disputes=(news,))

    return happen


def _paid_twice(payment: Payment, at: datetime) -> None:
    """The hospital took the fee in cash as well: it is to be given back."""
    if payment.bill:
        by = staff.coordinators()[1]
        with clock.acting(by, at):
            billing_services.record_payment(
                payer=payment.payer, bill=payment.bill, amount=payment.amount, currency=payment.currency,
                method=Payment.Method.CASH, received_on=at.date(), by=by, reference="",
            )  # fmt: skip


STORIES = (
    _cut_short, _given_away, _came_back, _past_us, _disputed(gateways.DisputeStage.OPEN),
    _disputed(gateways.DisputeStage.WON), _disputed(gateways.DisputeStage.LOST), _paid_twice,
)  # fmt: skip
