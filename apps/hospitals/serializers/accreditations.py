"""What hospitals are accredited for."""

from typing import Any

from rest_framework import serializers

from apps.hospitals.models import Accreditation
from apps.hospitals.workflow import Verification

from .fields import Row
from .papers import PaperDetail


class AccreditationSummary(serializers.Serializer):
    """An accreditation on the public page: approved and valid."""

    body = serializers.CharField(help_text="Code, as JCI.")
    name = serializers.CharField(help_text="Of the body.")
    website = serializers.CharField(help_text="Of the body.")
    number = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True, help_text="The last day it is valid.")

    @staticmethod
    def of(row: Row) -> dict[str, Any]:
        return {
            "body": row["body__code"],
            "name": row["body__name"],
            "website": row["body__website"],
            "number": row["number"],
            "expires_on": row["expires_on"],
        }


class AccreditationDetail(serializers.Serializer):
    """An accreditation with its verification, for the hospital's keepers."""

    id = serializers.UUIDField()
    body = serializers.CharField(help_text="Code, as JCI.")
    name = serializers.CharField(help_text="Of the body.")
    number = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    verification = serializers.ChoiceField(choices=Verification.choices)
    rejection_reason = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    document = PaperDetail(allow_null=True)

    @staticmethod
    def of(accreditation: Accreditation, *, may_open: bool) -> dict[str, Any]:
        plain = ("id", "number", "issued_on", "expires_on", "verification", "rejection_reason", "verified_at")
        return {
            **{name: getattr(accreditation, name) for name in plain},
            "body": accreditation.body.code,
            "name": accreditation.body.name,
            "document": PaperDetail.of(accreditation.document, may_open=may_open),
        }


class AccreditationInput(serializers.Serializer):
    """An accreditation as the hospital says it is."""

    body = serializers.CharField(max_length=40, help_text="Code of an accreditation body.")
    number = serializers.CharField(max_length=60)
    issued_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True, help_text="The last day it is valid.")
    document_id = serializers.UUIDField(required=False, allow_null=True, help_text="An uploaded document.")
