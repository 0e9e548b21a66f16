"""Appointments."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.bookings import filters, rules, selectors, services
from apps.bookings.models import Appointment
from apps.bookings.serializers import appointments as shapes
from apps.bookings.serializers import money as money_shapes
from apps.clinical.models import Patient
from apps.common import idempotency
from apps.common.api import answer
from apps.common.exceptions import NotFound

from . import base

Parties = role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Bookers = role_permission(*rules.BOOKERS)
Writers = role_permission(Role.PATIENT, Role.DOCTOR, Role.COORDINATOR, Role.ADMIN)
Readers = role_permission(Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)

_KEY = OpenApiParameter(
    idempotency.HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Up to 100 visible characters of your own; sent again with the same body it gives the same answer.",
)
_TAKEN = (
    "409 `booking.slot_taken` when someone else was quicker, `booking.slot_not_offered` when the doctor does not offer "
    "that instant, `booking.slot_too_soon`, `booking.day_full`: each with the doctor's next free slots in "
    "`data.alternatives`. "
    "409 `booking.patient_busy` when the patient has another appointment then."
)


class ListOfAppointments(base.Signed):
    """Lists of appointments: the caller's own rows, filtered, sorted, paged; one query a page."""

    queryset = Appointment.objects.none()
    serializer_class = shapes.AppointmentSummary
    filterset_class = filters.AppointmentFilter
    sort_fields = {"starts_at": "starts_at", "created_at": "created_at"}
    default_sort = ("-starts_at",)

    def page_of(self, rows: QuerySet) -> Response:
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response([shapes.appointment(row, self.caller) for row in page or ()])

    def show(self, appointment_id: UUID, *, message: Any = "", status: int = 200) -> Response:
        page = selectors.appointment_page(appointment_id, reader=self.caller, now=timezone.now())
        return answer(shapes.appointment_detail(page, self.caller), message=message, status=status)


