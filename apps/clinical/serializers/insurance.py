"""Insurers, and what they said of policies: what is read and answered."""

from typing import Any

from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from apps.clinical import rules
from apps.clinical.models import InsuranceProvider, InsuranceVerification
from apps.clinical.models.insurance import MAX_ADDRESS, MAX_SECRET
from apps.common import money
from apps.hospitals.serializers import fields

_ADDRESS = "Of https; what our computers ask goes there and nowhere else."


class InsurerSummary(fields.Translated):
    """An insurer in the list."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    country = serializers.CharField(help_text="Where it has its seat, ISO 3166 code.")
    website = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    verification_kind = serializers.ChoiceField(
        choices=InsuranceProvider.Kind.choices, help_text="`http`: asked by our computers, with an answer soon."
    )

    @staticmethod
    def of(row: fields.Row, language: str) -> dict[str, Any]:
        return {
            "id": row["id"],
            "code": row["code"],
            **fields.translated(row, "name", language=language),
            "country": row["country"],
            "website": row["website"],
            "phone": str(row["phone"] or ""),
            "verification_kind": row["verification_kind"],
        }


class InsurerTexts(serializers.Serializer):
    name = fields.TextsField(max_length=200)


class InsurerManagement(serializers.Serializer):
    """What the keepers of the list see beside the public page; the secret is never shown."""

    is_active = serializers.BooleanField()
    endpoint = serializers.CharField(allow_blank=True, help_text=_ADDRESS)
    has_secret = serializers.BooleanField()
    texts = InsurerTexts()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")

    @staticmethod
    def of(provider: InsuranceProvider) -> dict[str, Any]:
        return {
            "is_active": provider.is_active,
            "endpoint": provider.endpoint,
            "has_secret": bool(provider.secret),
            "texts": fields.texts_of(provider, "name"),
            "text_status": provider.text_status,
        }


class InsurerDetail(InsurerSummary):
    """An insurer's page. `management` is null but for platform admins."""

    management = InsurerManagement(allow_null=True)

    @staticmethod
    def of(row: fields.Row, language: str, *, managed: InsuranceProvider | None = None) -> dict[str, Any]:  # type: ignore[override]
        management = InsurerManagement.of(managed) if managed else None
        return {**InsurerSummary.of(row, language), "management": management}


class InsurerChanges(serializers.Serializer):
    """What changes of an insurer; what is not named stays."""

    name = fields.TextsField(max_length=200, required=False)
    country = fields.CountryField(required=False)
    website = serializers.URLField(required=False, allow_blank=True)
    phone = PhoneNumberField(required=False, allow_blank=True)
    verification_kind = serializers.ChoiceField(choices=InsuranceProvider.Kind.choices, required=False)
    endpoint = serializers.URLField(max_length=MAX_ADDRESS, required=False, allow_blank=True, help_text=_ADDRESS)
    secret = serializers.CharField(
        min_length=rules.MIN_SECRET, max_length=MAX_SECRET, required=False, write_only=True,
        help_text="Both sides sign with it. It is kept encrypted and never shown.",
    )  # fmt: skip
    is_active = serializers.BooleanField(required=False)


class InsurerInput(InsurerChanges):
    """What is said of an insurer."""

    code = serializers.SlugField(max_length=60, help_text="Stable; not changed later.")
    name = fields.TextsField(max_length=200, needs_english=True)
    country = fields.CountryField()


class InsuranceVerificationShown(serializers.Serializer):
    """One time that an insurer was asked about a policy, and what it said. The newest one counts."""

    id = serializers.UUIDField()
    policy_id = serializers.UUIDField()
    insurer = serializers.CharField()
    kind = serializers.ChoiceField(choices=InsuranceProvider.Kind.choices, help_text="Who asks, or asked.")
    status = serializers.ChoiceField(choices=InsuranceVerification.Status.choices)
    asked_at = serializers.DateTimeField()
    valid = serializers.BooleanField(allow_null=True, help_text="Null while there is no answer.")
    coverage_amount = serializers.CharField(allow_null=True, help_text="Covered up to, in `currency`.")
    deductible = serializers.CharField(allow_null=True, help_text="What the patient pays first, in `currency`.")
    currency = serializers.CharField(allow_blank=True, help_text="ISO 4217 code.")
    co_pay_percent = serializers.CharField(allow_null=True, help_text="The patient's share, from 0 to 100.")
    valid_until = serializers.DateField(allow_null=True, help_text="As the insurer says.")
    reference = serializers.CharField(allow_blank=True, help_text="What the insurer calls its answer.")
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True, help_text="What the insurer said, in words.")


#: The columns of `verification`.
VERIFICATION_ROW = (
    "id", "policy_id", "policy__insurer", "kind", "status", "asked_at", "valid", "coverage_amount", "deductible",
    "currency", "co_pay_percent", "valid_until", "reference", "decided_at", "note",
)  # fmt: skip


def verification(row: fields.Row) -> dict[str, Any]:
    """The answer of InsuranceVerificationShown, from a row with the columns of VERIFICATION_ROW."""
    shown = {name: row[name] for name in VERIFICATION_ROW if name != "policy__insurer"}
    share = row["co_pay_percent"]
    return {
        **shown,
        "insurer": row["policy__insurer"],
        "coverage_amount": _amount(row["coverage_amount"], row["currency"]),
        "deductible": _amount(row["deductible"], row["currency"]),
        "co_pay_percent": None if share is None else str(share),
    }


def _amount(amount: Any, currency: str) -> str | None:
    return None if amount is None else str(money.quantize(amount, currency))
