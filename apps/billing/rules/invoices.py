"""Invoices: how they are numbered, who issues them, what they say of tax, and how much may be credited. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from apps.billing import exceptions
from apps.billing.models import BillLine, InvoiceKind
from apps.billing.workflow import RECORDERS
from apps.common import money
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.common.money import Money

#: What Medivoy sells in its own name, be a hospital named in the bill or not.
SOLD_BY_MEDIVOY = frozenset({"subscription", "settlement"})
#: What stands between an issuer's prefix and the year.
_LETTERS = {InvoiceKind.INVOICE: "", InvoiceKind.ADVANCE_RECEIPT: "-AR", InvoiceKind.CREDIT_NOTE: "-CN"}
_MAX_REASON = 300


@dataclass(frozen=True)
class TaxGroup:
    """What is taxed at one rate of one name: `gross` = `net` + `tax`. No name: exempt."""

    name: str
    percent: Decimal
    net: Money
    tax: Money

    @property
    def gross(self) -> Money:
        return self.net + self.tax


def series_prefix(issuer_prefix: str, kind: str) -> str:
    """What the numbers of an issuer's documents of a kind begin with: “MV”, “MV-CN”."""
    return f"{issuer_prefix}{_LETTERS[InvoiceKind(kind)]}"


def number_of(prefix: str, year: int, sequence: int) -> str:
    """A number as it is printed: “MV-2026-000123”."""
    return f"{prefix}-{year}-{sequence:06d}"


def issued_on(now: datetime, zone: str) -> date:
    """An invoice is of the day that it is at its issuer's place, and its year is that day's."""
    return now.astimezone(ZoneInfo(zone)).date()


def is_medivoys(subject_type: str) -> bool:
    """A hospital invoices what it sells if it stands among the issuers; Medivoy what it sells to hospitals itself."""
    return subject_type in SOLD_BY_MEDIVOY


def tax_groups(lines: Iterable[BillLine], currency: str) -> list[TaxGroup]:
    """The bill's lines by name and rate of their tax, in the order in which they first stand there."""
    groups: dict[tuple[str, Decimal], TaxGroup] = {}
    for line in lines:
        key = (line.tax_name, line.tax_percent.normalize())
        before = groups.get(key) or TaxGroup(*key, Money.zero(currency), Money.zero(currency))
        groups[key] = TaxGroup(*key, before.net + Money(line.net, currency), before.tax + Money(line.tax, currency))
    return list(groups.values())


def share(groups: Sequence[TaxGroup], amount: Money) -> list[TaxGroup]:
    """What `amount` is of the groups: each gives in proportion and never more than it has, so that what is taken again
    and again ends, to the smallest unit, with all of it. Of what goes beyond all groups no tax is said."""
    left, rest = amount, Money.total((group.gross for group in groups), amount.currency)
    nothing = Money.zero(amount.currency)
    taken: list[TaxGroup] = []
    for group in groups:
        if not group.gross:
            continue
        rest_after = rest - group.gross
        part = _rounded(left.amount * group.gross.amount / rest.amount, amount.currency)
        part = min(max(part, left - rest_after), group.gross)
        part = max(min(part, left), nothing)
        tax = (
            group.tax
            if part == group.gross
            else Money(part.amount * group.tax.amount / group.gross.amount, part.currency)
        )
        if part:
            taken.append(TaxGroup(group.name, group.percent, part - tax, tax))
        left, rest = left - part, rest_after
    if left:
        taken.append(TaxGroup("", Decimal(0), left, nothing))
    return taken


def less(groups: Sequence[TaxGroup], taken: Iterable[TaxGroup]) -> list[TaxGroup]:
    """The groups without what was taken of them. What was taken beyond all of them leaves them as they are."""
    gone = {(group.name, group.percent.normalize()): group for group in taken}
    left = []
    for group in groups:
        minus = gone.get((group.name, group.percent.normalize()))
        left.append(
            TaxGroup(group.name, group.percent, group.net - minus.net, group.tax - minus.tax) if minus else group
        )
    return left


def _rounded(amount: Decimal, currency: str) -> Money:
    unit = Decimal(1).scaleb(-money.exponent(currency))
    return Money(amount.quantize(unit, rounding=ROUND_HALF_UP), currency)


def why_not_issue(*, role: str | None) -> DomainError | None:
    """Coordinators and admins issue, and the job by itself (no role)."""
    return None if role is None or role in RECORDERS else Forbidden()


def why_not_credit_note(
    kind: str, amount: Money, *, total: Money, credited: Money, role: str | None, reason: str
) -> DomainError | None:
    """An invoice or a receipt is credited in whole or part, with a reason, and never beyond what it says."""
    if refusal := why_not_issue(role=role):
        return refusal
    if kind == InvoiceKind.CREDIT_NOTE:
        return exceptions.NotCreditable()
    if amount.currency != total.currency:
        return Invalid(errors={"currency": [_("The invoice is in another currency.")]})
    if amount <= Money.zero(total.currency):
        return Invalid(errors={"amount": [_("Give an amount above zero.")]})
    if not reason.strip():
        return Invalid(errors={"reason": [_("Say why.")]})
    if len(reason) > _MAX_REASON:
        return Invalid(errors={"reason": [_("Use fewer words.")]})
    return exceptions.CreditTooHigh() if amount > total - credited else None


def credit_due_on_invoice(*, invoiced: Money, credited: Money, due: Money, paid: Money, refunded_since: Money) -> Money:
    """What a bill's invoice says too much: what was credited on the bill, and what was given back so that the bill is
    not paid any more. `due` is the bill's total without its credits; `refunded_since` the invoice was issued."""
    nothing = Money.zero(due.currency)
    missing = min(max(due - paid, nothing), max(refunded_since, nothing))
    return max(invoiced - credited - (due - missing), nothing)


def credit_due_on_receipt(*, received: Money, credited: Money, kept: Money) -> Money:
    """What a receipt says too much: what is not here any more of the payment, and was not credited yet."""
    return max(received - credited - max(kept, Money.zero(kept.currency)), Money.zero(kept.currency))
