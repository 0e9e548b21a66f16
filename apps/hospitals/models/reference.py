"""Reference data of the directory, in five languages: specialties, procedures, categories, accreditation bodies."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from apps.common import audit, texts
from apps.common.models import BaseModel, TranslatedModel
from apps.hospitals import querysets

from . import derived


class Specialty(TranslatedModel):
    """A field of medicine; `code` is stable and appears in URLs."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    practitioner = models.CharField(_("practitioner"), max_length=120, help_text=_("Such as “Cardiologist”."))

    objects = querysets.ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering: ClassVar = ["code"]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status"]),
            texts.kept("name", "practitioner"),
            derived.specialty_changed(),
        ]

    def __str__(self) -> str:
        return self.name


class Procedure(TranslatedModel):
    """A clinical act of a specialty, such as a coronary angiography; treatments are made of procedures."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=160)
    specialty = models.ForeignKey(
        Specialty, verbose_name=_("specialty"), on_delete=models.PROTECT, related_name="procedures"
    )

    objects = querysets.ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        ordering: ClassVar = ["code"]
        triggers: ClassVar = [audit.tracked(ignored=["text_status"]), texts.kept("name"), derived.procedure_changed()]

    def __str__(self) -> str:
        return self.name


class TreatmentCategory(TranslatedModel):
    """A shelf of the treatment catalogue, such as heart care."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The lowest comes first."))

    objects = querysets.ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("treatment category")
        verbose_name_plural = _("treatment categories")
        ordering: ClassVar = ["position", "code"]
        triggers: ClassVar = [
            audit.tracked(ignored=["text_status"]),
            texts.kept("name", "description"),
            derived.category_changed(),
        ]

    def __str__(self) -> str:
        return self.name


class AccreditationBody(BaseModel):
    """An organisation that accredits hospitals, such as JCI; its name is proper and not translated."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=160)
    country = CountryField(_("country"), blank=True, help_text=_("Empty for one that works in many countries."))
    website = models.URLField(_("website"), blank=True)

    objects = querysets.ReferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("accreditation body")
        verbose_name_plural = _("accreditation bodies")
        ordering: ClassVar = ["code"]
        triggers: ClassVar = [audit.tracked()]

    def __str__(self) -> str:
        return self.code
