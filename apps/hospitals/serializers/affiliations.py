"""Who practises where."""

from typing import Any

from rest_framework import serializers

from apps.common import texts
from apps.hospitals import rules
from apps.hospitals.models import Affiliation
from apps.hospitals.rules import MAX_PROPOSED_AFFILIATIONS
from apps.hospitals.workflow import AffiliationStatus, Awaiting

from .fields import TextsField, Translated, translated


class AffiliationDetail(Translated):
    """A doctor at a hospital, also while it waits."""

    id = serializers.UUIDField()
    doctor_id = serializers.UUIDField()
    hospital_id = serializers.UUIDField()
    hospital_name = serializers.CharField()
    department = serializers.CharField()
    position = serializers.CharField()
    is_primary = serializers.BooleanField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True, help_text="The last day.")
    status = serializers.ChoiceField(choices=AffiliationStatus.choices)
    awaiting = serializers.ChoiceField(
        choices=Awaiting.choices, allow_null=True, help_text="What it still waits for; null when it does not wait."
    )

    @staticmethod
    def of(affiliation: Affiliation, language: str) -> dict[str, Any]:
        plain = ("id", "doctor_id", "hospital_id", "is_primary", "starts_on", "ends_on", "status")
        return {
            **{name: getattr(affiliation, name) for name in plain},
            **translated(affiliation, "department", "position", language=language),
            "hospital_name": texts.chosen(affiliation.hospital, "name", language).text,
            "awaiting": rules.awaiting(affiliation, affiliation.doctor),
        }


class ProposedAffiliation(serializers.Serializer):
    """A hospital where a doctor practises, as the doctor says."""

    hospital_id = serializers.UUIDField()
    department = TextsField(max_length=120, required=False)
    position = TextsField(max_length=120, required=False)
    is_primary = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)


class ProposedAffiliations(serializers.Serializer):
    """What a doctor who submits the profile again proposes with it."""

    affiliations = ProposedAffiliation(many=True, required=False, max_length=MAX_PROPOSED_AFFILIATIONS)


class AffiliationInput(serializers.Serializer):
    """A doctor whom a hospital would like to show."""

    doctor_id = serializers.UUIDField()
    department = TextsField(max_length=120, required=False)
    position = TextsField(max_length=120, required=False)
    is_primary = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False, allow_null=True)
    ends_on = serializers.DateField(required=False, allow_null=True)
