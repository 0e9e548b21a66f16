"""Verbs on cancellation policies: a draft, its publication, and the platform's own for a new installation."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.billing import exceptions, rules
from apps.billing.models import CancellationPolicy, CancellationPolicyVersion, CancellationTier
from apps.common.exceptions import Forbidden, NotFound, raise_if


@transaction.atomic
def draft_terms(policy_id: UUID, *, by: User) -> CancellationPolicyVersion:
    """The policy's draft: the one that is there, or a copy of its newest version to be changed.

    Raises NotFound, Forbidden.
    """
    if not by.is_platform_admin:
        raise Forbidden()
    try:
        policy: CancellationPolicy = CancellationPolicy.objects.visible_to(by).lock(policy_id)
    except CancellationPolicy.DoesNotExist:
        raise NotFound() from None
    newest = policy.versions.order_by("-number").first()
    if newest is not None and newest.published_at is None:
        return newest
    draft = CancellationPolicyVersion.objects.create(policy=policy, number=newest.number + 1 if newest else 1)
    if newest is not None:
        _write_tiers(draft, newest.snapshot()[0])
    return draft


@transaction.atomic
def publish_terms(version_id: UUID, *, by: User, now: datetime | None = None) -> CancellationPolicyVersion:
    """What is sold from now on has these terms; they never change again. What was sold keeps its own.

    Raises NotFound, Forbidden, TermsPublished, TermsIncomplete.
    """
    now = now or timezone.now()
    if not by.is_platform_admin:
        raise Forbidden()
    try:
        version: CancellationPolicyVersion = CancellationPolicyVersion.objects.visible_to(by).lock(version_id)
    except CancellationPolicyVersion.DoesNotExist:
        raise NotFound() from None
    if version.published_at is not None:
        raise exceptions.TermsPublished()
    raise_if(rules.why_not_publish(version.snapshot()[0]))
    version.published_at, version.published_by = now, by
    version.save(update_fields=["published_at", "published_by", "updated_at"])
    return version


@transaction.atomic
def save_cancellation_policies(rows: Iterable[Mapping[str, Any]]) -> int:
    """The platform's own policies that are not there yet are there, published: {"name", "subject_type", "tiers":
    [{"actor", "hours_before", "percent"}]}. Those that are there stay as they are. How many there were."""
    now = timezone.now()
    found = 0
    for row in rows:
        found += 1
        raise_if(rules.why_not_publish(row["tiers"]))
        policy, is_new = CancellationPolicy.objects.get_or_create(
            subject_type=row["subject_type"], hospital=None, defaults={"name": row["name"]}
        )
        if is_new:
            version = CancellationPolicyVersion.objects.create(policy=policy, number=1)
            _write_tiers(version, row["tiers"])
            version.published_at = now
            version.save(update_fields=["published_at", "updated_at"])
    return found


def _write_tiers(version: CancellationPolicyVersion, tiers: Iterable[Mapping[str, Any]]) -> None:
    CancellationTier.objects.bulk_create(CancellationTier(version=version, **tier) for tier in tiers)
