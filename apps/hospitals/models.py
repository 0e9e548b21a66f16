"""Specialties, hospitals, doctors, and who practises where."""

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Concat, Lower, NullIf
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from apps.accounts.models import User
from apps.common import audit, money, wall_time
from apps.common.models import BaseModel
from apps.common.workflow import Movable

from . import querysets, workflow
from .validators import validate_spoken_language
from .workflow import AffiliationStatus, Verification

_LISTED_HOSPITAL = models.Q(verification="approved", is_active=True)
_LISTED_DOCTOR = models.Q(verification="approved", is_active=True, is_account_active=True)


def sort_name(language: str) -> Lower:
    """What a hospital is sorted by in a language: its name there, or in English, without regard to case."""
    english = models.F("name_en")
    if language == "en":
        return Lower(english)
    return Lower(Coalesce(NullIf(models.F(f"name_{language}"), models.Value("")), english))


class Verifiable(BaseModel):
    """A model that a platform admin approves or rejects, with a reason for a rejection."""

    verification = models.CharField(
        _("verification"), max_length=10, choices=Verification.choices, default=Verification.PENDING
    )
    rejection_reason = models.TextField(_("reason for rejection"), blank=True)
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta:
        abstract = True

    def decide(self, verification: str, *, reason: str, at: datetime) -> None:
        """Approve or reject along a declared edge, and save. Raises MoveNotAllowed."""
        refusal = workflow.VERIFICATION.why_not_move(self.verification, verification)
        if refusal:
            raise refusal
        approved = verification == Verification.APPROVED
        self.verification, self.rejection_reason = verification, "" if approved else reason
        self.verified_at = at if approved else None
        self.save(update_fields=["verification", "rejection_reason", "verified_at", "updated_at"])


class Specialty(BaseModel):
    """A field of medicine, as reference data in five languages; `code` is stable and appears in URLs."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    practitioner = models.CharField(_("practitioner"), max_length=120, help_text=_("Such as “Cardiologist”."))

    objects = querysets.SpecialtyQuerySet.as_manager()

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering: ClassVar = ["code"]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.name


class Hospital(Verifiable):
    """A hospital or clinic. Its time zone is the zone of every wall time of its doctors' hours."""

    class Type(models.TextChoices):
        GENERAL = "general", _("General hospital")
        SPECIALTY = "specialty", _("Specialty hospital")
        TEACHING = "teaching", _("Teaching hospital")
        CLINIC = "clinic", _("Clinic")

    name = models.CharField(_("name"), max_length=200)
    type = models.CharField(_("type"), max_length=20, choices=Type.choices, default=Type.GENERAL)
    description = models.TextField(_("description"), blank=True)
    country = CountryField(_("country"))
    city = models.CharField(_("city"), max_length=120)
    address = models.CharField(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )  # fmt: skip
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )  # fmt: skip
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[wall_time.validate_zone])
    currency = models.CharField(_("currency"), max_length=3, validators=[money.validate_currency])
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    founded_year = models.PositiveSmallIntegerField(_("founded in"), null=True, blank=True)
    beds = models.PositiveIntegerField(_("beds"), null=True, blank=True)
    specialties = models.ManyToManyField(Specialty, verbose_name=_("specialties"), blank=True, related_name="hospitals")
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="HospitalStaff", verbose_name=_("staff"), related_name="hospitals"
    )
    is_active = models.BooleanField(_("active"), default=True)
    rating = models.DecimalField(
        _("rating"), max_digits=3, decimal_places=2, default=0, help_text=_("0 while there is no rating.")
    )
    rating_count = models.PositiveIntegerField(_("number of ratings"), default=0)

    objects = querysets.HospitalQuerySet.as_manager()

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospitals")
        ordering: ClassVar = ["name_en", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verification__in=Verification.values), name="hospital_verification_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(verification="rejected") | ~models.Q(rejection_reason=""),
                name="hospital_rejection_has_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-rating", "-id"], name="hospital_listed_by_rating", condition=_LISTED_HOSPITAL),
            models.Index(fields=["country", "-rating", "-id"], name="hospital_listed_by_country",
                         condition=_LISTED_HOSPITAL),
            *(models.Index(sort_name(language), "id", name=f"hospital_listed_by_name_{language}",
                           condition=_LISTED_HOSPITAL) for language, _label in settings.LANGUAGES),
            models.Index(fields=["verification", "-created_at"], name="hospital_by_verification"),
        ]  # fmt: skip
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.name


class HospitalStaff(BaseModel):
    """One person who works in the admin for one hospital."""

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="staff_links"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="hospital_links"
    )

    objects = querysets.HospitalStaffQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hospital", "user"], name="hospital_staff_once"),
        ]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return str(self.user)


