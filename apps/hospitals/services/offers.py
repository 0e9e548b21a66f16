"""Verbs on what a hospital offers of the catalogue."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.hospitals import rules
from apps.hospitals.models import Hospital, Offer, Treatment

from . import items, texts

PLAIN = frozenset({"price", "currency", "hospital_days", "stay_days", "success_rate", "is_active"})


@transaction.atomic
def create_offer(
    hospital: Hospital,
    treatment: Treatment,
    *,
    by: User | None,
    price: Decimal,
    currency: str | None = None,
    **details: Any,
) -> Offer:
    """The hospital offers the treatment, in its own currency unless another is named; the public sees it while the
    hospital is listed. Raises Forbidden, TreatmentNotActive, OfferExists, Invalid."""
    hospital = Hospital.objects.lock(hospital.pk)
    refusal = rules.why_not_keep_offer({"price"}, by=by, is_own=_is_own(hospital, by))
    if refusal:
        raise refusal
    is_offered = Offer.objects.filter(hospital=hospital, treatment=treatment).exists()
    refusal = rules.why_not_offer(treatment, is_offered=is_offered)
    if refusal:
        raise refusal
    offer = Offer(hospital=hospital, treatment=treatment)
    _write(offer, {"price": price, "currency": currency or hospital.currency, **details})
    offer.save()
    return offer


@transaction.atomic
def update_offer(offer: Offer, *, by: User | None, **changes: Any) -> Offer:
    """The offer says what `changes` say; the rest stays. A new currency comes with a new price.

    Raises Forbidden, Invalid.
    """
    offer = Offer.objects.lock(offer.pk)
    refusal = rules.why_not_keep_offer(changes, by=by, is_own=_is_own(offer.hospital, by))
    refusal = refusal or rules.why_not_change_currency(offer, changes)
    if refusal:
        raise refusal
    _write(offer, changes)
    offer.save()
    return offer


@transaction.atomic
def withdraw_offer(offer: Offer, *, by: User | None) -> Offer:
    """The hospital offers the treatment no more; the offer stays, inactive. Once more changes nothing.

    Raises Forbidden.
    """
    offer = Offer.objects.lock(offer.pk)
    refusal = rules.why_not_keep_offer({"is_active"}, by=by, is_own=_is_own(offer.hospital, by))
    if refusal:
        raise refusal
    if offer.is_active:
        offer.is_active = False
        offer.save(update_fields=["is_active", "updated_at"])
    return offer


def _is_own(hospital: Hospital, by: User | None) -> bool:
    return by is not None and Hospital.objects.staffed_by(by).filter(pk=hospital.pk).exists()


def _write(offer: Offer, changes: Mapping[str, Any]) -> None:
    changes = items.tidy(changes, rules.OFFER_TEXTS)
    texts.write(offer, changes, texts=rules.OFFER_TEXTS, plain=PLAIN)
    refusal = rules.why_wrong_days(offer.hospital_days, offer.stay_days)
    if "price" in changes or "currency" in changes:
        refusal = refusal or rules.why_wrong_price(offer.price, offer.currency)
    if refusal:
        raise refusal
