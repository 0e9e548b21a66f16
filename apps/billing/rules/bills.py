"""What is owed: the arithmetic of a bill's lines, its instalments, and what may be done to a bill. Pure.

How it is rounded. Every figure of a line is rounded once, half away from zero, to the currency's own exponent (ISO
4217), and a bill's totals are the sums of its lines, never worked out anew. EU law leaves the rounding of VAT to the
member states as long as it is neutral and proportional (Court of Justice, C-484/06 Ahold and C-302/07 Wetherspoon);
EN 16931-1 states amounts rounded to the currency's places and totals as sums of stated amounts (BR-CO-10 and
following); HMRC's VAT Notice 700, section 17.5, allows a calculation a line. Tax is taken from the price after
discount: Directive 2006/112/EC, article 79 (b), leaves price discounts out of the taxable amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.billing import exceptions
from apps.billing.models import BillLine, Instalment
from apps.billing.workflow import RECORDERS, BillStatus
from apps.common import money
from apps.common.exceptions import DomainError, Forbidden, Invalid, Text
from apps.common.money import Money

from .standing import still_owed

_HUNDRED = Decimal(100)
_MAX_QUANTITY = Decimal(1_000_000)
_MAX_REASON = 2_000


@dataclass(frozen=True)
class NewLine:
    """A line as whoever sells gives it. `discount` is an amount off the line; tax per `BillLine.TaxMode`, in percent.
    The description names neither a diagnosis nor a person."""

    description: str
    unit_price: Decimal
    quantity: Decimal | int = 1
    tax_mode: str = "exempt"
    tax_name: str = ""
    tax_percent: Decimal | int = 0
    discount: Decimal = Decimal(0)


@dataclass(frozen=True)
class NewInstalment:
    """A part of the bill (`Instalment.Kind`) due on a day of the payer's calendar; `amount` None is all that the others
    leave."""

    kind: str
    amount: Decimal | None
    due_on: date


@dataclass(frozen=True)
class LineFigures:
    """A line worked out: `discount` with its share of the coupon's, `total` = `net` + `tax`."""

    discount: Money
    net: Money
    tax: Money
    total: Money


@dataclass(frozen=True)
class PlannedInstalment:
    kind: str
    amount: Money
    due_on: date


def price_of(line: NewLine, currency: str) -> Money:
    """A line costs its unit price as often as its quantity says, less the line's own discount."""
    return Money(line.unit_price * line.quantity, currency) - Money(line.discount, currency)


def line_figures(line: NewLine, currency: str, *, coupon: Money) -> LineFigures:
    """Tax is worked out from the price after every discount: exclusive tax is added to it, inclusive tax is the part
    of it that percent / (100 + percent) makes, so that what the payer was told stays the same to the smallest unit.
    """
    after = price_of(line, currency) - coupon
    percent = Decimal(line.tax_percent)
    nothing = Money.zero(currency)
    if line.tax_mode == BillLine.TaxMode.EXCLUSIVE:
        net, tax = after, Money(after.amount * percent / _HUNDRED, currency)
    elif line.tax_mode == BillLine.TaxMode.INCLUSIVE:
        tax = Money(after.amount * percent / (_HUNDRED + percent), currency)
        net = after - tax
    else:
        net, tax = after, nothing
    return LineFigures(discount=Money(line.discount, currency) + coupon, net=net, tax=tax, total=net + tax)


def spread(discount: Money, prices: Sequence[Money]) -> list[Money]:
    """A coupon's discount falls on the lines in proportion to their prices. The shares add up to it to the smallest
    unit, and none is more than its line's price. `discount` is at most the prices together."""
    shares, left = [], discount
    rest = Money.total(prices, discount.currency)
    for price in prices:
        rest -= price
        # As `left` never exceeds what is left of the prices, neither part exceeds its own.
        share = left.split([price.amount, rest.amount])[0] if left else left
        shares.append(share)
        left -= share
    return shares


def why_not_lines(lines: Sequence[NewLine], currency: str) -> DomainError | None:
    """A bill has lines; each says what it is for, costs nothing or more in the places that its currency has, and takes
    off no more than it costs."""
    if not lines:
        return Invalid(errors={"lines": [_("A bill has at least one line.")]})
    for line in lines:
        problem = _problem_of(line, currency)
        if problem is not None:
            return Invalid(errors={"lines": [problem]})
    if sum(line_figures(line, currency, coupon=Money.zero(currency)).total.amount for line in lines) >= money.LIMIT:
        return Invalid(errors={"lines": [_("This amount is too large.")]})
    return None


