"""How services write fields: texts by language and plain values as everywhere, and references by code."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from apps.common.exceptions import Invalid
from apps.common.texts import LANGUAGES, Texts, require_english, write
from apps.hospitals.models import Specialty

__all__ = ["LANGUAGES", "Texts", "require_english", "specialties_by_code", "write"]


def specialties_by_code(codes: Collection[str], field: str) -> list[Specialty]:
    """The specialties of these codes. Raises Invalid that names an unknown one."""
    found = {specialty.code: specialty for specialty in Specialty.objects.filter(code__in=codes)}
    unknown = [code for code in codes if code not in found]
    if unknown:
        message = _("There is no specialty “%(code)s”.") % {"code": unknown[0]}
        raise Invalid(errors={field: [message]})
    return [found[code] for code in dict.fromkeys(codes)]
