"""Decisions about insurers, and about what they say of a policy."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.clinical.insurers import Figures
from apps.common import money
from apps.common.exceptions import DomainError, Forbidden, Invalid

from .patients import KEEPERS

#: So often our computers ask an insurer's; then a coordinator does.
MAX_ATTEMPTS = 5
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
#: A shorter secret can be guessed by trying.
MIN_SECRET = 32


def wait_after(attempts: int) -> timedelta:
    """A minute, five, twenty, an hour."""
    return _WAITS[min(attempts, len(_WAITS)) - 1]


def why_not_keep_insurer(*, by: Any) -> DomainError | None:
    """Platform admins keep the list of insurers; so may the system itself."""
    return None if by is None or by.role == Role.ADMIN else Forbidden()


def why_wrong_insurer(provider: Any) -> DomainError | None:
    """Our computers ask an insurer only at an address of https without a name or password in it, and with a secret
    that both sides sign with."""
    errors: dict[str, list[Any]] = {}
    if provider.endpoint:
        parts = urlsplit(provider.endpoint)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
            errors["endpoint"] = [_("Give an address that begins with https:// and holds no name or password.")]
    if provider.secret and len(provider.secret) < MIN_SECRET:
        errors["secret"] = [_("Give at least %(count)d characters.") % {"count": MIN_SECRET}]
    if provider.verification_kind == "http":
        for name in ("endpoint", "secret"):
            if not getattr(provider, name):
                errors[name] = [_("Our computers ask an insurer only with an address and a secret.")]
    return Invalid(errors=errors) if errors else None


def why_not_choose_insurer(provider: Any | None) -> DomainError | None:
    """A policy names an insurer that is on the list."""
    if provider is None or not provider.is_active:
        return Invalid(errors={"provider_id": [_("There is no such insurer on the list.")]})
    return None


def why_not_ask_insurer(policy: Any, *, today: date) -> DomainError | None:
    """A policy that is over is not asked about, nor one that was removed."""
    if policy.struck_out_at:
        return exceptions.StruckOut()
    if policy.valid_until and policy.valid_until < today:
        return exceptions.PolicyOver()
    return None


def why_not_decide_insurance(policy: Any, *, verified: bool, note: str, by: Any) -> DomainError | None:
    """A coordinator or a platform admin says what the insurer said, once it was asked for; a no has a reason."""
    if by.role not in KEEPERS:
        return Forbidden()
    if policy.verification != "requested":
        return exceptions.VerificationNotRequested()
    if not verified and not note.strip():
        return Invalid(errors={"note": [_("Say what the insurer said.")]})
    return None


def why_wrong_figures(figures: Figures, *, valid: bool, today: date) -> DomainError | None:
    """Only a policy that holds has figures: amounts of no less than nothing in a currency that has so many decimal
    places, a share of at most a hundred percent, a day that is not over. They are never rounded here."""
    if not valid:
        return None if figures.are_none else Invalid(errors={"valid": [_("Only a policy that holds has figures.")]})
    errors: dict[str, list[Any]] = {}
    amounts = {"coverage_amount": figures.coverage_amount, "deductible": figures.deductible}
    given = {name: amount for name, amount in amounts.items() if amount is not None}
    if bool(given) != bool(figures.currency):
        errors["currency"] = [_("Amounts have a currency, and a currency is that of an amount.")]
    elif figures.currency and not money.is_currency(figures.currency):
        errors["currency"] = [_("This is not a currency code, such as USD.")]
    else:
        for name, amount in given.items():
            if not 0 <= amount < money.LIMIT or money.quantize(amount, figures.currency) != amount:
                errors[name] = [_("This is not an amount of this currency.")]
    if figures.co_pay_percent is not None and not _is_percentage(figures.co_pay_percent):
        errors["co_pay_percent"] = [_("Give a percentage from 0 to 100 with at most two decimal places.")]
    if figures.valid_until and figures.valid_until < today:
        errors["valid_until"] = [_("This day is over.")]
    return Invalid(errors=errors) if errors else None


def _is_percentage(number: Any) -> bool:
    return 0 <= number <= 100 and round(number, 2) == number
