"""Hospitals, who works for them, what they were accredited for, and their pictures and papers."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from apps.common import audit, texts, wall_time
from apps.common.models import BaseModel, TranslatedModel
from apps.hospitals import querysets, workflow
from apps.media.models import StoredFile

from . import derived
from .base import Expiring, Searchable, Verifiable, currency_field, search_index, verification_constraints
from .reference import AccreditationBody, Specialty

_LISTED = models.Q(verification="approved", is_active=True)


def sort_name(language: str) -> Lower:
    """What a hospital is sorted by in a language: its name there, or in English, without regard to case."""
    english = models.F("name_en")
    if language == "en":
        return Lower(english)
    return Lower(Coalesce(NullIf(models.F(f"name_{language}"), models.Value("")), english))


class Hospital(Searchable, TranslatedModel, Verifiable):
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
    currency = currency_field()
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    founded_year = models.PositiveSmallIntegerField(_("founded in"), null=True, blank=True)
    beds = models.PositiveIntegerField(_("beds"), null=True, blank=True)
    specialties = models.ManyToManyField(Specialty, verbose_name=_("specialties"), blank=True, related_name="hospitals")
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="HospitalStaff", verbose_name=_("staff"), related_name="hospitals"
    )
    logo = models.ForeignKey(
        StoredFile, verbose_name=_("logo"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cover = models.ForeignKey(
        StoredFile, verbose_name=_("cover picture"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cities = ArrayField(
        models.TextField(), verbose_name=_("names of the city"), default=list, editable=False,
        help_text=_("In all languages, as the filter compares them; kept by the database."),
    )  # fmt: skip
    onboarded_at = models.DateTimeField(_("page completed at"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # What its subscription allows; empty: no limit. Written by billing, held to where doctors join and patients book.
    max_doctors = models.PositiveIntegerField(_("doctors at most"), null=True, blank=True, editable=False)
    max_appointments_per_month = models.PositiveIntegerField(
        _("appointments a month at most"), null=True, blank=True, editable=False
    )
    rating = models.DecimalField(
        _("rating"), max_digits=3, decimal_places=2, default=0, help_text=_("0 while there is no rating.")
    )
    rating_count = models.PositiveIntegerField(_("number of ratings"), default=0)

    objects = querysets.HospitalQuerySet.as_manager()

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospitals")
        ordering: ClassVar = ["name_en", "id"]
        constraints: ClassVar = [*verification_constraints("hospital")]
        indexes: ClassVar = [
            models.Index(fields=["-rating", "-id"], name="hospital_listed_by_rating", condition=_LISTED),
            models.Index(fields=["country", "-rating", "-id"], name="hospital_listed_by_country",
                         condition=_LISTED),
            *(models.Index(sort_name(language), "id", name=f"hospital_listed_by_name_{language}",
                           condition=_LISTED) for language, _label in settings.LANGUAGES),
            models.Index(fields=["verification", "-created_at"], name="hospital_by_verification"),
            models.Index(fields=["latitude", "longitude"], name="hospital_listed_by_place", condition=_LISTED),
            GinIndex(fields=["cities"], name="hospital_by_cities"),
            search_index("hospital"),
            texts.status_index("hospital_text_status"),
        ]  # fmt: skip
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status", "search", "cities"]),
            texts.kept("name", "city", "description"),
            derived.of_hospital(),
            derived.hospital_changed(),
        ]

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


class Accreditation(Expiring, Verifiable):
    """A hospital's accreditation by a body. Public once an admin approved it, through its last day."""

    decisions = workflow.ACCREDITATION
    part_of = "hospital"

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="accreditations"
    )
    body = models.ForeignKey(
        AccreditationBody, verbose_name=_("body"), on_delete=models.PROTECT, related_name="accreditations"
    )
    number = models.CharField(_("number"), max_length=60)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True, help_text=_("The last day it is valid."))
    document = models.ForeignKey(
        StoredFile, verbose_name=_("document"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = querysets.OfHospitalQuerySet.as_manager()

    class Meta:
        verbose_name = _("accreditation")
        verbose_name_plural = _("accreditations")
        ordering: ClassVar = ["body__code", "-expires_on"]
        constraints: ClassVar = [
            *verification_constraints("accreditation"),
            models.UniqueConstraint(fields=["hospital", "body", "number"], name="accreditation_once"),
            models.CheckConstraint(
                condition=models.Q(issued_on=None)
                | models.Q(expires_on=None)
                | models.Q(expires_on__gte=models.F("issued_on")),
                name="accreditation_expires_after_its_issue",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_on"], name="accreditation_by_expiry"),
            models.Index(fields=["verification", "-created_at"], name="accreditation_by_verification"),
        ]
        triggers: ClassVar = [audit.tracked(ignored=["told_days"])]

    def __str__(self) -> str:
        return f"{self.body.code} {self.number}"


class HospitalImage(TranslatedModel):
    """A picture of a hospital's gallery, with a caption in five languages."""

    part_of = "hospital"

    hospital = models.ForeignKey(Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="images")
    file = models.ForeignKey(StoredFile, verbose_name=_("picture"), on_delete=models.PROTECT, related_name="+")
    caption = models.CharField(_("caption"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The lowest comes first."))

    objects = querysets.HospitalTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("gallery")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hospital", "file"], name="hospital_image_once")]
        triggers: ClassVar = [audit.tracked(ignored=["text_status"]), texts.kept("caption")]

    def __str__(self) -> str:
        return self.caption or str(_("picture"))


class HospitalDocument(BaseModel):
    """A paper by which an admin verifies a hospital; private to its staff and platform admins."""

    class Kind(models.TextChoices):
        REGISTRATION = "registration", _("Registration of the company")
        LICENCE = "licence", _("Operating licence")
        INSURANCE = "insurance", _("Liability insurance")
        OTHER = "other", _("Other")

    hospital = models.ForeignKey(
        Hospital, verbose_name=_("hospital"), on_delete=models.CASCADE, related_name="documents"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")

    objects = querysets.OfHospitalQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["hospital", "file"], name="hospital_document_once")]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.get_kind_display()
