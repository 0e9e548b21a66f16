"""Appointments as files for calendars."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.bookings import calendar_files, selectors
from apps.bookings.models import Appointment

from . import base

PatientOrDoctor = role_permission(Role.PATIENT, Role.DOCTOR)


@extend_schema(tags=["appointments"])
class AppointmentCalendarView(base.Signed):
    """A file, not data: whatever the client says that it accepts."""

    permission_classes = [PatientOrDoctor]
    queryset = Appointment.objects.none()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        summary="An appointment as a calendar file",
        operation_id="appointments_calendar_retrieve",
        description="For the patient and the doctor. Loaded again after the appointment was moved or called off, it "
        "changes or removes the same entry. It names no patient and nothing medical.",
        responses={(200, "text/calendar"): OpenApiTypes.STR},
    )
    def retrieve(self, request: Request, pk: UUID) -> HttpResponse:
        entry = selectors.calendar_entry(pk, reader=self.caller)
        made = calendar_files.single(entry, reader_zone=self.caller.time_zone, now=timezone.now())
        response = HttpResponse(made.encode(), content_type=calendar_files.CONTENT_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{entry.number}.ics"'
        return response
