"""What may become of a refund, of a dispute, and of a webhook that came in."""

from django.db import models
from django.utils.translation import pgettext_lazy

from apps.common.workflow import Edge, Workflow

from .payments import RECORDERS


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("refund", "To be sent")
    SENT = "sent", pgettext_lazy("refund", "Sent to the gateway")
    SUCCEEDED = "succeeded", pgettext_lazy("refund", "Given back")
    FAILED = "failed", pgettext_lazy("refund", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("refund", "Given up")


#: The amount is spoken for: nobody refunds it a second time meanwhile.
IN_FLIGHT = (RefundStatus.REQUESTED, RefundStatus.SENT)

_SYSTEM: frozenset[str] = frozenset()

REFUND = Workflow(
    RefundStatus,
    {
        RefundStatus.REQUESTED: [
            Edge(RefundStatus.SENT, _SYSTEM),
            Edge(RefundStatus.SUCCEEDED, RECORDERS, pgettext_lazy("refund", "Confirm that it was paid out")),
            Edge(RefundStatus.FAILED, _SYSTEM),
            Edge(RefundStatus.CANCELLED, RECORDERS, pgettext_lazy("refund", "Give up")),
        ],
        RefundStatus.SENT: [Edge(RefundStatus.SUCCEEDED, _SYSTEM), Edge(RefundStatus.FAILED, _SYSTEM)],
        # A bank may send the money back days later.
        RefundStatus.SUCCEEDED: [Edge(RefundStatus.FAILED, _SYSTEM)],
        # Held to have failed, and the gateway has it after all. Nobody tries the same one again: a gateway remembers
        # its key together with the refusal, so that another refund is made instead.
        RefundStatus.FAILED: [Edge(RefundStatus.SENT, _SYSTEM), Edge(RefundStatus.SUCCEEDED, _SYSTEM)],
    },
)


class DisputeStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("dispute", "Open: the money is withheld")
    WON = "won", pgettext_lazy("dispute", "Won: the money is back")
    LOST = "lost", pgettext_lazy("dispute", "Lost: the money is gone")


DISPUTE = Workflow(
    DisputeStatus,
    {DisputeStatus.OPEN: [Edge(DisputeStatus.WON, _SYSTEM), Edge(DisputeStatus.LOST, _SYSTEM)]},
)


class WebhookStatus(models.TextChoices):
    RECEIVED = "received", pgettext_lazy("webhook", "To be applied")
    APPLIED = "applied", pgettext_lazy("webhook", "Applied")
    IGNORED = "ignored", pgettext_lazy("webhook", "Says nothing to us")
    PARKED = "parked", pgettext_lazy("webhook", "About something unknown")
    QUARANTINED = "quarantined", pgettext_lazy("webhook", "Contradicts our books")
    FAILED = "failed", pgettext_lazy("webhook", "Failed")
