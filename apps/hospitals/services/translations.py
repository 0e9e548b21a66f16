"""The translators' verb."""

from typing import Any

from django.db import transaction
from modeltranslation.translator import translator

from apps.accounts.models import User
from apps.common.models import TranslatedModel
from apps.hospitals import rules
from apps.hospitals.models import Affiliation, HospitalImage, PackageSeason, Qualification

from . import texts

#: Rows that are changed under the lock of the one they belong to.
_OWNERS: dict[type[TranslatedModel], str] = {
    Affiliation: "doctor", HospitalImage: "hospital", PackageSeason: "package", Qualification: "doctor",
}  # fmt: skip


@transaction.atomic
def translate(row: TranslatedModel, *, by: User | None, **changes: texts.Texts) -> TranslatedModel:
    """The row's texts say what `changes` say by language; nothing else of it changes. Raises Forbidden, Invalid."""
    model: Any = type(row)
    translated = list(translator.get_options_for_model(model).all_fields)
    refusal = rules.why_not_translate(changes, translated, by=by)
    if refusal:
        raise refusal
    if owner := _OWNERS.get(model):
        model._meta.get_field(owner).related_model.objects.lock(getattr(row, f"{owner}_id"))
    row = model.objects.lock(row.pk)
    texts.write(row, changes, texts=changes, plain=())
    texts.require_english(row, [name for name in translated if not model._meta.get_field(name).blank])
    row.save()
    return row
