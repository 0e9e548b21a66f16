"""What hospitals are owed of the money that came in for them: rates of commission, settlements, and runs of them."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.billing.workflow import SETTLEMENT, SettlementStatus
from apps.common import audit, ids, money
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Hospital

from .base import amount_field, amounts_fit, currency_field, never_negative
from .bills import Bill
from .ledger import LedgerEntry

_SUMS = ("collected", "returned", "commission", "total")
#: What changes of a settlement after it was prepared.
_LATER = ("status", "approved_at", "approved_by_id", "reference", "paid_on", "updated_at")
_FIGURES_STAY = f"""
    IF (to_jsonb(NEW) - ARRAY[{", ".join(f"'{name}'" for name in _LATER)}])
       <> (to_jsonb(OLD) - ARRAY[{", ".join(f"'{name}'" for name in _LATER)}]) THEN
        RAISE EXCEPTION 'the figures of a settlement never change: discard it and prepare another';
    END IF;
    RETURN NEW;
"""
_FREED_FROM_DRAFTS = """
    IF NOT EXISTS (SELECT 1 FROM billing_settlementline l JOIN billing_settlement s ON s.id = l.settlement_id
                    WHERE l.id = OLD.line_id AND s.status = 'draft') THEN
        RAISE EXCEPTION 'what was settled stays settled';
    END IF;
    RETURN OLD;
"""


def new_settlement_number() -> str:
    return f"ST-{ids.random_code(8)}"


def _sums_add_up(name: str) -> models.CheckConstraint:
    left = models.F("collected") - models.F("returned") - models.F("commission")
    return models.CheckConstraint(condition=models.Q(total=left), name=name)


class CommissionRate(BaseModel):
    """What Medivoy keeps of what is collected for a hospital, from a day of the hospital's calendar on. Never changed:
    of several that have begun, the one from the latest day holds, and of one day's the one that was entered last."""

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="commission_rates", db_index=False
    )
    percent = models.DecimalField(
        _("commission in percent"), max_digits=5, decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    from_on = models.DateField(_("from"), help_text=_("The first day of payments that it holds for."))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", editable=False,
    )  # fmt: skip

    objects = querysets.CommissionRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("rate of commission")
        verbose_name_plural = _("rates of commission")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(percent__range=(0, 100)), name="commission_is_a_percentage"
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["hospital", "-from_on", "-created_at"], name="commission_of_hospital"),
            models.Index(fields=["-created_at", "-id"], name="commission_latest"),
        ]
        triggers: ClassVar = [
            audit.tracked(), pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} %"


class SettlementRun(BaseModel):
    """Settlements of all hospitals up to a day, made by a job one by one; `total` counts a hospital's currencies."""

    until_on = models.DateField(_("until the end of"), help_text=_("The last day, of each hospital's calendar."))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("started by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", editable=False,
    )  # fmt: skip
    total = models.PositiveIntegerField(_("to settle"), default=0, editable=False)
    done = models.PositiveIntegerField(pgettext_lazy("settlement run", "done"), default=0, editable=False)
    failed = models.PositiveIntegerField(pgettext_lazy("settlement run", "failed"), default=0, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True, editable=False)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement run")
        verbose_name_plural = _("settlement runs")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(total__gte=models.F("done") + models.F("failed")), name="settlement_run_counts"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at", "-id"], name="settlement_run_latest")]
        triggers: ClassVar = [audit.tracked(ignored=["done", "failed"])]

    def __str__(self) -> str:
        return f"{self.until_on}"


