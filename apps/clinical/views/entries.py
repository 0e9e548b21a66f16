"""The lists of a patient's page, a viewset for each kind, as each has its shapes.

Medical entries are struck out, not removed; a coordinator changes those that the patient's consent lets them see.
"""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.clinical import rules, services
from apps.clinical.models import Patient, ReadEntry
from apps.clinical.serializers import entries as shapes
from apps.common.api import answer
from apps.common.exceptions import NotFound

from . import base


class PatientEntryViewSet(base.Signed):
    """One kind of entry of a patient's page."""

    permission_classes = [role_permission(Role.PATIENT, *rules.KEEPERS)]
    queryset = Patient.objects.none()
    kind: str

    def entry(self, pk: UUID, entry_id: UUID) -> Any:
        """One that the caller has sight of: by consent, if it is medical. Raises NotFound."""
        kind = services.KINDS[self.kind]
        rows = kind.model.objects.visible_to(self.caller)
        if kind.is_medical:
            rows = rows.with_ground(self.caller)
        entry = rows.filter(patient=pk, pk=entry_id).first()
        if entry is None:
            raise NotFound()
        return entry

    def log(self, entry: Any) -> None:
        """An answer that holds a medical entry is a reading of it."""
        if services.KINDS[self.kind].is_medical:
            services.log_readings([entry], reader=self.caller, act=ReadEntry.Act.OPENED, place="api")

    def answered(self, entry: Any, *, status: int = 200) -> Response:
        return answer(shapes.shown(self.kind, entry, reader=self.caller), message=_("Saved."), status=status)

    def create(self, request: Request, pk: UUID) -> Response:
        given = base.read(shapes.SHAPES[self.kind][0], request.data)
        patient = get_object_or_404(Patient.objects.visible_to(self.caller), pk=pk)
        return self.answered(services.add_entry(patient, self.kind, by=self.caller, **given), status=201)

    def partial_update(self, request: Request, pk: UUID, entry_id: UUID) -> Response:
        changes = base.read(shapes.SHAPES[self.kind][0], request.data, partial=True)
        entry = self.entry(pk, entry_id)
        self.log(entry)
        return self.answered(services.change_entry(entry, self.kind, by=self.caller, **changes))

    def destroy(self, request: Request, pk: UUID, entry_id: UUID) -> Response:
        services.remove_entry(self.entry(pk, entry_id), self.kind, by=self.caller)
        return answer(status=204)


def _described(kind: str, what: str) -> Any:
    """How the operations of a kind read in the schema."""
    given, shown = shapes.SHAPES[kind]
    removal = "Strike out" if services.KINDS[kind].is_medical else "Remove"
    return extend_schema_view(
        create=extend_schema(summary=f"Add {what}", tags=["patients"], request=given, responses={201: shown}),
        partial_update=extend_schema(summary=f"Change {what}", tags=["patients"], request=given, responses=shown),
        destroy=extend_schema(summary=f"{removal} {what}", tags=["patients"], request=None, responses={204: None}),
    )


@_described("allergies", "an allergy")
class PatientAllergyViewSet(PatientEntryViewSet):
    kind = "allergies"


@_described("conditions", "a condition")
class PatientConditionViewSet(PatientEntryViewSet):
    kind = "conditions"


@_described("medications", "a medicine that the patient takes")
class PatientMedicationViewSet(PatientEntryViewSet):
    kind = "medications"


@_described("guardians", "a guardian")
class PatientGuardianViewSet(PatientEntryViewSet):
    kind = "guardians"


@_described("identity_documents", "an identity document")
class PatientIdentityDocumentViewSet(PatientEntryViewSet):
    kind = "identity_documents"


@_described("insurance_policies", "an insurance policy")
class PatientInsurancePolicyViewSet(PatientEntryViewSet):
    kind = "insurance_policies"
