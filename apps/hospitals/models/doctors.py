"""Doctors, what they studied, and their licences."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.accounts.models import User
from apps.common import audit, texts
from apps.common.models import BaseModel, TranslatedModel
from apps.hospitals import querysets
from apps.hospitals.validators import validate_spoken_language
from apps.media.models import StoredFile

from . import derived
from .base import (
    Expiring,
    Searchable,
    Verifiable,
    currency_field,
    price_field,
    price_in_euro_field,
    search_index,
    verification_constraints,
)
from .reference import Specialty

_LISTED = models.Q(verification="approved", is_active=True, is_account_active=True)


class Doctor(Searchable, TranslatedModel, Verifiable):
    """A doctor's public profile and standing. Registering makes one that is pending and not listed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="doctor"
    )
    title = models.CharField(_("title"), max_length=40, blank=True, help_text=_("Such as “Dr.”."))
    specialty = models.ForeignKey(
        Specialty, verbose_name=_("specialty"), null=True, blank=True, on_delete=models.PROTECT, related_name="doctors"
    )
    practising_since = models.PositiveSmallIntegerField(_("practising since (year)"), null=True, blank=True)
    bio = models.TextField(_("biography"), blank=True)
    consultation_fee = price_field(_("consultation fee"), null=True, blank=True)
    currency = currency_field(blank=True)
    fee_in_euro = price_in_euro_field(_("fee in euros"))
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
    portrait = models.ForeignKey(
        StoredFile, verbose_name=_("portrait"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    onboarded_at = models.DateTimeField(_("profile completed at"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Inactive doctors are not listed."))
    max_appointments_per_month = models.PositiveIntegerField(
        _("appointments a month at most"), null=True, blank=True, editable=False,
        help_text=_("What the doctor's subscription allows; empty: no limit. Written by billing."),
    )  # fmt: skip
    is_bookable = models.BooleanField(
        _("takes appointments"), default=False, editable=False,
        help_text=_("Has consulting hours at a hospital; kept by the bookings."),
    )  # fmt: skip
    next_free_at = models.DateTimeField(
        _("next free time"), null=True, blank=True, editable=False,
        help_text=_("The next slot that can be booked; kept by the bookings."),
    )  # fmt: skip
    licensed_until = models.DateField(
        _("licensed until"), null=True, blank=True, editable=False,
        help_text=_("Last day of the approved licence that lasts longest; empty without one. Kept by the database."),
    )  # fmt: skip
    # Where the doctor practises, as the public may know it: kept by the database for filters and distances.
    hospital_ids = ArrayField(models.UUIDField(), verbose_name=_("hospitals"), default=list, editable=False)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list, editable=False)
    cities = ArrayField(
        models.TextField(), verbose_name=_("cities"), default=list, editable=False,
        help_text=_("Their names in all languages, as the filter compares them."),
    )  # fmt: skip
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, editable=False)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, editable=False)
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
            *verification_constraints("doctor"),
            models.CheckConstraint(
                condition=models.Q(consultation_fee=None) | models.Q(consultation_fee__gte=0) & ~models.Q(currency=""),
                name="doctor_fee_has_a_currency",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-rating", "-id"], name="doctor_listed_by_rating", condition=_LISTED,
                         include=["licensed_until"]),
            models.Index(fields=["specialty", "-rating", "-id"], name="doctor_listed_by_specialty",
                         condition=_LISTED, include=["licensed_until"]),
            models.Index(fields=["sort_name", "id"], name="doctor_listed_by_name", condition=_LISTED),
            models.Index(fields=["practising_since", "-id"], name="doctor_listed_by_experience",
                         condition=_LISTED),
            GinIndex(fields=["languages"], name="doctor_by_language"),
            models.Index(fields=["verification", "-created_at"], name="doctor_by_verification"),
            models.Index(fields=["licensed_until"], name="doctor_by_licence_expiry"),
            models.Index(fields=["fee_in_euro", "id"], name="doctor_listed_by_any_fee", condition=_LISTED),
            models.Index(models.F("fee_in_euro").desc(nulls_last=True), models.F("id").desc(),
                         name="doctor_listed_by_highest_fee", condition=_LISTED),
            models.Index(fields=["next_free_at", "id"], name="doctor_listed_by_next_free", condition=_LISTED),
            GinIndex(fields=["hospital_ids"], name="doctor_by_hospitals"),
            GinIndex(fields=["countries"], name="doctor_by_countries"),
            GinIndex(fields=["cities"], name="doctor_by_cities"),
            models.Index(fields=["latitude", "longitude"], name="doctor_listed_by_place", condition=_LISTED),
            search_index("doctor"),
            texts.status_index("doctor_text_status"),
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
                ignored=[
                    "first_name",
                    "last_name",
                    "sort_name",
                    "is_account_active",
                    "is_bookable",
                    "next_free_at",
                    "licensed_until",
                    "hospital_ids",
                    "countries",
                    "cities",
                    "latitude",
                    "longitude",
                    "fee_in_euro",
                    "text_status",
                    "search",
                ]
            ),
            texts.kept("title", "bio"),
            derived.of_doctor(),
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


