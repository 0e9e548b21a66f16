"""Joining a consultation by video."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.bookings import services
from apps.bookings.serializers import video as shapes
from apps.common.api import answer

from . import base


@extend_schema(tags=["appointments"])
class VideoCallViewSet(base.Signed):
    """For the appointment's patient and its doctor, and nobody else."""

    permission_classes = [role_permission(Role.PATIENT, Role.DOCTOR)]
    #: Reading it makes sense at its time only.
    extra_failures = (409,)

    @extend_schema(
        summary="Join a consultation by video",
        description="From 15 minutes before the start until 30 minutes after the end of a confirmed appointment. "
        "409 `booking.video_too_early` with `data.opens_at`, `booking.video_over`, `booking.video_not_agreed` while it "
        "is not confirmed or once it was called off, `booking.not_by_video`, `booking.video_off` where no provider is "
        "set up; 503 `booking.video_not_ready` with `Retry-After` while the room is being opened. A call is of one "
        "agreed time: after a move the earlier way in leads to nobody. Each answer is for its reader alone, is never "
        "cached, and is written to the audit trail.",
        operation_id="appointments_video_call_retrieve",
        responses=shapes.VideoCallShown,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        response = answer(shapes.video_call(services.join_video_call(pk, by=self.caller)))
        response["Cache-Control"] = "private, no-store"
        return response
