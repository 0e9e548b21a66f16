"""The statuses of exports and closures; of closures also the moves, with who may make them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow


class ExportStatus(models.TextChoices):
    PENDING = "pending", pgettext_lazy("export", "Being made")
    READY = "ready", pgettext_lazy("export", "Ready")
    FAILED = "failed", pgettext_lazy("export", "Could not be made")
    EXPIRED = "expired", pgettext_lazy("export", "No longer there")


class ClosureStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("closure", "Closed, can be reopened")
    REOPENED = "reopened", pgettext_lazy("closure", "Reopened")
    ERASING = "erasing", pgettext_lazy("closure", "Being erased")
    RETAINED = "retained", pgettext_lazy("closure", "Erased, but for what must be kept")
    ERASED = "erased", pgettext_lazy("closure", "Erased")


#: Erasing is the job's alone, at its time; an admin stops it by reopening the account or by a hold.
_NOBODY: frozenset[str] = frozenset()

CLOSURE = Workflow(
    ClosureStatus,
    {
        ClosureStatus.WAITING: [
            Edge(ClosureStatus.REOPENED, frozenset({Role.ADMIN}), _("Reopen the account")),
            Edge(ClosureStatus.ERASING, _NOBODY),
        ],
        ClosureStatus.ERASING: [
            Edge(ClosureStatus.RETAINED, _NOBODY),
            Edge(ClosureStatus.ERASED, _NOBODY),
        ],
        ClosureStatus.RETAINED: [Edge(ClosureStatus.ERASING, _NOBODY)],
    },
)
