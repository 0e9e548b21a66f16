"""Who keeps a hospital's bank account, and what an account may be."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Invalid, Text
from apps.hospitals.models import BankAccount

from .hospitals import why_not_keep_hospital

#: Countries whose accounts have an IBAN (ISO 13616), and its length there.
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
#: Of other countries: what their banks print, which has digits in it.
_NUMBER = re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9/-]{3,33}")
#: ISO 9362: the bank, its country, its place, and perhaps a branch.
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")


def may_see_bank_accounts(user: Any) -> bool:
    """Platform admins, and a hospital's own staff theirs; nobody else has to do with where a hospital is paid."""
    return bool(user.is_authenticated) and user.role in {Role.ADMIN, Role.HOSPITAL_ADMIN}


def why_not_keep_bank_account(account: BankAccount, *, by: User | None, is_own: bool) -> DomainError | None:
    """Admins keep every hospital's account, and its staff their own. `account` is as it is to be."""
    return why_not_keep_hospital(by=by, is_own=is_own) or why_wrong_bank_account(account)


def why_wrong_bank_account(account: BankAccount) -> Invalid | None:
    """Where banks use the IBAN it has the country's length and its check digits are right; elsewhere a number has
    four to 34 letters and digits. A BIC has eight or eleven."""
    country = str(account.country)
    errors: dict[str, list[Text]] = {}
    if country in IBAN_LENGTHS:
        if not account.number.startswith(country):
            errors["number"] = [_("Accounts in this country have an IBAN that begins with %(country)s.")]
        elif len(account.number) != IBAN_LENGTHS[country] or not has_right_check_digits(account.number):
            errors["number"] = [_("This IBAN is not right: please compare it with the bank's letter.")]
    elif not _NUMBER.fullmatch(account.number):
        errors["number"] = [_("An account number has 4 to 34 letters and digits.")]
    if account.bic and not _BIC.fullmatch(account.bic):
        errors["bic"] = [_("A BIC has 8 or 11 letters and digits, such as DEUTDEFF.")]
    errors = {name: [str(text) % {"country": country} for text in texts] for name, texts in errors.items()}
    return Invalid(errors=errors) if errors else None


def has_right_check_digits(iban: str) -> bool:
    """By the remainder 1 modulo 97 that ISO 7064 asks for."""
    if not _IBAN.fullmatch(iban):
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def without_spaces(number: str) -> str:
    """As it is kept: capital letters, and nothing between the groups that people write it in."""
    return "".join(number.split()).upper()
