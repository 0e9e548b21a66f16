"""Which texts of the directory exist in five languages."""

from modeltranslation.translator import TranslationOptions, register

from .models import (
    Affiliation,
    Doctor,
    Hospital,
    HospitalImage,
    Offer,
    Package,
    PackageSeason,
    Procedure,
    Qualification,
    Specialty,
    Treatment,
    TreatmentCategory,
)


@register(Specialty)
class SpecialtyTranslation(TranslationOptions):
    fields = ("name", "practitioner")


@register([Procedure, PackageSeason])
class NamedTranslation(TranslationOptions):
    fields = ("name",)


@register(TreatmentCategory)
class TreatmentCategoryTranslation(TranslationOptions):
    fields = ("name", "description")


@register(Hospital)
class HospitalTranslation(TranslationOptions):
    fields = ("name", "description", "city")


@register(HospitalImage)
class HospitalImageTranslation(TranslationOptions):
    fields = ("caption",)


@register(Doctor)
class DoctorTranslation(TranslationOptions):
    fields = ("title", "bio")


@register(Qualification)
class QualificationTranslation(TranslationOptions):
    fields = ("name", "institution")


@register(Affiliation)
class AffiliationTranslation(TranslationOptions):
    fields = ("department", "position")


@register(Treatment)
class TreatmentTranslation(TranslationOptions):
    fields = ("name", "description", "recovery")


@register(Offer)
class OfferTranslation(TranslationOptions):
    fields = ("inclusions", "exclusions")


@register(Package)
class PackageTranslation(TranslationOptions):
    fields = ("name", "description", "city", "inclusions", "exclusions")
