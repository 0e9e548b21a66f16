"""Which texts of the directory exist in five languages."""

from modeltranslation.translator import TranslationOptions, register

from .models import Doctor, Hospital, Specialty


@register(Specialty)
class SpecialtyTranslation(TranslationOptions):
    fields = ("name", "practitioner")


@register(Hospital)
class HospitalTranslation(TranslationOptions):
    fields = ("name", "description", "city")


@register(Doctor)
class DoctorTranslation(TranslationOptions):
    fields = ("title", "bio")
