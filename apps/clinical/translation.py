"""Which texts of clinical exist in five languages."""

from modeltranslation.translator import TranslationOptions, register

from .models import InsuranceProvider, Laboratory


@register(Laboratory)
class LaboratoryTranslation(TranslationOptions):
    fields = ("name", "description", "city")


@register(InsuranceProvider)
class InsuranceProviderTranslation(TranslationOptions):
    fields = ("name",)
