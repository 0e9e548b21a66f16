"""Statuses of settlements, and the moves between them."""

from django.db import models
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow

_ADMINS = frozenset({Role.ADMIN})


class SettlementStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("settlement", "Draft")
    APPROVED = "approved", pgettext_lazy("settlement", "Approved")
    PAID = "paid", pgettext_lazy("settlement", "Paid out")
    DISCARDED = "discarded", pgettext_lazy("settlement", "Discarded")


SETTLEMENT = Workflow(
    SettlementStatus,
    {
        SettlementStatus.DRAFT: [
            Edge(SettlementStatus.APPROVED, _ADMINS, pgettext_lazy("settlement", "Approve")),
            Edge(SettlementStatus.DISCARDED, _ADMINS, pgettext_lazy("settlement", "Discard")),
        ],
        SettlementStatus.APPROVED: [
            Edge(SettlementStatus.PAID, _ADMINS, pgettext_lazy("settlement", "Enter the transfer")),
        ],
    },
)
#: What a hospital's staff see: what Medivoy has said it owes.
SAID = frozenset({SettlementStatus.APPROVED, SettlementStatus.PAID})