@extend_schema(tags=["appointments"])
class AppointmentViewSet(ListOfAppointments):
    """Appointments that the caller is party to."""

    permissions = {
        "create": Bookers,
        "hold": Bookers,
        "partial_update": Writers,
    }

    def get_permissions(self) -> list[Any]:
        return [self.permissions.get(self.action, Parties)()]

    @extend_schema(summary="My appointments", responses=shapes.AppointmentSummary(many=True))
    def list(self, request: Request) -> Response:
        """Those that the caller is party to; platform staff see all. Days are read by the clock in `tz`."""
        return self.page_of(Appointment.objects.visible_to(self.caller).as_rows())

    @extend_schema(summary="One appointment", responses=shapes.AppointmentDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With its history, and the moves that the caller has, each with what stands against it."""
        return self.show(pk)

    @extend_schema(
        summary="Book a free slot",
        description="Patients book for themselves; coordinators and admins say for whom. A slot that the patient holds "
        "becomes this appointment; what they hold of another slot is free again. " + _TAKEN,
        parameters=[_KEY],
        request=shapes.BookAppointmentInput,
        responses={201: shapes.AppointmentDetail},
        examples=[
            OpenApiExample(
                "A patient books",
                value={
                    "doctor_id": "019364f0-0000-7000-8000-000000000001",
                    "hospital_id": "019364f0-0000-7000-8000-000000000002",
                    "starts_at": "2026-11-23T04:00:00Z",
                    "complaint": "Pain in the left knee when climbing stairs",
                },
                request_only=True,
            )
        ],
    )
    @idempotency.keyed
    def create(self, request: Request) -> Response:
        kept = self._booked(request)
        made = self.show(kept.data["id"], message=_("The appointment has been requested."), status=201)
        return idempotency.again(kept, made)

    @idempotency.idempotent
    def _booked(self, request: Request) -> Response:
        """What is kept for repetitions is the id alone: a complaint is medical."""
        given = base.read(shapes.BookAppointmentInput, request.data)
        return answer({"id": services.book_appointment(by=self.caller, **given).pk}, status=201)

    @extend_schema(
        summary="Hold a free slot while paying",
        description="For ten minutes (`held_until`), one slot a patient: what they held before is free again. Nobody "
        "is told, and nobody but the patient and Medivoy's staff sees it. Book the same slot before, or let it go with "
        "DELETE; a payment for it books it, too. " + _TAKEN,
        parameters=[_KEY],
        request=shapes.HoldSlotInput,
        responses={201: shapes.AppointmentDetail},
    )
    @idempotency.keyed
    def hold(self, request: Request) -> Response:
        kept = self._held(request)
        made = self.show(kept.data["id"], message=_("This time is held for you."), status=201)
        return idempotency.again(kept, made)

    @idempotency.idempotent
    def _held(self, request: Request) -> Response:
        given = base.read(shapes.HoldSlotInput, request.data)
        return answer({"id": services.hold_slot(by=self.caller, **given).pk}, status=201)

    @extend_schema(
        summary="Change complaint or notes",
        request=shapes.EditAppointmentInput,
        responses=shapes.AppointmentDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """The complaint is the patient's (or a coordinator's) until the consultation, the notes are the doctor's."""
        services.edit_appointment(pk, by=self.caller, **base.read(shapes.EditAppointmentInput, request.data))
        return self.show(pk, message=_("Saved."))

    @extend_schema(
        summary="Cancel an appointment",
        description="Patients until two hours before the start, others until the start. A body may give "
        '`{"reason": "...", "version": 1}`. The appointment stays readable as cancelled, and what was paid '
        "goes back by the terms of its bill: `/cancellation` says how much. What is held is let go.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.cancel_appointment(pk, by=self.caller, **base.read(shapes.CancelAppointmentInput, request.data))
        return answer(status=204)

    @extend_schema(
        summary="What cancelling would mean",
        operation_id="appointments_cancellation_retrieve",
        responses=money_shapes.AppointmentCancellationShown,
    )
    def cancellation(self, request: Request, pk: UUID) -> Response:
        """Whether the caller may cancel now, what would come back of what was paid, and when that steps down."""
        found = selectors.cancellation_of(pk, reader=self.caller, now=timezone.now())
        return answer(money_shapes.cancellation(found))

    @extend_schema(
        summary="Move an appointment to another status",
        request=shapes.MoveAppointmentInput,
        responses=shapes.AppointmentDetail,
        examples=[
            OpenApiExample("Confirm", value={"status": "appointment_confirmed", "version": 1}, request_only=True)
        ],
    )
    def status(self, request: Request, pk: UUID) -> Response:
        """Only declared moves, by declared roles, each in its time; 409 says what stands against it."""
        given = base.read(shapes.MoveAppointmentInput, request.data)
        services.move_appointment(pk, given.pop("status"), by=self.caller, **given)
        return self.show(pk, message=_("Saved."))

    @extend_schema(
        summary="Move an appointment to another free slot",
        description="At most three times, by the patient until two hours before the start. A hold that lapsed before "
        "its payment arrived is given a time in this way, whenever. " + _TAKEN,
        parameters=[_KEY],
        request=shapes.RescheduleAppointmentInput,
        responses={200: shapes.AppointmentDetail},
    )
    @idempotency.keyed
    def reschedule(self, request: Request, pk: UUID) -> Response:
        kept = self._moved(request, pk)
        return idempotency.again(kept, self.show(pk, message=_("The appointment has been moved.")))

    @idempotency.idempotent
    def _moved(self, request: Request, pk: UUID) -> Response:
        given = base.read(shapes.RescheduleAppointmentInput, request.data)
        return answer({"id": services.reschedule_appointment(pk, by=self.caller, **given).pk})


@extend_schema(tags=["doctors"])
class DoctorAppointmentsViewSet(ListOfAppointments):
    """One doctor's appointments, of those that the caller is party to."""

    permission_classes = [Readers]

    @extend_schema(
        summary="A doctor's appointments",
        operation_id="doctors_appointments_list",
        responses=shapes.AppointmentSummary(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """For the doctor, the staff of the hospital (their hospital's only), coordinators and admins."""
        doctor_id = selectors.doctor_kept_by(self.caller, pk)
        return self.page_of(Appointment.objects.visible_to(self.caller).filter(doctor=doctor_id).as_rows())


@extend_schema(tags=["patients"])
class PatientAppointmentsViewSet(ListOfAppointments):
    """One patient's appointments, of those that the caller is party to."""

    permission_classes = [Parties]

    @extend_schema(
        summary="A patient's appointments",
        operation_id="patients_appointments_list",
        responses=shapes.AppointmentSummary(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """For the patient, for whoever cares for them (their own appointments only), coordinators and admins."""
        response = self.page_of(Appointment.objects.visible_to(self.caller).filter(patient=pk).as_rows())
        if not response.data and not Patient.objects.visible_to(self.caller).filter(pk=pk).exists():
            raise NotFound()
        return response
