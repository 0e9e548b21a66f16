"""Coupons: what takes something off a bill, for how long, how often, and who has used it."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.common import audit, ids, money
from apps.common.models import BaseModel

from .base import amount_field, amounts_fit, currency_field, never_negative
from .bills import Bill

MAX_CODE = 32


def new_coupon_code() -> str:
    """Random, and without letters that are taken for one another when read out or copied."""
    return ids.random_code(10)


class Coupon(BaseModel):
    """Whoever gives its code pays less: so many percent, up to `cap`, or a fixed amount in `currency`.

    The code stands in capitals. An amount (fixed, minimum, cap) is in `currency`, and the coupon is then for bills in
    that currency alone. An empty `applies_to` is everything that is sold; otherwise kinds of
    subject as bills name them.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", pgettext_lazy("coupon", "Percent")
        FIXED = "fixed", pgettext_lazy("coupon", "Fixed amount")

    code = models.CharField(
        _("code"), max_length=MAX_CODE, unique=True, default=new_coupon_code,
        help_text=_("Letters, digits and hyphens. Left as it is, nobody guesses it."),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("For colleagues: what it was made for."))
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    percent = models.DecimalField(
        _("percent"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    amount = amount_field(_("amount"), null=True, blank=True)
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, validators=[money.validate_currency],
        help_text=_("Of the amounts here; bills in another currency then get nothing off."),
    )  # fmt: skip
    minimum = amount_field(_("from a bill of"), null=True, blank=True)
    cap = amount_field(_("at most"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    total_limit = models.PositiveIntegerField(_("times in all"), null=True, blank=True)
    user_limit = models.PositiveIntegerField(_("times a person"), null=True, blank=True, default=1)
    applies_to = models.JSONField(_("for (kinds)"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(code=Upper("code")), name="coupon_code_is_in_capitals"),
            models.CheckConstraint(
                condition=models.Q(kind="percent", percent__gt=0, percent__lte=100, amount=None)
                | models.Q(kind="fixed", percent=None, amount__gt=0, cap=None),
                name="coupon_takes_percent_or_an_amount",
            ),
            models.CheckConstraint(
                condition=~models.Q(currency="") | models.Q(amount=None, minimum=None, cap=None),
                name="coupon_amounts_have_a_currency",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from=None)
                | models.Q(valid_until=None)
                | models.Q(valid_until__gt=models.F("valid_from")),
                name="coupon_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=(models.Q(total_limit=None) | models.Q(total_limit__gt=0))
                & (models.Q(user_limit=None) | models.Q(user_limit__gt=0)),
                name="coupon_limits_allow_some",
            ),
            never_negative("coupon_amounts_are_not_negative", "minimum", "cap"),
            *amounts_fit("coupon", "amount", "minimum", "cap"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="coupon_latest"),
            models.Index(fields=["is_active", "-created_at", "-id"], name="coupon_by_active"),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.code


class RedemptionStatus(models.TextChoices):
    """`held` with an unpaid bill; both `held` and `redeemed` count towards the coupon's limits."""

    HELD = "held", pgettext_lazy("coupon", "Held by an unpaid bill")
    REDEEMED = "redeemed", pgettext_lazy("coupon", "Redeemed")
    RELEASED = "released", pgettext_lazy("coupon", "Given back")


class CouponRedemption(BaseModel):
    """One use of a coupon: on this bill, `amount` off. Given back when the bill is cancelled before it was paid."""

    coupon = models.ForeignKey(
        Coupon, verbose_name=_("coupon"), on_delete=models.PROTECT, related_name="redemptions", db_index=False
    )
    bill = models.OneToOneField(
        Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="redemption"
    )  # fmt: skip
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("used by"), on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(
        _("status"), max_length=8, choices=RedemptionStatus.choices, default=RedemptionStatus.HELD
    )
    amount = amount_field(_("taken off"))
    currency = currency_field()
    settled_at = models.DateTimeField(_("redeemed or given back at"), null=True, blank=True)

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=RedemptionStatus.values), name="redemption_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="held", settled_at=None)
                | ~models.Q(status="held") & models.Q(settled_at__isnull=False),
                name="redemption_settled_says_when",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="redemption_is_not_negative"),
            *amounts_fit("redemption", "amount"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["coupon", "payer"],
                name="redemption_counted",
                condition=models.Q(status__in=["held", "redeemed"]),
            ),
            models.Index(fields=["coupon", "-created_at", "-id"], name="redemption_by_coupon"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} {self.status}"
