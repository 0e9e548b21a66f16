"""The translators' verb."""

from typing import Any

from django.db import transaction
from modeltranslation.translator import translator

from apps.accounts.models import User
from apps.common.models import TranslatedModel
from apps.hospitals import rules

from . import texts


@transaction.atomic
def translate(row: TranslatedModel, *, by: User | None, **changes: texts.Texts) -> TranslatedModel:
    """The row's texts say what `changes` say by language; nothing else of it changes. Raises Forbidden, Invalid."""
    model: Any = type(row)
    translated = list(translator.get_options_for_model(model).all_fields)
    refusal = rules.why_not_translate(changes, translated, by=by)
    if refusal:
        raise refusal
    row.lock_whole()
    row = model.objects.lock(row.pk)
    texts.write(row, changes, texts=changes, plain=())
    texts.require_english(row, [name for name in translated if not model._meta.get_field(name).blank])
    row.save()
    return row
