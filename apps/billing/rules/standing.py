"""How things stand, worked out from the ledger's sums: statuses of payments and bills, and what is still owed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.billing.workflow import BillStatus, PaymentStage, PaymentStatus
from apps.common.money import Money

#: Later stages win, so that news may come in any order.
_RANK = {stage: rank for rank, stage in enumerate(PaymentStage.values)}


@dataclass(frozen=True)
class Sums:
    """What the ledger says of one payment."""

    captured: Money
    refunded: Money
    withheld: Money
    lost: Money


def further(before: str, news: str) -> str:
    """The further of two stages: a payment never goes back, but what failed or expired may yet be captured."""
    return max(before, news, key=_RANK.__getitem__)


def payment_status(stage: str, sums: Sums) -> str:
    """What is withheld is disputed; money that is here is paid, or partly or wholly returned (a lost dispute returns
    it too); without any the stage at the gateway decides."""
    if sums.withheld:
        return PaymentStatus.DISPUTED
    returned = sums.refunded + sums.lost
    if sums.captured:
        if not returned:
            return PaymentStatus.COMPLETED
        return PaymentStatus.PARTLY_REFUNDED if returned < sums.captured else PaymentStatus.REFUNDED
    return {
        PaymentStage.PROCESSING: PaymentStatus.PROCESSING,
        PaymentStage.FAILED: PaymentStatus.FAILED,
        PaymentStage.EXPIRED: PaymentStatus.CANCELLED,
        PaymentStage.CANCELLED: PaymentStatus.CANCELLED,
    }.get(PaymentStage(stage), PaymentStatus.PENDING)


def bill_status(status: str, *, due: Money, paid: Money) -> str:
    """`due` is the total without what was credited. A cancelled bill stays cancelled."""
    if status == BillStatus.CANCELLED:
        return status
    if paid > due:
        return BillStatus.OVERPAID
    if paid == due:
        return BillStatus.PAID
    return BillStatus.PARTLY_PAID if paid > Money.zero(paid.currency) else BillStatus.OPEN


def still_owed(amounts: Sequence[Money], *, due: Money, paid: Money) -> list[Money]:
    """What is owed yet of each instalment. What comes in fills the earliest first; what was credited falls away from
    the last first. They add up to what is owed of the bill, which is never less than nothing."""
    nothing = Money.zero(due.currency)
    owed, filled, left = [], max(paid, nothing), due
    for amount in amounts:
        part = max(min(amount, left), nothing)
        left -= part
        taken = min(part, filled)
        filled -= taken
        owed.append(part - taken)
    return owed
