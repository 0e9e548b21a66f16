"""Verbs on bills: open one, credit some of it, cancel it."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, rules, selectors
from apps.billing.models import Bill, BillEvent, BillLine, CouponRedemption, Instalment, LedgerKind
from apps.billing.rules import LineFigures, NewInstalment, NewLine
from apps.billing.workflow import BillStatus
from apps.common import exchange
from apps.common.exceptions import NotFound, raise_if
from apps.common.money import Money
from apps.hospitals.models import Hospital

from . import coupons, ledger


@transaction.atomic
def open_bill(
    *,
    payer: User,
    currency: str,
    lines: Sequence[NewLine],
    subject_type: str,
    subject_id: UUID,
    subject_label: str,
    hospital: Hospital | None = None,
    purpose: str = "",
    instalments: Sequence[NewInstalment] = (),
    begins_at: datetime | None = None,
    policy_version: Any = None,
    coupon_code: str = "",
    shown_currency: str = "",
    by: User | None,
    now: datetime | None = None,
) -> Bill:
    """The bill of this subject and purpose is there, in the ledger, with its instalments; the same call gives the same
    bill, also when two come at once.

    Prices are in `currency` (ISO 4217). Without `instalments` the whole is due today, in the payer's own calendar.
    `shown_currency` freezes today's rate to it. A coupon is taken with the bill, and given back with it. A bill of
    nothing (a coupon that covers it) is paid at once: `bill_moved` says so before this returns.

    Raises Invalid, BillDiffers (a bill for this stands with other figures), NoRate, and a coupon's refusals.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_lines(lines, currency))
    same = partial(
        _the_same, payer=payer, currency=currency, lines=lines, coupon_code=rules.coupon_code(coupon_code)
    )  # fmt: skip
    if standing := selectors.open_bill_of(subject_type, subject_id, purpose):
        return same(standing)
    price = Money.total((rules.price_of(line, currency) for line in lines), currency)
    coupon = coupons.by_code(coupon_code) if coupon_code.strip() else None
    off = coupons.worth(coupon, price=price, subject_type=subject_type, now=now) if coupon else Money.zero(currency)
    whole = _total(_worked(lines, Money.zero(currency)), currency)
    worked = _worked(lines, off)
    total = _total(worked, currency)
    today = today_of(payer, now)
    raise_if(rules.why_not_instalments(instalments, whole=whole, today=today))
    terms, terms_version = policy_version.snapshot() if policy_version else ([], "")
    try:
        with transaction.atomic():
            bill = Bill.objects.create(
                payer=payer, hospital=hospital, currency=currency, subject_type=subject_type, subject_id=subject_id,
                subject_label=subject_label, purpose=purpose, begins_at=begins_at, terms=terms,
                terms_version=terms_version, opened_by=by, **_sums(worked, currency),
                **_rate(currency, shown_currency, today),
            )  # fmt: skip
    except IntegrityError:
        other = selectors.open_bill_of(subject_type, subject_id, purpose)
        if other is None:
            raise
        return same(other)
    _write_lines(bill, lines, worked)
    Instalment.objects.bulk_create(
        Instalment(
            bill=bill, position=position, kind=part.kind, due_on=part.due_on, currency=currency,
            amount=part.amount.amount, owed=part.amount.amount,
        )
        for position, part in enumerate(rules.plan(instalments, whole=whole, total=total, today=today), start=1)
    )  # fmt: skip
    if total:
        ledger.enter(LedgerKind.BILLED, total, key=f"bill:{bill.pk}:billed", bill=bill, by=by, now=now)
    if coupon:
        coupons.hold(coupon, bill, off, price=price, now=now)
    return ledger.settle_bill(bill, by=by, now=now)


def today_of(payer: User, now: datetime) -> date:
    """The day it is where the payer lives."""
    return now.astimezone(ZoneInfo(payer.time_zone)).date()


def _worked(lines: Sequence[NewLine], coupon: Money) -> list[LineFigures]:
    shares = rules.spread(coupon, [rules.price_of(line, coupon.currency) for line in lines])
    return [rules.line_figures(line, coupon.currency, coupon=share) for line, share in zip(lines, shares, strict=True)]


def _total(worked: Sequence[LineFigures], currency: str) -> Money:
    return Money.total((figures.total for figures in worked), currency)


def _sums(worked: Sequence[LineFigures], currency: str) -> dict[str, Decimal]:
    return {
        name: Money.total((getattr(figures, name) for figures in worked), currency).amount
        for name in ("net", "discount", "tax", "total")
    }


