"""Patients and what is true of them from visit to visit: allergies, conditions, medicines, guardians, identifiers."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from apps.accounts.validators import validate_name
from apps.clinical import querysets
from apps.common import audit, encryption
from apps.common.models import BaseModel
from apps.media.models import StoredFile


class Patient(BaseModel):
    """A person who is treated. Made when someone registers as a patient, or by a coordinator.

    `onboarded_at` says when the medical information was first given: before that, an empty list of allergies means that
    nobody has asked.
    """

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not said")

    class BloodGroup(models.TextChoices):
        A_POSITIVE = "A+", "A+"
        A_NEGATIVE = "A-", "A-"
        B_POSITIVE = "B+", "B+"
        B_NEGATIVE = "B-", "B-"
        AB_POSITIVE = "AB+", "AB+"
        AB_NEGATIVE = "AB-", "AB-"
        O_POSITIVE = "O+", "O+"
        O_NEGATIVE = "O-", "O-"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="patient"
    )
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender.choices, default=Gender.UNKNOWN)
    country = CountryField(_("country"), blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    blood_group = models.CharField(_("blood group"), max_length=3, choices=BloodGroup.choices, blank=True)
    height_cm = models.DecimalField(
        _("height"), max_digits=4, decimal_places=1, null=True, blank=True, help_text=_("In centimetres."),
        validators=[MinValueValidator(20), MaxValueValidator(280)],
    )  # fmt: skip
    weight_kg = models.DecimalField(
        _("weight"), max_digits=4, decimal_places=1, null=True, blank=True, help_text=_("In kilograms."),
        validators=[MinValueValidator(0.3), MaxValueValidator(650)],
    )  # fmt: skip
    emergency_name = models.CharField(_("emergency contact"), max_length=200, blank=True, validators=[validate_name])
    emergency_relation = models.CharField(_("relation to the patient"), max_length=60, blank=True)
    emergency_phone = PhoneNumberField(_("phone of the emergency contact"), blank=True)
    onboarded_at = models.DateTimeField(_("medical information given at"), null=True, blank=True)
    #: Set when the person asked to be forgotten and what may be erased was; see apps.interop.
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)

    objects = querysets.PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(gender__in=["female", "male", "other", "unknown"]), name="patient_gender_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(height_cm=None) | models.Q(height_cm__range=(20, 280)),
                name="patient_height_is_possible",
            ),
            models.CheckConstraint(
                condition=models.Q(weight_kg=None) | models.Q(weight_kg__gt=0, weight_kg__lte=650),
                name="patient_weight_is_possible",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["country", "-created_at"], name="patient_by_country"),
            models.Index(fields=["-created_at", "-id"], name="patient_latest"),
        ]
        triggers: ClassVar = [
            audit.tracked(
                masked=[
                    "birth_date", "gender", "address", "blood_group", "height_cm", "weight_kg", "emergency_name",
                    "emergency_relation", "emergency_phone",
                ]
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.user)

    def age_on(self, day: date) -> int | None:
        """Whole years on a day; None while the day of birth is not known. Born on 29 February: older on 1 March."""
        if self.birth_date is None:
            return None
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))


class OfPatient(BaseModel):
    """A row that is part of one patient, and changes under that patient's lock."""

    part_of: ClassVar[str | None] = "patient"

    class Meta:
        abstract = True


class Guardian(OfPatient):
    """An adult who answers for a minor: gives consent, is asked and told. A contact, not an account."""

    class Relation(models.TextChoices):
        MOTHER = "mother", _("Mother")
        FATHER = "father", _("Father")
        LEGAL = "legal_guardian", _("Legal guardian")
        OTHER = "other", pgettext_lazy("guardian", "Other")

    patient = models.ForeignKey(Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="guardians")
    name = models.CharField(_("name"), max_length=200, validators=[validate_name])
    relation = models.CharField(_("relation to the patient"), max_length=20, choices=Relation.choices)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    document = models.ForeignKey(
        StoredFile, verbose_name=_("proof of guardianship"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    objects = querysets.OfPatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("guardian")
        verbose_name_plural = _("guardians")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(relation__in=["mother", "father", "legal_guardian", "other"]),
                name="guardian_relation_is_known",
            ),
            models.CheckConstraint(condition=~models.Q(phone="") | ~models.Q(email=""), name="guardian_can_be_reached"),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "created_at"], name="guardian_by_patient")]
        triggers: ClassVar = [audit.tracked(masked=["name", "phone", "email", "relation"])]

    def __str__(self) -> str:
        return self.name


