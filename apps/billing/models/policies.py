"""What a cancellation gives back: policies in versions, each a table of steps for each that may cancel."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import querysets
from apps.billing.workflow import Canceller
from apps.common import audit
from apps.common.models import BaseModel
from apps.hospitals.models import Hospital


class CancellationPolicy(BaseModel):
    """The cancellation terms for one kind of thing, at one hospital or at all that have none of their own. What holds
    is its newest published version; what was bought before keeps the terms that were frozen on its bill."""

    class Subject(models.TextChoices):
        APPOINTMENT = "appointment", pgettext_lazy("policy", "Appointments")
        BOOKING = "booking", pgettext_lazy("policy", "Treatment trips")

    name = models.CharField(_("name"), max_length=50)
    subject_type = models.CharField(_("for"), max_length=30, choices=Subject.choices)
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text=_("Empty: for all hospitals that have no policy of their own."),
    )  # fmt: skip

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("cancellation policy")
        verbose_name_plural = _("cancellation policies")
        ordering: ClassVar = ["subject_type", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(subject_type__in=["appointment", "booking"]),
                name="cancellation_policy_for_a_kind",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "hospital"],
                nulls_distinct=False,
                name="cancellation_policy_once",
            ),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.name


class CancellationPolicyVersion(BaseModel):
    """A policy's terms as they hold from `published_at` until another version is published; a draft until then. What
    is published never changes."""

    policy = models.ForeignKey(
        CancellationPolicy, verbose_name=_("policy"), on_delete=models.PROTECT, related_name="versions",
        db_index=False,
    )  # fmt: skip
    number = models.PositiveSmallIntegerField(_("version"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("published by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a cancellation policy")
        verbose_name_plural = _("versions of cancellation policies")
        ordering: ClassVar = ["policy_id", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "number"], name="cancellation_policy_version_once"),
            models.UniqueConstraint(
                fields=["policy"], condition=models.Q(published_at=None), name="cancellation_policy_one_draft"
            ),
        ]
        triggers: ClassVar = [
            audit.tracked(),
            pgtrigger.Protect(
                name="published_is_unchangeable",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.number}"

    def snapshot(self) -> tuple[list[dict[str, Any]], str]:
        """The terms as they are frozen on a bill, and which they are: [{"actor", "hours_before", "percent"}], label."""
        tiers = [
            {"actor": tier.actor, "hours_before": tier.hours_before, "percent": tier.percent}
            for tier in self.tiers.all()
        ]
        return tiers, str(self)


class CancellationTier(BaseModel):
    """Cancelled by `actor` at least so many hours before the beginning, so much of what was paid is given back."""

    part_of = "version"

    version = models.ForeignKey(
        CancellationPolicyVersion, verbose_name=_("version"), on_delete=models.CASCADE, related_name="tiers",
        db_index=False,
    )  # fmt: skip
    actor = models.CharField(_("cancelled by"), max_length=16, choices=Canceller.choices)
    hours_before = models.PositiveIntegerField(
        _("hours before, at least"), validators=[MaxValueValidator(24 * 366)], help_text=_("168 hours are a week.")
    )
    percent = models.PositiveSmallIntegerField(_("percent given back"), validators=[MaxValueValidator(100)])

    objects = querysets.StaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of a cancellation policy")
        verbose_name_plural = _("steps of cancellation policies")
        ordering: ClassVar = ["version_id", "actor", "-hours_before"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(actor__in=Canceller.values), name="cancellation_actor_is_known"),
            models.CheckConstraint(condition=models.Q(percent__lte=100), name="cancellation_percent_is_at_most_all"),
            models.UniqueConstraint(fields=["version", "actor", "hours_before"], name="cancellation_tier_once"),
        ]
        triggers: ClassVar = [
            audit.tracked(),
            pgtrigger.Trigger(
                name="published_is_unchangeable",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT FROM billing_cancellationpolicyversion
                                WHERE published_at IS NOT NULL
                                  AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.version_id END,
                                             CASE WHEN TG_OP <> 'DELETE' THEN NEW.version_id END)) THEN
                        RAISE EXCEPTION 'published cancellation terms never change';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_actor_display()} {self.hours_before} h: {self.percent} %"
