"""What hospitals and doctors may subscribe to."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.common import audit, money, texts
from apps.common.models import TranslatedModel

from .base import amount_field, currency_field

#: Longer is no trial.
MAX_TRIAL_DAYS = 90


class SubscriptionPlan(TranslatedModel):
    """What a hospital, or a doctor, may subscribe to: so much a month or a year, and what it allows. A limit that is
    empty is none. Its price holds for periods that begin from now on; its limits for all who have it."""

    class Audience(models.TextChoices):
        HOSPITAL = "hospital", pgettext_lazy("plan", "For hospitals")
        DOCTOR = "doctor", pgettext_lazy("plan", "For doctors")

    class Interval(models.TextChoices):
        MONTH = "month", _("A month")
        YEAR = "year", _("A year")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    audience = models.CharField(_("for whom"), max_length=8, choices=Audience.choices)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    interval = models.CharField(_("paid for"), max_length=5, choices=Interval.choices, default=Interval.MONTH)
    price = amount_field(_("price"), validators=[MinValueValidator(0)])
    currency = currency_field()
    trial_days = models.PositiveSmallIntegerField(
        _("days of trial"), default=0, validators=[MaxValueValidator(MAX_TRIAL_DAYS)],
        help_text=_("0 for no trial. Nobody has a second one."),
    )  # fmt: skip
    max_doctors = models.PositiveIntegerField(_("doctors at most"), null=True, blank=True)
    max_appointments_per_month = models.PositiveIntegerField(_("appointments a month at most"), null=True, blank=True)
    is_active = models.BooleanField(_("offered"), default=True, help_text=_("Who has it keeps it."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The lowest comes first."))

    objects = querysets.PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(price__gte=0), name="plan_price_is_not_negative"),
            models.CheckConstraint(condition=models.Q(audience__in=["hospital", "doctor"]), name="plan_is_for_whom"),
            models.CheckConstraint(condition=models.Q(interval__in=["month", "year"]), name="plan_interval_is_known"),
            models.CheckConstraint(
                condition=models.Q(trial_days__lte=MAX_TRIAL_DAYS), name="plan_trial_is_a_quarter_at_most"
            ),
            models.CheckConstraint(
                condition=models.Q(audience="hospital") | models.Q(max_doctors=None),
                name="plan_limits_doctors_of_hospitals_only",
            ),
            money.fits("plan_price_fits_its_currency", amount="price"),
        ]
        triggers: ClassVar = [audit.tracked(ignored=["text_status"]), texts.kept("name", "description")]

    def __str__(self) -> str:
        return self.name

    @property
    def value(self) -> money.Money:
        return money.Money(self.price, self.currency)