class Qualification(TranslatedModel):
    """A degree or fellowship of a doctor, as the public profile shows it; the diploma itself stays private."""

    part_of = "doctor"

    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="qualifications"
    )
    name = models.CharField(_("name"), max_length=160, help_text=_("Such as “MD (Cardiology)”."))
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    country = CountryField(_("country"), blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    document = models.ForeignKey(
        StoredFile, verbose_name=_("document"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = querysets.OfDoctorQuerySet.as_manager()

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering: ClassVar = ["year", "id"]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status"]),
            texts.kept("name", "institution"),
            derived.qualification_changed(),
        ]

    def __str__(self) -> str:
        return self.name


class Licence(Expiring, Verifiable):
    """A permission to practise in a country. It counts once an admin approved it, through the day it expires on."""

    part_of = "doctor"

    doctor = models.ForeignKey(Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="licences")
    number = models.CharField(_("number"), max_length=60)
    country = CountryField(_("country"))
    authority = models.CharField(_("authority"), max_length=160, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    expires_on = models.DateField(
        _("expires on"), null=True, blank=True, help_text=_("The last day it is valid; empty if it does not lapse.")
    )
    document = models.ForeignKey(
        StoredFile, verbose_name=_("document"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = querysets.LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        ordering: ClassVar = ["country", "-expires_on", "id"]
        constraints: ClassVar = [
            *verification_constraints("licence"),
            # A renewed licence keeps its number and has another last day.
            models.UniqueConstraint(
                fields=["doctor", "country", "number", "expires_on"], name="licence_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["doctor", "country", "number"],
                condition=models.Q(verification="pending"),
                name="licence_waits_once",
            ),
            models.CheckConstraint(
                condition=models.Q(issued_on=None)
                | models.Q(expires_on=None)
                | models.Q(expires_on__gte=models.F("issued_on")),
                name="licence_expires_after_its_issue",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_on"], name="licence_by_expiry"),
            models.Index(fields=["verification", "-created_at"], name="licence_by_verification"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="say_licensed_until",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                # What says nothing of the licence itself must not take the doctor's lock.
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("verification", "expires_on") | pgtrigger.Delete,
                func=(
                    "UPDATE hospitals_doctor SET licensed_until ="
                    " (SELECT max(COALESCE(expires_on, DATE '9999-12-31')) FROM hospitals_licence"
                    " WHERE doctor_id = hospitals_doctor.id AND verification = 'approved')"
                    " WHERE id = COALESCE(NEW.doctor_id, OLD.doctor_id); RETURN NULL;"
                ),
            ),
            audit.tracked(masked=["number"], ignored=["told_days"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.country})"


class DoctorDocument(BaseModel):
    """A paper by which an admin verifies a doctor, beside licences and diplomas; private to the doctor and admins."""

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("Identity document")
        GOOD_STANDING = "good_standing", _("Certificate of good standing")
        INSURANCE = "insurance", _("Professional liability insurance")
        OTHER = "other", _("Other")

    doctor = models.ForeignKey(Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")

    objects = querysets.PapersQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["doctor", "file"], name="doctor_document_once")]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.get_kind_display()
