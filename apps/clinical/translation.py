"""Which texts of clinical exist in five languages."""

from modeltranslation.translator import TranslationOptions, register

from .models import Laboratory


@register(Laboratory)
class LaboratoryTranslation(TranslationOptions):
    fields = ("name", "description", "city")
