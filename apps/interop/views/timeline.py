"""A patient's care in time order."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.common.api import answer
from apps.interop.selectors import timeline as selectors
from apps.interop.serializers import timeline as shapes


@extend_schema(tags=["patients"])
class TimelineView(GenericAPIView):
    """For the patient, and for whoever has sight of them."""

    permission_classes = [role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)]
    pagination_class = None
    filter_backends: list[Any] = []
    serializer_class = shapes.TimelineShown
    extra_failures = (404,)

    @extend_schema(
        summary="A patient's care in time order",
        operation_id="patients_timeline_retrieve",
        parameters=[shapes.TimelineQuery],
        responses=shapes.TimelineShown,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Appointments, records, prescriptions, laboratory tests, consents, emergency accesses and the onboarding,
        newest first, as far as the caller has sight of each; each entry of the record is logged as read."""
        given = shapes.TimelineQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        reader = cast(User, request.user)
        found = selectors.timeline(
            pk, reader=reader, now=timezone.now(), act="listed", place="api", **given.validated_data
        )
        return answer(shapes.timeline(found, reader))
