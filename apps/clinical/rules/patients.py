"""Decisions about patients."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical import exceptions
from apps.common.exceptions import DomainError, Forbidden, Invalid

OLDEST_YEARS = 130
ADULT_AT = 18
#: Entries of one kind (allergies, guardians, ...) that a patient's page holds; struck out ones count.
MAX_ENTRIES = 100
#: Platform staff who keep patients' pages.
KEEPERS = frozenset({Role.ADMIN, Role.COORDINATOR})

_TENTH = Decimal("0.1")
_BMI_BOUNDS = (
    (Decimal("18.5"), "underweight"),
    (Decimal(25), "normal_weight"),
    (Decimal(30), "overweight"),
)


def why_not_born_on(birth_date: date | None, *, today: date) -> DomainError | None:
    """Nobody is born tomorrow, nor more than 130 years ago. Not knowing the day is no reason to refuse."""
    if birth_date is None:
        return None
    if birth_date > today:
        return Invalid(errors={"birth_date": [_("This day lies in the future.")]})
    if birth_date.year < today.year - OLDEST_YEARS:
        return Invalid(errors={"birth_date": [_("This day lies too far back.")]})
    return None


def is_minor(patient: Any, *, today: date) -> bool:
    """Under eighteen. Whose day of birth is not known is taken for an adult."""
    age = patient.age_on(today)
    return age is not None and age < ADULT_AT


def why_not_grow_up(patient: Any, birth_date: date | None, *, today: date, by: Any) -> DomainError | None:
    """A minor does not make themself an adult, who consents alone: another day of birth that would is entered by a
    coordinator or admin, who has seen a document."""
    if birth_date is None or by is None or by.pk != patient.user_id or not is_minor(patient, today=today):
        return None
    becomes = type(patient)(birth_date=birth_date)
    return None if is_minor(becomes, today=today) else Forbidden()


def bmi(height_cm: Decimal | None, weight_kg: Decimal | None) -> Decimal | None:
    """The body mass index in kg/m², to one place: the weight in kilograms by the square of the height in metres.

    World Health Organization, “Obesity: preventing and managing the global epidemic”, Technical Report Series 894
    (2000), page 8. None where either figure is not known.
    """
    if not height_cm or not weight_kg:
        return None
    metres = Decimal(height_cm) / 100
    return (Decimal(weight_kg) / (metres * metres)).quantize(_TENTH, rounding=ROUND_HALF_UP)


def bmi_category(index: Decimal | None, *, age: int | None) -> str | None:
    """What an adult's index means by table 2.1 of the same report; None for a minor, whose index is read by growth
    charts for age and sex, and for whoever's age is not known."""
    if index is None or age is None or age < ADULT_AT:
        return None
    return next((category for bound, category in _BMI_BOUNDS if index < bound), "obesity")


def why_not_keep(patient: Any, *, by: Any) -> DomainError | None:
    """A patient's page is kept by the patient, by coordinators and by platform admins. The system itself may."""
    if by is None or by.role in KEEPERS or patient.user_id == by.pk:
        return None
    return Forbidden()


def why_not_onboard(patient: Any, *, by: Any) -> DomainError | None:
    """The medical information is first given once, and then changed entry by entry."""
    return why_not_keep(patient, by=by) or (exceptions.AlreadyOnboarded() if patient.onboarded_at else None)


def why_no_guardian(patient: Any, guardians: int, *, today: date) -> DomainError | None:
    """An adult answers for a patient under eighteen."""
    if guardians == 0 and is_minor(patient, today=today):
        return exceptions.GuardianNeeded()
    return None


def why_not_add_entry(patient: Any, *, is_medical: bool, present: int, by: Any) -> DomainError | None:
    """Entries are added by whoever keeps the page, medical ones once the medical information has been given: before,
    an empty list would look like an answer."""
    refusal = why_not_keep(patient, by=by)
    if refusal:
        return refusal
    if is_medical and patient.onboarded_at is None:
        return exceptions.NotOnboarded()
    return exceptions.TooManyEntries(count=MAX_ENTRIES) if present >= MAX_ENTRIES else None


def why_not_change_entry(patient: Any, entry: Any, *, by: Any) -> DomainError | None:
    """What was struck out stays as it was."""
    refusal = why_not_keep(patient, by=by)
    if refusal:
        return refusal
    return exceptions.StruckOut() if getattr(entry, "struck_out_at", None) else None


def why_wrong_years(since_year: int | None, *, birth_date: date | None, today: date) -> DomainError | None:
    """A condition began between the patient's birth and now."""
    if since_year is None:
        return None
    first = birth_date.year if birth_date else today.year - OLDEST_YEARS
    if not first <= since_year <= today.year:
        return Invalid(errors={"since_year": [_("This year is not within the patient's life.")]})
    return None


def why_wrong_period(first: date | None, last: date | None, *, field: str) -> DomainError | None:
    """A period ends after it begins."""
    if first and last and last < first:
        return Invalid(errors={field: [_("The end lies before the beginning.")]})
    return None


def why_not_reachable(guardian: Any) -> DomainError | None:
    """A guardian can be called or written to."""
    if guardian.phone or guardian.email:
        return None
    return Invalid(errors={"phone": [_("Give a phone number or an e-mail address.")]})


def why_not_close(patient: Any, *, by: Any) -> DomainError | None:
    """A platform admin closes a patient's account."""
    return None if by.role == Role.ADMIN else Forbidden()
