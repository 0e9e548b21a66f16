"""What a patient's page lists: the shapes that are read and answered, a pair for each kind."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.validators import validate_name
from apps.clinical.models import Allergy, Condition, Guardian, IdentityDocument, InsurancePolicy
from apps.common import encryption
from apps.hospitals.serializers.fields import CountryField

_NUMBER = "Whole for the patient; of others only the last four characters are seen."


class AllergyInput(serializers.Serializer):
    substance = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Allergy.Kind.choices, required=False)
    severity = serializers.ChoiceField(choices=Allergy.Severity.choices, required=False)
    reaction = serializers.CharField(max_length=300, required=False, allow_blank=True)


class AllergyShown(serializers.Serializer):
    """Something that the patient does not tolerate."""

    id = serializers.UUIDField()
    substance = serializers.CharField()
    kind = serializers.ChoiceField(choices=Allergy.Kind.choices)
    severity = serializers.ChoiceField(choices=Allergy.Severity.choices)
    reaction = serializers.CharField(allow_blank=True)


class ConditionInput(serializers.Serializer):
    name = serializers.CharField(max_length=200)
    code = serializers.RegexField(
        r"^[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?$", required=False, allow_blank=True, help_text="ICD-10, such as I10."
    )
    state = serializers.ChoiceField(choices=Condition.State.choices, required=False)
    since_year = serializers.IntegerField(min_value=1850, max_value=2200, required=False, allow_null=True)
    notes = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ConditionShown(serializers.Serializer):
    """An illness, an operation, an injury; over or not."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=Condition.State.choices)
    since_year = serializers.IntegerField(allow_null=True)
    notes = serializers.CharField(allow_blank=True)


class CurrentMedicationInput(serializers.Serializer):
    name = serializers.CharField(max_length=200)
    dosage = serializers.CharField(max_length=100, required=False, allow_blank=True)
    frequency = serializers.CharField(max_length=100, required=False, allow_blank=True)


class CurrentMedicationShown(serializers.Serializer):
    """A medicine that the patient says they take."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    dosage = serializers.CharField(allow_blank=True)
    frequency = serializers.CharField(allow_blank=True)


class GuardianInput(serializers.Serializer):
    """An adult who answers for a minor; reached by phone or by e-mail."""

    name = serializers.CharField(max_length=200, validators=[validate_name])
    relation = serializers.ChoiceField(choices=Guardian.Relation.choices)
    phone = PhoneNumberField(required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    document_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Proof of guardianship, from `/upload/document`."
    )


class GuardianShown(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    relation = serializers.ChoiceField(choices=Guardian.Relation.choices)
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    document_id = serializers.UUIDField(allow_null=True)


class IdentityDocumentInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=IdentityDocument.Kind.choices, required=False)
    number = serializers.CharField(max_length=30)
    country = CountryField(help_text="Who issued it.")
    expires_on = serializers.DateField(required=False, allow_null=True)


class IdentityDocumentShown(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=IdentityDocument.Kind.choices)
    number = serializers.CharField(help_text=_NUMBER)
    country = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)


class InsurancePolicyInput(serializers.Serializer):
    """Of an insurer on the list (`provider_id`), or of another by its name (`insurer`)."""

    provider_id = serializers.UUIDField(required=False, allow_null=True, help_text="From `/insurance`.")
    insurer = serializers.CharField(max_length=200, required=False)
    number = serializers.CharField(max_length=60)
    holder = serializers.CharField(max_length=200, required=False, allow_blank=True)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not self.partial and not attrs.get("provider_id") and not attrs.get("insurer"):
            raise serializers.ValidationError({"insurer": [_("This field is required.")]})
        return attrs


class InsurancePolicyShown(serializers.Serializer):
    id = serializers.UUIDField()
    provider_id = serializers.UUIDField(allow_null=True, help_text="Null for an insurer that is not on the list.")
    insurer = serializers.CharField()
    number = serializers.CharField(help_text=_NUMBER)
    holder = serializers.CharField(allow_blank=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    verification = serializers.ChoiceField(choices=InsurancePolicy.Verification.choices)
    requested_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField(allow_blank=True, help_text="What the insurer said.")


#: By their names in the API: what is read, and what is answered.
SHAPES: dict[str, tuple[type[serializers.Serializer], type[serializers.Serializer]]] = {
    "allergies": (AllergyInput, AllergyShown),
    "conditions": (ConditionInput, ConditionShown),
    "medications": (CurrentMedicationInput, CurrentMedicationShown),
    "guardians": (GuardianInput, GuardianShown),
    "identity_documents": (IdentityDocumentInput, IdentityDocumentShown),
    "insurance_policies": (InsurancePolicyInput, InsurancePolicyShown),
}


def shown(kind: str, row: Any, *, reader: User | None = None) -> dict[str, Any]:
    """The answer of the kind's shape. Numbers are whole for the patient only."""
    _input, shape = SHAPES[kind]
    found = {name: getattr(row, name) for name in shape._declared_fields}
    if "number" in found and (reader is None or row.patient.user_id != reader.pk):
        found["number"] = encryption.masked(row.number)
    for name in ("phone", "country"):
        if name in found:
            found[name] = str(found[name])
    return found
