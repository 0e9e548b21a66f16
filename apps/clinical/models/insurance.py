"""Insurers, patients' policies with them, and what an insurer said of a policy each time it was asked."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from apps.clinical import querysets
from apps.common import audit, encryption, money, texts
from apps.common.models import BaseModel, TranslatedModel

from .patients import OfPatient, Patient

MAX_ADDRESS, MAX_SECRET = 300, 128


class InsuranceProvider(TranslatedModel):
    """An insurer that patients choose for their policies, and how it is asked about one; `code` is stable."""

    class Kind(models.TextChoices):
        MANUAL = "manual", pgettext_lazy("insurer", "By a coordinator")
        HTTP = "http", pgettext_lazy("insurer", "By our computers")

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    country = CountryField(_("country"), help_text=_("Where it has its seat."))
    website = models.URLField(_("website"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    verification_kind = models.CharField(_("who asks it"), max_length=10, choices=Kind.choices, default=Kind.MANUAL)
    endpoint = models.URLField(
        _("address that answers our computers"), max_length=MAX_ADDRESS, blank=True,
        validators=[URLValidator(schemes=["https"])],
    )  # fmt: skip
    #: Both sides sign with it.
    secret = encryption.EncryptedTextField(_("secret shared with the insurer"), max_length=MAX_SECRET, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = querysets.InsuranceProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("insurer")
        verbose_name_plural = _("insurers")
        ordering: ClassVar = ["name_en", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verification_kind__in=["manual", "http"]), name="insurer_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(endpoint__startswith="https://") | models.Q(endpoint="", verification_kind="manual"),
                name="insurer_is_asked_over_https",
            ),
        ]
        indexes: ClassVar = [texts.status_index("insurer_text_status")]
        triggers: ClassVar = [
            audit.tracked(masked=["secret"], ignored=["text_status"]), texts.kept("name"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class InsurancePolicy(OfPatient):
    """A patient's health insurance as the patient states it, and what came of asking the insurer last: the columns
    from `verification` to `decision_note` follow the newest InsuranceVerification."""

    class Verification(models.TextChoices):
        UNVERIFIED = "unverified", pgettext_lazy("insurance", "Not asked for")
        REQUESTED = "requested", pgettext_lazy("insurance", "Being verified")
        VERIFIED = "verified", pgettext_lazy("insurance", "Verified")
        REJECTED = "rejected", pgettext_lazy("insurance", "Not confirmed by the insurer")

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="insurance_policies"
    )
    #: None for an insurer that is not on our list.
    provider = models.ForeignKey(
        InsuranceProvider, verbose_name=_("insurer on the list"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="policies",
    )  # fmt: skip
    insurer = models.CharField(_("insurer"), max_length=200)
    number = encryption.EncryptedTextField(_("policy number"), max_length=60)
    number_index = encryption.BlindIndexField(of="number")
    holder = models.CharField(_("policy holder"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    verification = models.CharField(
        _("verification"), max_length=12, choices=Verification.choices, default=Verification.UNVERIFIED
    )
    requested_at = models.DateTimeField(_("verification asked for at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    decision_note = models.CharField(_("what the insurer said"), max_length=500, blank=True)
    #: A policy about which an insurer was asked is not deleted, for the answer is kept.
    struck_out_at = models.DateTimeField(_("removed at"), null=True, blank=True, editable=False)

    objects = querysets.InsurancePolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("insurance policy")
        verbose_name_plural = _("insurance policies")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verification__in=["unverified", "requested", "verified", "rejected"]),
                name="insurance_verification_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(verification__in=["verified", "rejected"], decided_at__isnull=False)
                | models.Q(verification__in=["unverified", "requested"], decided_at=None),
                name="insurance_decision_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["patient", "number_index"], name="insurance_policy_once_per_patient",
                condition=models.Q(struck_out_at=None),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(
                fields=["requested_at"], name="insurance_to_verify", condition=models.Q(verification="requested")
            ),
        ]
        triggers: ClassVar = [audit.tracked(masked=["number", "number_index", "holder", "insurer", "decision_note"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {encryption.masked(self.number)}"


class InsuranceVerification(BaseModel):
    """One time that an insurer was asked about a policy, and what it said. Once decided it never changes.

    The figures are the insurer's: both amounts in `currency`. Without `decided_by` the insurer's computers decided.
    """

    class Status(models.TextChoices):
        ASKING = "asking", pgettext_lazy("insurance", "Our computers ask")
        STAFF = "staff", pgettext_lazy("insurance", "A coordinator asks")
        DECIDED = "decided", pgettext_lazy("insurance", "Answered")
        WITHDRAWN = "withdrawn", pgettext_lazy("insurance", "No longer asked")

    policy = models.ForeignKey(
        InsurancePolicy, verbose_name=_("insurance policy"), on_delete=models.PROTECT, related_name="verifications",
        db_index=False,
    )  # fmt: skip
    kind = models.CharField(_("who asks"), max_length=10, choices=InsuranceProvider.Kind.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    valid = models.BooleanField(_("policy holds"), null=True, blank=True)
    coverage_amount = models.DecimalField(
        _("covered up to"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    deductible = models.DecimalField(
        _("deductible"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[money.validate_currency])
    co_pay_percent = models.DecimalField(
        _("co-payment in percent"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reference = models.CharField(_("insurer's reference"), max_length=100, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    note = models.CharField(_("what the insurer said"), max_length=500, blank=True)
    #: How often our computers have asked, when they do next, and why the last time came to nothing.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("last failure"), max_length=200, blank=True)

    objects = querysets.InsuranceVerificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("question to an insurer")
        verbose_name_plural = _("questions to insurers")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["manual", "http"]), name="insurance_question_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="decided", valid__isnull=False, decided_at__isnull=False)
                | models.Q(status__in=["asking", "staff", "withdrawn"], valid=None, decided_at=None, decided_by=None),
                name="insurance_question_is_decided_wholly",
            ),
            models.CheckConstraint(
                condition=models.Q(status="asking", kind="http", due_at__isnull=False)
                | (~models.Q(status="asking") & models.Q(due_at=None)),
                name="insurance_question_is_due_while_asked",
            ),
            models.CheckConstraint(
                condition=models.Q(valid=True)
                | models.Q(
                    coverage_amount=None, deductible=None, currency="", co_pay_percent=None, valid_until=None
                ),
                name="insurance_figures_of_what_holds",
            ),
            models.CheckConstraint(
                condition=models.Q(coverage_amount=None, deductible=None, currency="")
                | (
                    ~models.Q(currency="")
                    & (models.Q(coverage_amount__isnull=False) | models.Q(deductible__isnull=False))
                ),
                name="insurance_amounts_have_a_currency",
            ),
            models.CheckConstraint(
                condition=(models.Q(coverage_amount=None) | models.Q(coverage_amount__gte=0))
                & (models.Q(deductible=None) | models.Q(deductible__gte=0)),
                name="insurance_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(co_pay_percent=None) | models.Q(co_pay_percent__range=(0, 100)),
                name="insurance_co_pay_is_a_percentage",
            ),
            money.fits("insurance_coverage_fits_currency", amount="coverage_amount"),
            money.fits("insurance_deductible_fits_currency", amount="deductible"),
            models.UniqueConstraint(
                fields=["policy"], name="insurance_asked_once_at_a_time",
                condition=models.Q(status__in=["asking", "staff"]),
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["policy", "-asked_at", "-id"], name="insurance_asked_of_policy"),
            models.Index(fields=["due_at", "id"], name="insurance_question_due", condition=models.Q(status="asking")),
        ]
        triggers: ClassVar = [
            audit.tracked(
                masked=[
                    "valid", "coverage_amount", "deductible", "currency", "co_pay_percent", "valid_until", "reference",
                    "note",
                ],
                ignored=["attempts", "due_at", "last_error"],
            ),
            pgtrigger.Protect(
                name="decided_is_final", operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["decided", "withdrawn"]),
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"
