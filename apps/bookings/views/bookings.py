"""Treatment bookings."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.bookings import filters, rules, services
from apps.bookings.models import Booking
from apps.bookings.serializers import bookings as shapes
from apps.clinical.models import Patient
from apps.common.api import answer
from apps.common.exceptions import NotFound
from apps.common.idempotency import again, idempotent, keyed

from . import base

Parties = role_permission(Role.PATIENT, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Bookers = role_permission(*rules.BOOKERS)


class ListOfBookings(base.Signed):
    """Lists of bookings: the caller's own rows, filtered, sorted, paged; one query a page."""

    permission_classes = [Parties]
    queryset = Booking.objects.none()
    serializer_class = shapes.BookingShown
    filterset_class = filters.BookingFilter
    sort_fields: ClassVar = {"created_at": "created_at"}
    default_sort = ("-created_at", "-pk")

    def page_of(self, **narrowed: Any) -> Response:
        rows = Booking.objects.visible_to(self.caller).filter(**narrowed).as_rows()
        return self.get_paginated_response(
            [shapes.booking(row) for row in self.paginate_queryset(self.filter_queryset(rows)) or ()]
        )


@extend_schema(tags=["bookings"])
class BookingViewSet(ListOfBookings):
    """Treatment bookings that the caller is party to."""

    permissions: ClassVar = {"create": Bookers, "destroy": Bookers}

    def get_permissions(self) -> list[Any]:
        return [self.permissions.get(self.action, Parties)()]

    def show(self, booking_id: UUID, **said: Any) -> Response:
        row = Booking.objects.visible_to(self.caller).as_rows().filter(pk=booking_id).first()
        if row is None:
            raise NotFound()
        return answer(shapes.booking(row), **said)

    @extend_schema(summary="My treatment bookings", responses=shapes.BookingShown(many=True))
    def list(self, request: Request) -> Response:
        """Those that the caller is party to, newest first; coordinators and admins see all."""
        return self.page_of()

    @extend_schema(summary="One treatment booking", responses=shapes.BookingShown)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self.show(pk)

    @extend_schema(
        summary="Ask a hospital for a treatment or a package",
        description="Patients ask for themselves; coordinators and admins say for whom. 400 `booking.not_offered`, 409 "
        "`booking.already_requested`. The hospital sees of the record what the patient has consented to.",
        request=shapes.RequestBookingInput,
        responses={201: shapes.BookingShown},
    )
    @keyed
    def create(self, request: Request) -> Response:
        kept = self._request(request)
        return again(kept, self.show(kept.data["id"], message=_("The hospital has your request."), status=201))

    @idempotent
    def _request(self, request: Request) -> Response:
        """What is kept for repetitions is the id alone: what was asked for may be medical."""
        given = base.read(shapes.RequestBookingInput, request.data)
        return answer({"id": services.request_booking(by=self.caller, **given).pk}, status=201)

    @extend_schema(
        summary="Withdraw a request",
        description='May carry a body `{"reason": "..."}`. The booking stays readable as cancelled; the hospital\'s '
        "sight of the record ends.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.withdraw_booking(pk, by=self.caller, **base.read(shapes.WithdrawBookingInput, request.data))
        return answer(status=204)


@extend_schema(tags=["patients"])
class PatientBookingsViewSet(ListOfBookings):
    """One patient's treatment bookings, of those that the caller is party to."""

    @extend_schema(
        summary="A patient's treatment bookings",
        operation_id="patients_bookings_list",
        responses=shapes.BookingShown(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """For the patient, the hospital that was asked (its own only), coordinators and admins."""
        if not Patient.objects.visible_to(self.caller).filter(pk=pk).exists():
            raise NotFound()
        return self.page_of(patient=pk)