def _problem_of(line: NewLine, currency: str) -> Text | None:
    given = (Decimal(line.unit_price), Decimal(line.discount))
    percent, quantity = Decimal(line.tax_percent), Decimal(line.quantity)
    if not line.description.strip():
        return _("Say what the line is for.")
    if any(amount < 0 for amount in given):
        return _("Give amounts of nothing or more.")
    if any(money.quantize(amount, currency) != amount for amount in given):
        return _("This currency has fewer decimal places.")
    if not 0 < quantity <= _MAX_QUANTITY or quantity != quantity.quantize(Decimal("0.01")):
        return _("Give a quantity above nothing, with two decimal places at most.")
    if line.unit_price * quantity >= money.LIMIT:
        return _("This amount is too large.")
    if price_of(line, currency) < Money.zero(currency):
        return _("The discount is more than the price.")
    if line.tax_mode not in BillLine.TaxMode.values or not 0 <= percent <= _HUNDRED:
        return _("Give a tax rate from 0 to 100 percent.")
    if line.tax_mode == BillLine.TaxMode.EXEMPT and percent:
        return _("What is exempt has no tax rate.")
    return None


def why_not_instalments(parts: Sequence[NewInstalment], *, whole: Money, today: date) -> DomainError | None:
    """Instalments are due today or later, each no earlier than the one before; one of them may take what the others
    leave, which is more than nothing; together they are the whole bill."""
    if not parts:
        return None
    days = [part.due_on for part in parts]
    if any(day < today for day in days):
        return _wrong(_("No instalment is due before today."))
    if days != sorted(days):
        return _wrong(_("Each instalment is due no earlier than the one before it."))
    if any(part.kind not in Instalment.Kind.values for part in parts):
        return _wrong(_("This kind of instalment is not known."))
    given = [part.amount for part in parts if part.amount is not None]
    if len(parts) - len(given) > 1:
        return _wrong(_("Only one instalment takes what the others leave."))
    if any(amount <= 0 or money.quantize(amount, whole.currency) != amount for amount in given):
        return _wrong(_("Give an instalment above zero, in the places that the currency has."))
    left = whole.amount - sum(given)
    if left < 0 or (left == 0) != (len(given) == len(parts)):
        return _wrong(_("The instalments do not add up to the bill."))
    return None


def _wrong(text: Text) -> DomainError:
    return Invalid(errors={"instalments": [text]})


def plan(parts: Sequence[NewInstalment], *, whole: Money, total: Money, today: date) -> list[PlannedInstalment]:
    """The instalments of a bill of `total`, agreed when it was `whole`: what a coupon took off falls away from the last
    first, and an instalment of which nothing is left is none. Without any agreed, the whole is due today."""
    nothing = Money.zero(whole.currency)
    if not parts:
        return [PlannedInstalment(Instalment.Kind.WHOLE, total, today)] if total else []
    given = Money.total(
        (Money(part.amount, whole.currency) for part in parts if part.amount is not None), total.currency
    )
    agreed = [whole - given if part.amount is None else Money(part.amount, whole.currency) for part in parts]
    cut = still_owed(agreed, due=total, paid=nothing)
    return [
        PlannedInstalment(part.kind, amount, part.due_on) for part, amount in zip(parts, cut, strict=True) if amount
    ]


def why_not_credit(
    amount: Money, *, total: Money, credited: Money, role: str | None, reason: str
) -> DomainError | None:
    """Coordinators and admins credit, with a reason, more than nothing and never more than the bill still says."""
    if role is not None and role not in RECORDERS:
        return Forbidden()
    if amount.currency != total.currency:
        return Invalid(errors={"currency": [_("The bill is in another currency.")]})
    if amount <= Money.zero(total.currency):
        return Invalid(errors={"amount": [_("Give an amount above zero.")]})
    if amount > total - credited:
        return Invalid(errors={"amount": [_("No more can be credited than the bill says.")]})
    return why_no_reason(reason)


def why_not_change_bill(status: str, *, left: Money, role: str, needs_left: bool) -> DomainError | None:
    """Coordinators and admins credit and cancel; what is cancelled stays so, and only what the bill still says can be
    credited (`needs_left`)."""
    if role not in RECORDERS:
        return Forbidden()
    if status == BillStatus.CANCELLED:
        return exceptions.BillCancelled()
    return exceptions.NothingToCredit() if needs_left and not left else None


def why_no_reason(reason: str) -> DomainError | None:
    """Whoever credits or cancels says why."""
    if not reason.strip():
        return Invalid(errors={"reason": [_("Say why.")]})
    if len(reason) > _MAX_REASON:
        return Invalid(errors={"reason": [_("Use fewer words.")]})
    return None
