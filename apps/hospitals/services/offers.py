"""Verbs on what a hospital offers of the catalogue."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.common.exceptions import DomainError
from apps.hospitals import rules
from apps.hospitals.models import Hospital, Offer, Treatment

from . import items, texts
from .hospitals import is_staff_of

PLAIN = frozenset({"price", "currency", "hospital_days", "stay_days", "success_rate", "is_active"})
#: Rows of one statement.
BATCH = 250


@dataclass(frozen=True)
class WantedOffer:
    """What a hospital is to offer of a treatment: `changes` against what it offers now, if it does."""

    hospital: Hospital
    treatment: Treatment
    changes: Mapping[str, Any]


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
    refusal = rules.why_not_keep_offer({"price"}, by=by, is_own=is_staff_of(hospital, by))
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
    _change(offer, changes, is_own=is_staff_of(offer.hospital, by), by=by)
    offer.save()
    return offer


@transaction.atomic
def save_offers(wanted: Sequence[WantedOffer], *, by: User | None) -> list[DomainError | ValidationError | None]:
    """Many offers as `create_offer` and `update_offer` make them, in a few statements and all or none.

    For each what stands in its way, in order, or None; where anything does, nothing is written.
    """
    pks = sorted({one.hospital.pk for one in wanted})
    hospitals = Hospital.objects.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",), no_key=True)
    locked = {hospital.pk: hospital for hospital in hospitals.defer("search")}
    own = set(Hospital.objects.staffed_by(by).filter(pk__in=pks).values_list("pk", flat=True)) if by else set()
    present = Offer.objects.filter(hospital__in=pks, treatment__in={one.treatment.pk for one in wanted})
    offers = {(row.hospital_id, row.treatment_id): row for row in present.order_by("pk").select_for_update(no_key=True)}
    refusals: list[DomainError | ValidationError | None] = []
    new: list[Offer] = []
    changed: dict[frozenset[str], list[Offer]] = defaultdict(list)
    for one in wanted:
        hospital, treatment = locked[one.hospital.pk], one.treatment
        offer = offers.get((hospital.pk, treatment.pk))
        try:
            if offer is None:
                offers[hospital.pk, treatment.pk] = _begin(hospital, one, is_own=hospital.pk in own, by=by)
                new.append(offers[hospital.pk, treatment.pk])
            else:
                _change(offer, one.changes, is_own=hospital.pk in own, by=by)
                changed[frozenset(one.changes)].append(offer)
            refusals.append(None)
        except (DomainError, ValidationError) as refusal:
            refusals.append(refusal)
    if not any(refusals):
        _save_all(new, changed)
    return refusals


def _begin(hospital: Hospital, one: WantedOffer, *, is_own: bool, by: User | None) -> Offer:
    refusal = rules.why_not_keep_offer({"price"}, by=by, is_own=is_own)
    refusal = refusal or rules.why_not_offer(one.treatment, is_offered=False)
    if refusal:
        raise refusal
    offer = Offer(hospital=hospital, treatment=one.treatment)
    _write(offer, {"currency": hospital.currency, **one.changes})
    return offer


def _change(offer: Offer, changes: Mapping[str, Any], *, is_own: bool, by: User | None) -> None:
    refusal = rules.why_not_keep_offer(changes, by=by, is_own=is_own)
    refusal = refusal or rules.why_not_change_currency(offer, changes)
    if refusal:
        raise refusal
    _write(offer, changes)


def _save_all(new: Sequence[Offer], changed: Mapping[frozenset[str], Sequence[Offer]]) -> None:
    Offer.objects.bulk_create(new, batch_size=BATCH)
    now = timezone.now()
    for names, rows in changed.items():
        columns = {f"{name}_{language}" for name in names & rules.OFFER_TEXTS for language in texts.LANGUAGES}
        for row in rows:
            row.updated_at = now
        fields = [*sorted(columns | names - rules.OFFER_TEXTS), "updated_at"]
        Offer.objects.bulk_update(rows, fields, batch_size=BATCH)


@transaction.atomic
def withdraw_offer(offer: Offer, *, by: User | None) -> Offer:
    """The hospital offers the treatment no more; the offer stays, inactive. Once more changes nothing.

    Raises Forbidden.
    """
    offer = Offer.objects.lock(offer.pk)
    refusal = rules.why_not_keep_offer({"is_active"}, by=by, is_own=is_staff_of(offer.hospital, by))
    if refusal:
        raise refusal
    if offer.is_active:
        offer.is_active = False
        offer.save(update_fields=["is_active", "updated_at"])
    return offer


def _write(offer: Offer, changes: Mapping[str, Any]) -> None:
    changes = items.tidy(changes, rules.OFFER_TEXTS)
    texts.write(offer, changes, texts=rules.OFFER_TEXTS, plain=PLAIN)
    refusal = rules.why_wrong_days(offer.hospital_days, offer.stay_days)
    if "price" in changes or "currency" in changes:
        refusal = refusal or rules.why_wrong_price(offer.price, offer.currency)
    if refusal:
        raise refusal
