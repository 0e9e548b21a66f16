"""Verbs on the list of insurers."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.clinical import exceptions, rules
from apps.clinical.models import InsurancePolicy, InsuranceProvider
from apps.common import texts
from apps.common.exceptions import raise_if

TEXTS = frozenset({"name"})
PLAIN = frozenset({"country", "website", "phone", "verification_kind", "endpoint", "secret", "is_active"})


@transaction.atomic
def create_insurer(*, by: User | None, code: str, name: texts.Texts, country: str, **details: Any) -> InsuranceProvider:
    """Patients can name this insurer. Raises Forbidden, InsurerExists, Invalid."""
    raise_if(rules.why_not_keep_insurer(by=by))
    if InsuranceProvider.objects.filter(code=code).exists():
        raise exceptions.InsurerExists(errors={"code": [exceptions.InsurerExists.message]})
    provider = InsuranceProvider(code=code)
    _write(provider, {"name": name, "country": country, **details})
    provider.save()
    return provider


@transaction.atomic
def update_insurer(provider: InsuranceProvider, *, by: User | None, **changes: Any) -> InsuranceProvider:
    """The insurer's page says what `changes` say; the rest stays. A new way of asking counts for what is asked from
    now on. Raises Forbidden, Invalid."""
    raise_if(rules.why_not_keep_insurer(by=by))
    provider = InsuranceProvider.objects.lock(provider.pk)
    _write(provider, changes)
    provider.save()
    return provider


@transaction.atomic
def remove_insurer(provider: InsuranceProvider, *, by: User | None) -> None:
    """It is off the list: one that a policy names stays for that policy, another is gone. Raises Forbidden."""
    raise_if(rules.why_not_keep_insurer(by=by))
    provider = InsuranceProvider.objects.select_for_update().get(pk=provider.pk)  # against policies that name it
    if InsurancePolicy.objects.filter(provider=provider).exists():
        provider.is_active = False
        provider.save(update_fields=["is_active", "updated_at"])
    else:
        provider.delete()


@transaction.atomic
def save_insurers(rows: Sequence[Mapping[str, Any]]) -> int:
    """Every insurer of `rows` ({"code", "name": {"en": ...}, "country"}) is on the list under these names; whoever asks
    it, and whether it is on the list, stays as it is here, and so do names that a person has written. How many there
    were. Raises Invalid."""
    existing = {provider.code: provider for provider in InsuranceProvider.objects.select_for_update()}
    for given in rows:
        provider = existing.get(given["code"]) or InsuranceProvider(code=given["code"])
        written = provider.text_status.get("name", {})
        name = {code: text for code, text in given["name"].items() if not written.get(code, {}).get("by")}
        _write(provider, {"name": name, "country": given["country"]})
        provider.save()
    return len(rows)


def _write(provider: InsuranceProvider, changes: dict[str, Any]) -> None:
    texts.write(provider, changes, texts=TEXTS, plain=PLAIN)
    texts.require_english(provider, ["name"])
    raise_if(rules.why_wrong_insurer(provider))
