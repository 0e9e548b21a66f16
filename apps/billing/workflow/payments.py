"""What may become of a payment. Its status is derived from the ledger and from how far it is at the gateway."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow


class PaymentStatus(models.TextChoices):
    PENDING = "pending", pgettext_lazy("payment", "To be paid")
    PROCESSING = "processing", pgettext_lazy("payment", "On its way")
    COMPLETED = "completed", pgettext_lazy("payment", "Paid")
    FAILED = "failed", pgettext_lazy("payment", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("payment", "Cancelled")
    PARTLY_REFUNDED = "partially_refunded", pgettext_lazy("payment", "Partly refunded")
    REFUNDED = "refunded", pgettext_lazy("payment", "Refunded")
    DISPUTED = "disputed", pgettext_lazy("payment", "Disputed")


class PaymentStage(models.TextChoices):
    """How far it is at the gateway, in the order in which stages win over each other: whichever order the news comes
    in, the end is the same. What failed, expired or was cancelled may yet be captured (late authorisation)."""

    OPEN = "open", pgettext_lazy("payment", "Open")
    PROCESSING = "processing", pgettext_lazy("payment", "On its way")
    FAILED = "failed", pgettext_lazy("payment", "Failed")
    EXPIRED = "expired", pgettext_lazy("payment", "Not paid in time")
    CANCELLED = "cancelled", pgettext_lazy("payment", "Cancelled")
    CAPTURED = "captured", pgettext_lazy("payment", "Captured")


class Source(models.TextChoices):
    """Where news of a payment came from."""

    CALL = "call", _("Answer to our call")
    WEBHOOK = "webhook", _("Webhook")
    RETURN = "return", _("The payer came back")
    SWEEP = "sweep", _("Asked by the sweep")
    STAFF = "staff", _("Entered by staff")
    SYSTEM = "system", _("Medivoy")


#: What a payment's events say happened, by their codes.
NEWS = {
    "created": pgettext_lazy("payment news", "Begun"),
    "page_opened": pgettext_lazy("payment news", "Payment page opened"),
    "page_closed": pgettext_lazy("payment news", "Payment page closed"),
    "unknown": pgettext_lazy("payment news", "No answer from the gateway"),
    "declined": pgettext_lazy("payment news", "Declined"),
    "processing": pgettext_lazy("payment news", "On its way"),
    "failed": pgettext_lazy("payment news", "Failed"),
    "expired": pgettext_lazy("payment news", "Not paid in time"),
    "cancelled": pgettext_lazy("payment news", "Cancelled"),
    "told": pgettext_lazy("payment news", "News of the gateway"),
    "captured": pgettext_lazy("payment news", "Money came in"),
    "recorded": pgettext_lazy("payment news", "Entered by staff"),
    "reversed": pgettext_lazy("payment news", "Entry reversed"),
    "refund_requested": pgettext_lazy("payment news", "Refund asked for"),
    "refund_sent": pgettext_lazy("payment news", "Refund sent to the gateway"),
    "refund_succeeded": pgettext_lazy("payment news", "Refund given back"),
    "refunded": pgettext_lazy("payment news", "Refund paid out by staff"),
    "refund_failed": pgettext_lazy("payment news", "Refund failed"),
    "refund_cancelled": pgettext_lazy("payment news", "Refund given up"),
    "dispute_open": pgettext_lazy("payment news", "Disputed: money withheld"),
    "dispute_won": pgettext_lazy("payment news", "Dispute won"),
    "dispute_lost": pgettext_lazy("payment news", "Dispute lost"),
}

RECORDERS = frozenset({Role.ADMIN, Role.COORDINATOR})

#: Money is here, some of it perhaps given back.
HAS_MONEY = frozenset(
    {PaymentStatus.COMPLETED, PaymentStatus.PARTLY_REFUNDED, PaymentStatus.REFUNDED, PaymentStatus.DISPUTED}
)
_BEFORE = frozenset(set(PaymentStatus) - HAS_MONEY)
_CANCEL = Edge(PaymentStatus.CANCELLED, RECORDERS, pgettext_lazy("payment", "Cancel"))
_REVERSE = Edge(PaymentStatus.CANCELLED, RECORDERS, pgettext_lazy("payment", "Reverse"))

#: Moves without roles are the gateway's: nobody makes them by hand. Among what has money every move is possible, as a
#: failed refund comes back and a dispute is won; what has money loses it only by a reversal of what staff entered.
PAYMENT = Workflow(
    PaymentStatus,
    {
        status: [
            _CANCEL if to == PaymentStatus.CANCELLED and status == PaymentStatus.PENDING
            else _REVERSE if to == PaymentStatus.CANCELLED and status == PaymentStatus.COMPLETED
            else Edge(to, frozenset())
            for to in PaymentStatus
            if to != status and (to in HAS_MONEY or status in _BEFORE or (status, to) == ("completed", "cancelled"))
        ]
        for status in PaymentStatus
    },
)  # fmt: skip