def _rate(currency: str, shown: str, today: date) -> dict[str, Any]:
    """Today's rate to the currency that the payer was shown the price in. Raises NoRate."""
    if not shown or shown == currency:
        return {}
    rates = exchange.current()
    rate = rates.per_euro(shown) / rates.per_euro(currency)
    info = rates.info(currency, shown, today=today)
    return {
        "shown_currency": shown,
        "shown_rate": rate.quantize(Decimal(1).scaleb(-8)),
        "rate_on": info["on"] if info else today,
        "rate_source": info["source"][:20] if info else "",
    }


def _write_lines(bill: Bill, lines: Sequence[NewLine], worked: Sequence[LineFigures]) -> None:
    BillLine.objects.bulk_create(
        BillLine(
            bill=bill, position=position, description=line.description.strip()[:200], quantity=line.quantity,
            currency=bill.currency, unit_price=line.unit_price, discount=figures.discount.amount,
            tax_mode=line.tax_mode, tax_name=line.tax_name, tax_percent=line.tax_percent,
            net=figures.net.amount, tax=figures.tax.amount, total=figures.total.amount,
        )
        for position, (line, figures) in enumerate(zip(lines, worked, strict=True), start=1)
    )  # fmt: skip


def _the_same(bill: Bill, *, payer: User, currency: str, lines: Sequence[NewLine], coupon_code: str) -> Bill:
    """The standing bill, if it says what is asked for now; instalments and words may differ. Raises BillDiffers."""
    used = CouponRedemption.objects.filter(bill=bill).values_list("coupon__code", "amount").first()
    code, off = used or ("", Decimal(0))
    price = Money.total((rules.price_of(line, currency) for line in lines), currency)
    if (bill.payer_id, bill.currency, code) != (payer.pk, currency, coupon_code) or price.amount < off:
        raise exceptions.BillDiffers()
    asked = [
        (line.unit_price, Decimal(line.quantity), line.tax_mode, Decimal(line.tax_percent), figures.discount.amount,
         figures.total.amount)
        for line, figures in zip(lines, _worked(lines, Money(off, currency)), strict=True)
    ]  # fmt: skip
    stands = bill.lines.order_by("position").values_list(
        "unit_price", "quantity", "tax_mode", "tax_percent", "discount", "total"
    )
    if asked != list(stands):
        raise exceptions.BillDiffers()
    return bill


@transaction.atomic
def credit_bill(
    bill_id: UUID, amount: Money, *, by: User | None, reason: str, credited: Money | None = None,
    now: datetime | None = None,
) -> Bill:  # fmt: skip
    """So much less is owed, and the bill's history says why; what was paid beyond that shows as overpaid. The total and
    the lines stay. `by` None is the system. `credited` is what they were shown as credited before: where it is another
    amount by now, nothing happens.

    Raises NotFound, Forbidden, BillCancelled, Invalid, PreviewStale.
    """
    now = now or timezone.now()
    bill = _locked(bill_id)
    if bill.status == BillStatus.CANCELLED:
        raise exceptions.BillCancelled()
    if credited is not None and credited != bill.figure("credited"):
        raise exceptions.PreviewStale()
    raise_if(
        rules.why_not_credit(
            amount, total=bill.figure("total"), credited=bill.figure("credited"), reason=reason,
            role=by.role if by else None,
        )
    )  # fmt: skip
    nth = bill.entries.filter(kind=LedgerKind.CREDITED).count() + 1
    ledger.enter(LedgerKind.CREDITED, amount, key=f"bill:{bill.pk}:credited:{nth}", bill=bill, by=by, now=now)
    BillEvent.objects.create(
        bill=bill, from_status=bill.status, to_status=bill.status, by=by, at=now, note=reason.strip()
    )
    return ledger.settle_bill(bill, by=by, now=now)


@transaction.atomic
def cancel_bill(bill_id: UUID, *, by: User | None, reason: str, now: datetime | None = None) -> Bill:
    """Nothing of the bill is owed any more. What was paid for it stays as a negative balance until it is refunded
    (`cancel_and_refund` does both). Whoever sold the subject decides who may.

    Raises NotFound, BillCancelled, Invalid.
    """
    now = now or timezone.now()
    raise_if(rules.why_no_reason(reason))
    bill = _locked(bill_id)
    if bill.status == BillStatus.CANCELLED:
        raise exceptions.BillCancelled()
    return ledger.cancel_what_is_owed(bill, by=by, note=reason.strip(), now=now)


def _locked(bill_id: UUID) -> Bill:
    try:
        return Bill.objects.lock(bill_id)
    except Bill.DoesNotExist:
        raise NotFound() from None
