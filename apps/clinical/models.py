"""Patients. Their records, consents and prescriptions come with the patient's record."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.common import audit
from apps.common.models import BaseModel

from . import querysets


class Patient(BaseModel):
    """A person who is treated. Made when someone registers as a patient, or by a coordinator."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")
        UNKNOWN = "unknown", _("Not said")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="patient"
    )
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender.choices, default=Gender.UNKNOWN)
    country = CountryField(_("country"), blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)

    objects = querysets.PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(gender__in=["female", "male", "other", "unknown"]), name="patient_gender_is_known"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["country", "-created_at"], name="patient_by_country")]
        triggers: ClassVar = [audit.tracked(masked=["birth_date", "gender"])]

    def __str__(self) -> str:
        return self.user.full_name
