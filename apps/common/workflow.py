"""Status tables: which moves exist, which roles may make them, and the one way to make one.

An app's `workflow.py` holds its status enum and a `Workflow`; its model mixes in `Movable`; its services call
`move_to` after `rules` have agreed. Side effects stand in the service, never here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from . import exceptions
from .models import BaseModel


@dataclass(frozen=True)
class Edge:
    """A declared move: to which status, by which roles, and the verb a person reads on the button."""

    to: str
    roles: frozenset[str]
    verb: Any = ""


class Workflow:
    """A table of edges from each status."""

    def __init__(self, statuses: type[models.TextChoices], edges: Mapping[str, Iterable[Edge]]) -> None:
        self.statuses = statuses
        self.edges = {str(status): tuple(edges.get(status, ())) for status in statuses.values}

    def edge(self, from_status: str, to_status: str) -> Edge | None:
        return next((edge for edge in self.edges[from_status] if edge.to == to_status), None)

    def moves_from(self, status: str, role: str | None = None) -> list[Edge]:
        """The declared moves from a status, for one role or for any."""
        return [edge for edge in self.edges[status] if role is None or role in edge.roles]

    def why_not_move(self, from_status: str, to_status: str, role: str | None = None) -> exceptions.DomainError | None:
        """A move is possible when the table declares it for this role. The system (no role) makes any declared one."""
        edge = self.edge(from_status, to_status)
        if edge is None:
            return exceptions.MoveNotAllowed(
                from_label=self.statuses(from_status).label, to_label=self.statuses(to_status).label
            )
        if role is not None and role not in edge.roles:
            return exceptions.Forbidden()
        return None

    def is_final(self, status: str) -> bool:
        return not self.edges[status]


class Movable(models.Model):
    """A model with a `status` that changes only along its `workflow`, leaving an event for each move."""

    workflow: ClassVar[Workflow]
    status: Any  # each model's own field

    class Meta:
        abstract = True

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        """Append the event of one move. Every movable model says where its events go."""
        raise NotImplementedError  # pragma: no cover

    def move_to(self, status: str, *, by: Any, at: datetime, note: str = "", fields: Iterable[str] = ()) -> None:
        """Move along a declared edge, save, and append the event; `fields` are other changed fields to save with it.

        `by` is the acting user or None for the system. Raises MoveNotAllowed. Roles are checked by the service's rules,
        which see more than a role.
        """
        refusal = self.workflow.why_not_move(self.status, status)
        if refusal:
            raise refusal
        from_status, self.status = self.status, status
        self.save(update_fields=["status", *fields, "updated_at"])  # type: ignore[misc]
        self.record_move(from_status=from_status, to_status=status, by=by, at=at, note=note)


class MoveEvent(BaseModel):
    """One move of a movable row: from which status to which, by whom (nobody: the system), when, why. Append-only.

    Each kind adds the key of its row, and the two statuses with their choices.
    """

    from_status: Any
    to_status: Any
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("at"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.from_status} > {self.to_status}"
