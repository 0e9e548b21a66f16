"""What may become of a recorded payment, and by whom."""

from django.db import models
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow


class PaymentStatus(models.TextChoices):
    """Read from the rows, stored nowhere: a second row reverses the first."""

    RECEIVED = "received", pgettext_lazy("payment", "Received")
    REVERSED = "reversed", pgettext_lazy("payment", "Reversed")
    REVERSAL = "reversal", pgettext_lazy("payment", "Reversal of another payment")


RECORDERS = frozenset({Role.ADMIN, Role.COORDINATOR})

PAYMENT = Workflow(
    PaymentStatus,
    {PaymentStatus.RECEIVED: [Edge(PaymentStatus.REVERSED, RECORDERS, pgettext_lazy("payment", "Reverse"))]},
)
