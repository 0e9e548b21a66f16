"""The prescription of an appointment."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.bookings import services
from apps.clinical.serializers import prescriptions as shapes
from apps.clinical.views import prescriptions as clinical
from apps.common.api import answer
from apps.common.idempotency import idempotent, keyed

from . import base


@extend_schema(tags=["appointments"])
class AppointmentPrescriptionViewSet(clinical.OfPrescriptions):
    permission_classes = [clinical.Doctors]

    @extend_schema(
        summary="Draft a prescription in a consultation",
        description="For the appointment's patient; 409 `booking.no_consultation` for one that was called off. "
        "`POST /prescriptions/{id}/sign` signs it. " + clinical.CHECKED,
        operation_id="appointments_prescription_create",
        request=shapes.PrescriptionContent,
        responses={201: shapes.PrescriptionShown},
    )
    @keyed
    def create(self, request: Request, pk: UUID) -> Response:
        return clinical.shown_again(self._drafted(request, pk), self.show, message=clinical.DRAFTED)

    @idempotent
    def _drafted(self, request: Request, pk: UUID) -> Response:
        given = base.read(shapes.PrescriptionContent, request.data)
        return answer({"id": services.draft_prescription_for(pk, by=self.caller, **given).pk}, status=201)
