"""What the directory's models have in common: verification, prices with their comparable amount, search."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common import money
from apps.common.exceptions import Text
from apps.common.models import BaseModel
from apps.common.workflow import Workflow
from apps.hospitals import workflow
from apps.hospitals.workflow import Verification


class Verifiable(BaseModel):
    """A model that a platform admin approves or rejects, with a reason for a rejection."""

    decisions: ClassVar[Workflow] = workflow.VERIFICATION

    verification = models.CharField(
        _("verification"), max_length=10, choices=Verification.choices, default=Verification.PENDING
    )
    rejection_reason = models.TextField(_("reason for rejection"), blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta:
        abstract = True

    def decide(self, verification: str, *, reason: str, at: datetime) -> None:
        """Approve, reject or let wait again along a declared edge, and save. Raises MoveNotAllowed."""
        refusal = self.decisions.why_not_move(self.verification, verification)
        if refusal:
            raise refusal
        approved = verification == Verification.APPROVED
        self.verification, self.rejection_reason = verification, "" if approved else reason
        self.verified_at = at if approved else None
        self.save(update_fields=["verification", "rejection_reason", "verified_at", "updated_at"])


class Expiring(models.Model):
    """A credential with a last day, `expires_on`, of whose end its holder is warned and told."""

    told_days = models.PositiveSmallIntegerField(
        _("told with days left"), null=True, blank=True, editable=False,
        help_text=_("The last warning that was given: 90, 60 or 30 days before the end; 0 when it had lapsed."),
    )  # fmt: skip

    class Meta:
        abstract = True


def verification_constraints(name: str) -> list[models.CheckConstraint]:
    """The database's side of `Verifiable`, by the model's name."""
    return [
        models.CheckConstraint(
            condition=models.Q(verification__in=Verification.values), name=f"{name}_verification_is_known"
        ),
        models.CheckConstraint(
            condition=~models.Q(verification="rejected") | ~models.Q(rejection_reason=""),
            name=f"{name}_rejection_has_a_reason",
        ),
    ]


class Searchable(models.Model):
    """A model found by its words in five languages; `search` is kept by the database's triggers."""

    search = SearchVectorField(_("search document"), null=True, editable=False)

    class Meta:
        abstract = True


def search_index(name: str) -> GinIndex:
    return GinIndex(fields=["search"], name=f"{name}_search")


def price_field(label: Any, **more: object) -> models.DecimalField:
    """An amount of the row's `currency`, wide enough for any; its number of places is the currency's exponent."""
    return models.DecimalField(
        label, max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, validators=[MinValueValidator(0)],
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def price_in_euro_field(label: Any) -> models.DecimalField:
    """The price in euros by the newest stored rates, to compare and sort prices of different currencies; never shown.

    Null while there is no rate for the currency. Kept by a trigger and by the job that follows new rates.
    """
    return models.DecimalField(label, max_digits=16, decimal_places=4, null=True, blank=True, editable=False)


def currency_field(**more: object) -> models.CharField:
    return models.CharField(
        _("currency"),
        max_length=3,
        validators=[money.validate_currency],
        **more,  # type: ignore[arg-type]
    )


def days_field(label: Text, **more: object) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, null=True, blank=True, **more)  # type: ignore[arg-type]
