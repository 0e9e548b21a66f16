"""A doctor's calendar."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.accounts.permissions import role_permission
from apps.bookings import rules, selectors, services
from apps.bookings.serializers import calendar as calendar_shapes
from apps.common.api import answer

from . import base

HoursKeepers = role_permission(*rules.HOURS_KEEPERS)


@extend_schema(tags=["doctors"])
class DoctorScheduleViewSet(GenericViewSet):
    """When a doctor can be booked, for everybody."""

    permission_classes = [AllowAny]
    pagination_class = None
    filter_backends = ()
    serializer_class = calendar_shapes.ScheduleShown

    @extend_schema(
        summary="A doctor's hours, closed days and free slots",
        operation_id="doctors_schedule_retrieve",
        parameters=[calendar_shapes.ScheduleQuery],
        responses=calendar_shapes.ScheduleShown,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Slots in UTC, on the hospital's clock and in `tz`; where there are none, why, and the next free one."""
        now = timezone.now()
        query = base.read(calendar_shapes.ScheduleQuery, request.query_params)
        zone = query.get("tz") or getattr(request.user, "time_zone", "UTC")
        start, end = calendar_shapes.period(query, zone, now)
        free = selectors.free_slots(
            pk, start=start, end=end, now=now, hospital_id=query.get("hospital_id"), viewer=request.user
        )
        return answer(calendar_shapes.schedule(free, zone, (start, end)))


@extend_schema(tags=["doctors"])
class DoctorAvailabilityViewSet(base.Signed):
    """The hours that a doctor, the hospital or an admin sets."""

    permission_classes = [HoursKeepers]
    serializer_class = calendar_shapes.AvailabilityShown

    @extend_schema(
        summary="Set weekly and extra hours, how they can be booked, and time off",
        operation_id="doctors_availability_partial_update",
        request=calendar_shapes.AvailabilityInput,
        responses=calendar_shapes.AvailabilityShown,
        examples=[
            OpenApiExample(
                "Monday morning, one Saturday, and a week away",
                value={
                    "hospital_id": "019364f0-0000-7000-8000-000000000002",
                    "slot_minutes": 30,
                    "buffer_minutes": 10,
                    "weekly_hours": [{"weekday": 0, "starts": "09:00", "ends": "13:00"}],
                    "extra_hours": [{"day": "2026-12-19", "starts": "10:00", "ends": "12:00"}],
                    "time_off": [{"starts_at": "2026-12-21T00:00:00+05:30", "ends_at": "2026-12-28T00:00:00+05:30"}],
                },
                request_only=True,
            )
        ],
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """What is not named stays. Appointments that exist stay, also outside of the new hours; those in the way of
        time off are displaced: their patients choose what becomes of them."""
        given = base.read(calendar_shapes.AvailabilityInput, request.data)
        schedule = services.change_availability(
            pk,
            given["hospital_id"],
            by=self.caller,
            time_off=given.get("time_off", ()),
            remove_time_off=given.get("remove_time_off", ()),
            **calendar_shapes.hours(given),
        )
        now = timezone.now()
        extra_hours = selectors.extra_hours_of(schedule, now=now)
        time_off = selectors.time_off_of(pk, reader=self.caller, now=now)
        shown = calendar_shapes.availability(schedule, extra_hours, time_off, role=self.caller.role)
        return answer(shown, message=_("Saved."))
