"""What makes a password strong (8 to 128 characters; lower and upper case, a digit, a special one), and a name fit."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MIN_LENGTH, MAX_LENGTH = 8, 128


#: Characters that turn the direction of the text around them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_name(name: str) -> None:
    """Names stand in e-mails that we send: they cannot turn the text around them, nor carry a link."""
    if any(unicodedata.category(character) == "Cc" or character in _TURNING for character in name):
        raise ValidationError(_("A name has no line breaks or control characters."), code="name")
    if "://" in name or "www." in name.lower():
        raise ValidationError(_("A name holds no web address."), code="name")


class LengthValidator:
    def validate(self, password: str, user: Any = None) -> None:
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_length")

    def get_help_text(self) -> str:
        return _("A password has %(min)d to %(max)d characters.") % {"min": MIN_LENGTH, "max": MAX_LENGTH}


class CharacterClassValidator:
    def validate(self, password: str, user: Any = None) -> None:
        has_lower = any(character.islower() for character in password)
        has_upper = any(character.isupper() for character in password)
        has_digit = any(character.isdigit() for character in password)
        has_special = any(not character.isalnum() and not character.isspace() for character in password)
        if not (has_lower and has_upper and has_digit and has_special):
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return str(_("A password needs a lower-case letter, an upper-case letter, a digit and a special character."))