class Doctor(Verifiable):
    """A doctor's public profile and standing. Registering makes one that is pending and not listed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="doctor"
    )
    title = models.CharField(_("title"), max_length=40, blank=True, help_text=_("Such as “Dr.”."))
    specialty = models.ForeignKey(
        Specialty, verbose_name=_("specialty"), null=True, blank=True, on_delete=models.PROTECT, related_name="doctors"
    )
    qualifications = ArrayField(
        models.CharField(max_length=120), verbose_name=_("qualifications"), default=list, blank=True
    )
    practising_since = models.PositiveSmallIntegerField(_("practising since (year)"), null=True, blank=True)
    bio = models.TextField(_("biography"), blank=True)
    licence_number = models.CharField(_("licence number"), max_length=60, blank=True)
    licence_country = CountryField(_("licence country"), blank=True)
    licence_expires_on = models.DateField(_("licence expires on"), null=True, blank=True)
    consultation_fee = models.DecimalField(
        _("consultation fee"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    currency = models.CharField(_("currency"), max_length=3, blank=True, validators=[money.validate_currency])
    languages = ArrayField(
        models.CharField(max_length=3, validators=[validate_spoken_language]), verbose_name=_("languages spoken"),
        default=list, blank=True,
        help_text=_("ISO 639 codes, such as en, ar, hi."),
    )  # fmt: skip
    offers_teleconsult = models.BooleanField(_("offers teleconsultations"), default=False)
    rating = models.DecimalField(
        _("rating"), max_digits=3, decimal_places=2, default=0, help_text=_("0 while there is no rating.")
    )
    rating_count = models.PositiveIntegerField(_("number of ratings"), default=0)
    onboarded_at = models.DateTimeField(_("profile completed at"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Inactive doctors are not listed."))
    is_bookable = models.BooleanField(
        _("takes appointments"), default=False, editable=False,
        help_text=_("Has consulting hours at a hospital; kept by the bookings."),
    )  # fmt: skip
    # Copies of the account's columns, kept by the database (see the triggers), so that the public list reads one table
    # in index order at any size.
    first_name = models.CharField(_("first name"), max_length=100, editable=False, default="")
    last_name = models.CharField(_("last name"), max_length=100, editable=False, default="")
    is_account_active = models.BooleanField(_("account active"), editable=False, default=True)
    sort_name = models.GeneratedField(
        expression=Lower(Concat("last_name", models.Value(" "), "first_name")),
        output_field=models.CharField(max_length=201),
        db_persist=True,
        verbose_name=_("name to sort by"),
    )

    objects = querysets.DoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        ordering: ClassVar = ["sort_name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(verification__in=Verification.values), name="doctor_verification_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(verification="rejected") | ~models.Q(rejection_reason=""),
                name="doctor_rejection_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(consultation_fee=None) | models.Q(consultation_fee__gte=0) & ~models.Q(currency=""),
                name="doctor_fee_has_a_currency",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-rating", "-id"], name="doctor_listed_by_rating", condition=_LISTED_DOCTOR,
                         include=["licence_expires_on"]),
            models.Index(fields=["specialty", "-rating", "-id"], name="doctor_listed_by_specialty",
                         condition=_LISTED_DOCTOR, include=["licence_expires_on"]),
            models.Index(fields=["sort_name", "id"], name="doctor_listed_by_name", condition=_LISTED_DOCTOR),
            models.Index(fields=["practising_since", "-id"], name="doctor_listed_by_experience",
                         condition=_LISTED_DOCTOR),
            models.Index(fields=["currency", "consultation_fee", "id"], name="doctor_listed_by_fee",
                         condition=_LISTED_DOCTOR),
            GinIndex(fields=["languages"], name="doctor_by_language"),
            models.Index(fields=["verification", "-created_at"], name="doctor_by_verification"),
            models.Index(fields=["licence_expires_on"], name="doctor_by_licence_expiry"),
        ]  # fmt: skip
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="copy_account",
                level=pgtrigger.Row,
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=(
                    "SELECT first_name, last_name, is_active"
                    " INTO NEW.first_name, NEW.last_name, NEW.is_account_active"
                    " FROM accounts_user WHERE id = NEW.user_id; RETURN NEW;"
                ),
            ),
            audit.tracked(
                masked=["licence_number"],
                ignored=["first_name", "last_name", "sort_name", "is_account_active", "is_bookable"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.full_name}".strip()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.user.full_name


class DoctorAccount(User):
    """The account under a doctor's profile. It exists to carry one trigger: a new name, or a deactivation, reaches the
    public list by the same statement, whoever writes it."""

    class Meta:
        proxy = True
        verbose_name = _("doctor's account")
        verbose_name_plural = _("doctors' accounts")
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="copy_to_doctor",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("first_name", "last_name", "is_active"),
                condition=pgtrigger.Condition(
                    "((OLD.first_name, OLD.last_name, OLD.is_active)"
                    " IS DISTINCT FROM (NEW.first_name, NEW.last_name, NEW.is_active))"
                ),
                func="UPDATE hospitals_doctor SET updated_at = now() WHERE user_id = NEW.id; RETURN NULL;",
            )
        ]


class Affiliation(Movable, BaseModel):
    """A doctor practises at a hospital, from and until a local day. A new doctor's proposed ones wait for approval."""

    workflow = workflow.AFFILIATION

    doctor = models.ForeignKey(Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="affiliations")
    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="affiliations"
    )
    department = models.CharField(_("department"), max_length=120, blank=True)
    position = models.CharField(_("position"), max_length=120, blank=True)
    is_primary = models.BooleanField(_("primary"), default=False)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=AffiliationStatus.choices, default=AffiliationStatus.PENDING
    )

    objects = querysets.AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering: ClassVar = ["-is_primary", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["doctor", "hospital"],
                condition=~models.Q(status__in=["ended", "rejected"]),
                name="affiliation_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["doctor"], condition=models.Q(is_primary=True, status="active"), name="affiliation_one_primary"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=AffiliationStatus.values), name="affiliation_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="affiliation_ends_after_it_starts",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["hospital", "status"], name="affiliation_by_hospital")]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return f"{self.doctor} · {self.hospital}"

    def record_move(self, *, from_status: str, to_status: str, by: Any, at: datetime, note: str) -> None:
        """The audit trail's entry of the changed row says who, when and from what to what; nothing else is kept."""
