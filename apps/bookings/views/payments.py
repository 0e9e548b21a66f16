"""What a patient has paid: billing knows the payer, this floor who the patient is."""

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.billing import serializers as shapes
from apps.billing.models import Payment
from apps.clinical.models import Patient
from apps.common.api.filters import SortBackend
from apps.common.exceptions import NotFound

from . import base


@extend_schema(tags=["patients"])
class PatientPaymentsViewSet(base.Signed):
    """For the patient, coordinators and admins."""

    permission_classes = [role_permission(Role.PATIENT, Role.COORDINATOR, Role.ADMIN)]
    queryset = Payment.objects.none()
    filter_backends = (SortBackend,)
    serializer_class = shapes.PaymentShown
    sort_fields: ClassVar = {"created_at": "created_at"}
    default_sort = ("-created_at", "-pk")

    @extend_schema(
        summary="A patient's payments",
        operation_id="patients_payments_list",
        responses=shapes.PaymentShown(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """Through gateways and as Medivoy's staff entered them, newest first, with how each stands."""
        payer = Patient.objects.visible_to(self.caller).filter(pk=pk).values_list("user", flat=True).first()
        if payer is None:
            raise NotFound()
        rows = Payment.objects.visible_to(self.caller).filter(payer=payer).values(*shapes.ROW)
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response([shapes.payment(row) for row in page or ()])