class Settlement(Movable, BaseModel):
    """What one hospital is owed in one currency of what came in until a day: collected, less what went back to payers,
    less commission. Its figures never change."""

    workflow = SETTLEMENT

    number = models.CharField(
        _("number"), max_length=20, unique=True, default=new_settlement_number, editable=False
    )  # fmt: skip
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="settlements", db_index=False
    )
    currency = currency_field()
    until_on = models.DateField(_("until the end of"))
    status = models.CharField(
        _("status"), max_length=10, choices=SettlementStatus.choices, default=SettlementStatus.DRAFT
    )
    collected = amount_field(_("collected"))
    returned = amount_field(_("returned to payers"))
    #: Below zero where more of it is given back than taken.
    commission = amount_field(_("commission"))
    total = amount_field(_("owed to the hospital"))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("prepared by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("approved by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    reference = models.CharField(_("reference at the bank"), max_length=140, blank=True)
    paid_on = models.DateField(_("paid out on"), null=True, blank=True)

    objects = querysets.SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=SettlementStatus.values), name="settlement_status_is_known"
            ),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="settlement_is_positive"),
            never_negative("settlement_sums_are_not_negative", "collected", "returned"),
            _sums_add_up("settlement_adds_up"),
            models.CheckConstraint(
                condition=models.Q(status="paid", paid_on__isnull=False) & ~models.Q(reference="")
                | ~models.Q(status="paid") & models.Q(paid_on=None, reference=""),
                name="settlement_paid_says_how",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["approved", "paid"], approved_at__isnull=False)
                | models.Q(status__in=["draft", "discarded"], approved_at=None, approved_by=None),
                name="settlement_approval_has_a_time",
            ),
            *amounts_fit("settlement", *_SUMS),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="settlement_latest"),
            models.Index(fields=["hospital", "-created_at", "-id"], name="settlement_by_hospital"),
            models.Index(fields=["status", "-created_at", "-id"], name="settlement_by_status"),
        ]
        triggers: ClassVar = [
            audit.tracked(masked=["reference"]),
            pgtrigger.Trigger(
                name="figures_stay", level=pgtrigger.Row, when=pgtrigger.Before, operation=pgtrigger.Update,
                func=_FIGURES_STAY,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: Any, note: str) -> None:
        SettlementEvent.objects.create(
            settlement=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note
        )

    def figure(self, column: str) -> money.Money:
        return money.Money(getattr(self, column), self.currency)


class SettlementEvent(MoveEvent):
    """One move of a settlement."""

    settlement = models.ForeignKey(
        Settlement, verbose_name=_("settlement"), on_delete=models.PROTECT, related_name="events"
    )
    from_status = models.CharField(_("from"), max_length=10, choices=SettlementStatus.choices)
    to_status = models.CharField(_("to"), max_length=10, choices=SettlementStatus.choices)

    objects = querysets.SettlementPartQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("move of a settlement")
        verbose_name_plural = _("moves of settlements")


class SettlementLine(BaseModel):
    """What came in and went back of one bill at one rate of commission, which is rounded here and nowhere else."""

    settlement = models.ForeignKey(
        Settlement, verbose_name=_("settlement"), on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    position = models.PositiveIntegerField(_("position"))
    bill = models.ForeignKey(Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="+")
    currency = currency_field()
    percent = models.DecimalField(_("commission in percent"), max_digits=5, decimal_places=2)
    collected = amount_field(_("collected"))
    returned = amount_field(_("returned to payers"))
    commission = amount_field(_("commission"))
    total = amount_field(_("owed to the hospital"))

    objects = querysets.SettlementPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a settlement")
        verbose_name_plural = _("lines of settlements")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["settlement", "position"], name="settlement_line_position_once"),
            never_negative("settlement_line_sums_are_not_negative", "collected", "returned"),
            _sums_add_up("settlement_line_adds_up"),
            *amounts_fit("settlement_line", *_SUMS),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.position)


class SettledEntry(models.Model):
    """An entry of the ledger stands in at most one settlement; a discarded draft gives its entries free."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(
        SettlementLine, verbose_name=_("line"), on_delete=models.PROTECT, related_name="settled"
    )  # fmt: skip
    entry = models.OneToOneField(
        LedgerEntry, verbose_name=_("ledger entry"), on_delete=models.PROTECT, related_name="settled"
    )

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("settled entry")
        verbose_name_plural = _("settled entries")
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="freed_from_drafts", level=pgtrigger.Row, when=pgtrigger.Before, operation=pgtrigger.Delete,
                func=_FREED_FROM_DRAFTS,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.pk)


class SettlementRunItem(BaseModel):
    """One hospital's currency in a run, and what came of it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", pgettext_lazy("settlement run", "Waits")
        PREPARED = "prepared", pgettext_lazy("settlement run", "Settlement prepared")
        CARRIED = "carried", pgettext_lazy("settlement run", "Carried over: nothing is owed")
        FAILED = "failed", pgettext_lazy("settlement run", "Failed")

    run = models.ForeignKey(SettlementRun, verbose_name=_("run"), on_delete=models.PROTECT, related_name="items")
    hospital = models.ForeignKey(Hospital, verbose_name=_("hospital"), on_delete=models.PROTECT, related_name="+")
    currency = currency_field()
    outcome = models.CharField(
        pgettext_lazy("settlement run", "outcome"), max_length=10, choices=Outcome.choices, default=Outcome.PENDING
    )
    #: What is owed; below zero where the hospital owes, which the next settlement nets.
    amount = amount_field(_("amount"), null=True, blank=True)
    settlement = models.OneToOneField(
        Settlement, verbose_name=_("settlement"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    code = models.CharField(pgettext_lazy("settlement run", "why it failed"), max_length=60, blank=True)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a settlement run")
        verbose_name_plural = _("parts of settlement runs")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "hospital", "currency"], name="settlement_run_item_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="prepared", settlement__isnull=False)
                | models.Q(outcome__in=["pending", "carried", "failed"], settlement=None),
                name="settlement_run_item_says_what_came_of_it",
            ),
            *amounts_fit("settlement_run_item", "amount"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="settlement_run_to_do", condition=models.Q(outcome="pending")),
        ]

    def __str__(self) -> str:
        return self.currency