class Allergy(OfPatient):
    """Something the patient does not tolerate, in the words of whoever said so. What is wrong is struck out."""

    class Kind(models.TextChoices):
        MEDICATION = "medication", pgettext_lazy("allergy", "Medicine")
        FOOD = "food", pgettext_lazy("allergy", "Food")
        ENVIRONMENT = "environment", pgettext_lazy("allergy", "Environment")
        OTHER = "other", pgettext_lazy("allergy", "Other")

    class Severity(models.TextChoices):
        UNKNOWN = "unknown", pgettext_lazy("allergy", "Not known")
        MILD = "mild", pgettext_lazy("allergy", "Mild")
        MODERATE = "moderate", pgettext_lazy("allergy", "Moderate")
        SEVERE = "severe", pgettext_lazy("allergy", "Severe")

    patient = models.ForeignKey(Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="allergies")
    substance = models.CharField(_("substance"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.MEDICATION)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices, default=Severity.UNKNOWN)
    reaction = models.CharField(_("reaction"), max_length=300, blank=True)
    struck_out_at = models.DateTimeField(_("struck out at"), null=True, blank=True)

    objects = querysets.MedicalInformationQuerySet.as_manager()

    class Meta:
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["medication", "food", "environment", "other"]),
                name="allergy_kind_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(severity__in=["unknown", "mild", "moderate", "severe"]),
                name="allergy_severity_is_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "created_at"], name="allergy_by_patient")]
        triggers: ClassVar = [audit.tracked(masked=["substance", "kind", "severity", "reaction"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"


class Condition(OfPatient):
    """Something in the patient's history: an illness, an operation, an injury; over or not."""

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("condition", "Present")
        RESOLVED = "resolved", pgettext_lazy("condition", "Over")

    patient = models.ForeignKey(Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="conditions")
    name = models.CharField(_("condition"), max_length=200)
    code = models.CharField(_("ICD-10 code"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    since_year = models.PositiveSmallIntegerField(_("since (year)"), null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=2000, blank=True)
    struck_out_at = models.DateTimeField(_("struck out at"), null=True, blank=True)

    objects = querysets.MedicalInformationQuerySet.as_manager()

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "resolved"]), name="condition_state_is_known"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "created_at"], name="condition_by_patient")]
        triggers: ClassVar = [audit.tracked(masked=["name", "code", "state", "since_year", "notes"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"


class CurrentMedication(OfPatient):
    """A medicine that the patient says they take; what our doctors prescribe is a Prescription."""

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="current_medications"
    )
    name = models.CharField(_("medicine"), max_length=200)
    dosage = models.CharField(_("dosage"), max_length=100, blank=True)
    frequency = models.CharField(_("frequency"), max_length=100, blank=True)
    struck_out_at = models.DateTimeField(_("struck out at"), null=True, blank=True)

    objects = querysets.MedicalInformationQuerySet.as_manager()

    class Meta:
        verbose_name = _("current medicine")
        verbose_name_plural = _("current medicines")
        ordering: ClassVar = ["created_at"]
        indexes: ClassVar = [models.Index(fields=["patient", "created_at"], name="medication_by_patient")]
        triggers: ClassVar = [audit.tracked(masked=["name", "dosage", "frequency"])]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk.hex[-6:]}"


class IdentityDocument(OfPatient):
    """A passport or identity card. Its number is encrypted, and found again by its blind index only."""

    class Kind(models.TextChoices):
        PASSPORT = "passport", _("Passport")
        IDENTITY_CARD = "identity_card", _("Identity card")

    patient = models.ForeignKey(
        Patient, verbose_name=_("patient"), on_delete=models.CASCADE, related_name="identity_documents"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices, default=Kind.PASSPORT)
    number = encryption.EncryptedTextField(_("number"), max_length=30)
    number_index = encryption.BlindIndexField(of="number")
    country = CountryField(_("issued by"))
    expires_on = models.DateField(_("valid until"), null=True, blank=True)

    objects = querysets.OfPatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("identity document")
        verbose_name_plural = _("identity documents")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["passport", "identity_card"]), name="identity_document_kind_is_known"
            ),
            models.UniqueConstraint(fields=["patient", "number_index"], name="identity_document_once_per_patient"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["number", "number_index", "expires_on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {encryption.masked(self.number)}"
