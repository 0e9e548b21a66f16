"""Which texts of billing exist in five languages."""

from modeltranslation.translator import TranslationOptions, register

from .models import SubscriptionPlan


@register(SubscriptionPlan)
class SubscriptionPlanTranslation(TranslationOptions):
    fields = ("name", "description")
