"""Subscriptions of hospitals and doctors, and the periods that they were billed for."""

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.billing.workflow import LIVE, SUBSCRIPTION, SubscriptionStatus
from apps.common import audit, ids, money
from apps.common.models import BaseModel
from apps.common.workflow import Movable, MoveEvent
from apps.hospitals.models import Doctor, Hospital

from .base import amount_field, amounts_fit, currency_field, never_negative
from .bills import Bill
from .payments import Mandate
from .plans import SubscriptionPlan


def new_subscription_number() -> str:
    return f"SB-{ids.random_code(8)}"


class Subscription(Movable, BaseModel):
    """A hospital's, or a doctor's, to a plan, whose period runs from `starts_on` through `ends_on` (days of UTC).

    `anchor_day` is the day of the month on which periods begin; where a month has none, its last day. It is renewed
    while `auto_renew`; `cancelled_at` says that somebody asked for its end. `next_plan` takes the plan's place with the
    next period. While a period is unpaid, `next_charge_at` is when its payer is charged, or asked, the next time.
    """

    workflow = SUBSCRIPTION

    number = models.CharField(_("number"), max_length=20, unique=True, default=new_subscription_number, editable=False)
    plan = models.ForeignKey(
        SubscriptionPlan, verbose_name=_("plan"), on_delete=models.PROTECT, related_name="subscriptions",
        db_index=False,
    )  # fmt: skip
    next_plan = models.ForeignKey(
        SubscriptionPlan, verbose_name=_("plan from the next period"), null=True, blank=True,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="subscriptions",
    )  # fmt: skip
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="subscriptions",
    )  # fmt: skip
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("paid by"), on_delete=models.PROTECT, related_name="subscriptions"
    )
    status = models.CharField(
        _("status"), max_length=8, choices=SubscriptionStatus.choices, default=SubscriptionStatus.PENDING
    )
    starts_on = models.DateField(_("period from"), null=True, blank=True)
    ends_on = models.DateField(_("period through"), null=True, blank=True)
    anchor_day = models.PositiveSmallIntegerField(
        _("begins on day"), validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    auto_renew = models.BooleanField(_("renewed by itself"), default=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    mandate = models.ForeignKey(
        Mandate, verbose_name=_("charged by leave"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    past_due_at = models.DateTimeField(_("overdue since"), null=True, blank=True)
    grace_until = models.DateField(_("grace through"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("times charged or asked"), default=0)
    next_charge_at = models.DateTimeField(_("charged or asked next at"), null=True, blank=True)
    #: The last day of the trial or of the grace of which the payer was warned.
    warned_of = models.DateField(_("warned of"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = querysets.SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(hospital__isnull=False, doctor=None)
                | models.Q(hospital=None, doctor__isnull=False),
                name="subscription_is_a_hospitals_or_a_doctors",
            ),
            models.UniqueConstraint(
                fields=["hospital"], condition=models.Q(status__in=LIVE, hospital__isnull=False),
                name="subscription_one_of_a_hospital",
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=models.Q(status__in=LIVE, doctor__isnull=False),
                name="subscription_one_of_a_doctor",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=SubscriptionStatus.values), name="subscription_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None, ends_on=None) & models.Q(status__in=["pending", "ended"])
                | models.Q(starts_on__isnull=False, ends_on__gte=models.F("starts_on")),
                name="subscription_in_force_has_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(anchor_day__gte=1, anchor_day__lte=31), name="subscription_begins_on_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at=None) | models.Q(auto_renew=False),
                name="subscription_cancelled_is_not_renewed",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="past_due") & models.Q(past_due_at=None, grace_until=None)
                | models.Q(status="past_due", past_due_at__isnull=False, grace_until__isnull=False),
                name="subscription_overdue_says_until_when",
            ),
            models.CheckConstraint(
                condition=models.Q(status="ended", ended_at__isnull=False, next_charge_at=None)
                | ~models.Q(status="ended") & models.Q(ended_at=None),
                name="subscription_ended_says_when",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="subscription_latest"),
            models.Index(fields=["status", "-created_at", "-id"], name="subscription_by_status"),
            models.Index(fields=["plan", "-created_at", "-id"], name="subscription_by_plan"),
            models.Index(
                fields=["ends_on", "id"], name="subscription_to_renew",
                condition=models.Q(status__in=["trialing", "active"]),
            ),
            models.Index(
                fields=["grace_until", "id"], name="subscription_past_due", condition=models.Q(status="past_due")
            ),
            models.Index(
                fields=["next_charge_at"], name="subscription_to_charge",
                condition=models.Q(next_charge_at__isnull=False),
            ),
        ]  # fmt: skip
        triggers: ClassVar = [audit.tracked(ignored=["attempts", "next_charge_at", "warned_of"])]

    def __str__(self) -> str:
        return self.number

    @property
    def subscriber_id(self) -> UUID:
        return self.hospital_id or self.doctor_id  # type: ignore[return-value]

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: Any, note: str) -> None:
        SubscriptionEvent.objects.create(
            subscription=self, from_status=from_status, to_status=to_status, by=by, at=at, note=note
        )


class SubscriptionPeriod(BaseModel):
    """A stretch of days that a subscription was billed for, once each: a renewal happens once.

    `price` is for all its days, `credit` what was taken off for the rest of the plan whose place it took. Nothing
    begins before `taken_up_at`: a first period and a better plan wait for their payment, and are void when it does not
    come. `replaced_on` is the day from which another took its place. A trial has number 0 and no bill.
    """

    subscription = models.ForeignKey(
        Subscription, verbose_name=_("subscription"), on_delete=models.PROTECT, related_name="periods", db_index=False
    )
    number = models.PositiveIntegerField(_("number"))
    plan = models.ForeignKey(
        SubscriptionPlan, verbose_name=_("plan"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("through"))
    currency = currency_field()
    price = amount_field(_("price"))
    credit = amount_field(pgettext_lazy("subscription", "credit"), default=0)
    bill = models.OneToOneField(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    taken_up_at = models.DateTimeField(_("in force since"), null=True, blank=True)
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)
    replaced_on = models.DateField(_("replaced on"), null=True, blank=True)

    objects = querysets.PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("period of a subscription")
        verbose_name_plural = _("periods of subscriptions")
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "number"], name="subscription_period_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="subscription_period_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=models.Q(taken_up_at=None) | models.Q(voided_at=None), name="subscription_period_void_or_not"
            ),
            models.CheckConstraint(
                condition=models.Q(credit__lte=models.F("price")),
                name="subscription_period_credit_is_at_most_its_price",
            ),
            never_negative("subscription_period_sums_are_not_negative", "price", "credit"),
            *amounts_fit("subscription_period", "price", "credit"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], name="subscription_period_waiting",
                condition=models.Q(taken_up_at=None, voided_at=None),
            ),
        ]  # fmt: skip
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return f"{self.starts_on} - {self.ends_on}"

    @property
    def value(self) -> money.Money:
        return money.Money(self.price, self.currency)

    @property
    def due(self) -> money.Money:
        """What it was billed with."""
        return self.value - money.Money(self.credit, self.currency)


class SubscriptionEvent(MoveEvent):
    """One thing that happened to a subscription: a move, or a change that left its status as it was."""

    subscription = models.ForeignKey(
        Subscription, verbose_name=_("subscription"), on_delete=models.PROTECT, related_name="events"
    )
    from_status = models.CharField(_("from"), max_length=8, choices=SubscriptionStatus.choices, blank=True)
    to_status = models.CharField(_("to"), max_length=8, choices=SubscriptionStatus.choices)
    #: A stable word for what happened: trial, renewed, upgraded, downgrade_planned, cancelled, kept, charge_failed...
    code = models.CharField(_("what"), max_length=20, blank=True)

    objects = querysets.SubscriptionEventQuerySet.as_manager()

    class Meta(MoveEvent.Meta):
        verbose_name = _("event of a subscription")
        verbose_name_plural = _("events of subscriptions")
