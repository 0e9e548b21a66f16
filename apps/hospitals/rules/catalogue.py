"""Who keeps the catalogue, and what a treatment, an offer and a package must be."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.common.exceptions import DomainError, Forbidden, Invalid
from apps.hospitals import exceptions
from apps.hospitals.models import Hospital, Package, Treatment
from apps.hospitals.workflow import Verification

from .prices import why_wrong_price

TREATMENT_TEXTS = frozenset({"name", "description", "recovery"})
OFFER_TEXTS = frozenset({"inclusions", "exclusions"})
PACKAGE_TEXTS = frozenset({"name", "description", "city", "inclusions", "exclusions"})

MAX_ITEMS = 40
LONGEST_ITEM = 200
MAX_SEASONS = 24
MAX_TREATMENTS = 20
MAX_HOSPITALS = 50


def why_not_keep_catalogue(fields: Collection[str], texts: Collection[str], *, by: User | None) -> DomainError | None:
    """Platform admins keep treatments and packages; translators change their texts, and nothing else of them."""
    if by is None or by.role == Role.ADMIN:
        return None
    return None if _only_translates(fields, texts, by) else Forbidden()


def why_not_keep_offer(fields: Collection[str], *, by: User | None, is_own: bool) -> DomainError | None:
    """Platform admins keep every hospital's offers and its staff their own; translators change their texts only."""
    if by is None or by.role == Role.ADMIN or (by.role == Role.HOSPITAL_ADMIN and is_own):
        return None
    return None if _only_translates(fields, OFFER_TEXTS, by) else Forbidden()


def _only_translates(fields: Collection[str], texts: Collection[str], by: User) -> bool:
    return by.role == Role.TRANSLATOR and bool(fields) and set(fields) <= set(texts)


def why_not_offer(treatment: Treatment, *, is_offered: bool) -> DomainError | None:
    """A hospital offers a treatment of the catalogue once."""
    if not treatment.is_active:
        return exceptions.TreatmentNotActive()
    return exceptions.OfferExists() if is_offered else None


def why_wrong_days(hospital_days: int | None, stay_days: int | None) -> Invalid | None:
    """The days in the country hold the days in hospital."""
    if hospital_days is not None and stay_days is not None and stay_days < hospital_days:
        return Invalid(errors={"stay_days": [_("The days in the country cannot be fewer than those in hospital.")]})
    return None


def why_wrong_items(items: Mapping[str, Mapping[str, Sequence[str]]]) -> Invalid | None:
    """What is included, and what is not, is a list of at most 40 short items in each language."""
    errors = {}
    for field, by_language in items.items():
        for language, lines in by_language.items():
            if len(lines) > MAX_ITEMS:
                message = ngettext("At most %(count)d item.", "At most %(count)d items.", MAX_ITEMS)
                errors[f"{field}.{language}"] = [message % {"count": MAX_ITEMS}]
            elif any(len(line) > LONGEST_ITEM for line in lines):
                message = ngettext(
                    "An item has at most %(count)d character.",
                    "An item has at most %(count)d characters.",
                    LONGEST_ITEM,
                )
                errors[f"{field}.{language}"] = [message % {"count": LONGEST_ITEM}]
    return Invalid(errors=errors) if errors else None


def why_not_compose(
    package: Package,
    treatments: Collection[Treatment],
    hospitals: Collection[Hospital],
    offered: Mapping[UUID, Collection[UUID]],
) -> Invalid | None:
    """A package has a treatment of the catalogue and a hospital, at least; each of its hospitals is listed, lies in the
    package's country and offers one of its treatments. `offered` says by hospital which of them."""
    errors = {}
    if not treatments:
        errors["treatments"] = [_("A package has at least one treatment.")]
    if not hospitals:
        errors["hospitals"] = [_("A package has at least one hospital.")]
    for treatment in treatments:
        if not treatment.is_active:
            errors["treatments"] = [_("“%(treatment)s” is not in the catalogue at present.") % {"treatment": treatment}]
    for hospital in hospitals:
        names = {"hospital": hospital.name}
        if hospital.verification != Verification.APPROVED or not hospital.is_active:
            errors["hospitals"] = [_("%(hospital)s is not listed at present.") % names]
        elif hospital.country != package.country:
            errors["hospitals"] = [_("%(hospital)s is not in the package's country.") % names]
        elif treatments and not offered.get(hospital.pk):
            errors["hospitals"] = [_("%(hospital)s offers none of these treatments.") % names]
    return Invalid(errors=errors) if errors else None


def why_wrong_seasons(seasons: Sequence[Mapping[str, Any]], currency: str) -> Invalid | None:
    """A season begins, ends and has a price in the package's currency; two seasons of a package share no day."""
    if len(seasons) > MAX_SEASONS:
        message = ngettext("At most %(count)d season.", "At most %(count)d seasons.", MAX_SEASONS)
        return Invalid(errors={"seasons": [message % {"count": MAX_SEASONS}]})
    for index, season in enumerate(seasons):
        if season["ends_on"] < season["starts_on"]:
            return Invalid(errors={f"seasons.{index}.ends_on": [_("The end lies before the beginning.")]})
        refusal = why_wrong_price(season["price"], currency, field=f"seasons.{index}.price")
        if refusal:
            return refusal
        for other in seasons[:index]:
            if season["starts_on"] <= other["ends_on"] and other["starts_on"] <= season["ends_on"]:
                message = _("Another season of this package has some of these days.")
                return Invalid(errors={f"seasons.{index}.starts_on": [message]})
    return None
