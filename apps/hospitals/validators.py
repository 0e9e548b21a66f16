"""What a code of the directory may be."""

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: Languages that people speak (ISO 639), as Unicode CLDR knows them.
SPOKEN = frozenset(code for code in map(str, Locale.parse("en").languages) if code.isalpha() and len(code) <= 3)


def validate_spoken_language(code: str) -> None:
    if code not in SPOKEN:
        raise ValidationError(
            _("“%(code)s” is not a language code, such as en."), params={"code": code}, code="language"
        )
