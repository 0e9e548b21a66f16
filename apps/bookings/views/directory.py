"""What bookings add to the directory: reviews and patients of a doctor, figures of a hospital."""

from typing import ClassVar
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.bookings import filters, selectors
from apps.bookings.models import Review
from apps.bookings.serializers import directory as shapes
from apps.clinical.models import Patient
from apps.common.api import answer
from apps.common.api.filters import SortBackend

from . import base


@extend_schema(tags=["doctors"])
class DoctorReviewsViewSet(GenericViewSet):
    """What patients say of a doctor, for everybody."""

    permission_classes = [AllowAny]
    filter_backends = (SortBackend,)
    queryset = Review.objects.none()
    serializer_class = shapes.ReviewShown
    sort_fields: ClassVar = {"newest": "-published_at", "rating": "rating"}
    default_sort = ("-published_at", "-pk")
    extra_failures = (404,)

    @extend_schema(
        summary="A doctor's reviews",
        operation_id="doctors_reviews_list",
        responses=shapes.ReviewShown(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """Published ones only: each was verified, and is of a consultation that took place. Nobody is named."""
        now = timezone.now()
        page = self.paginate_queryset(self.filter_queryset(selectors.reviews_of(pk, reader=request.user, now=now)))
        if not page:
            selectors.raise_unless_readable(pk, reader=request.user, now=now)
        return self.get_paginated_response([shapes.review(row) for row in page or ()])


@extend_schema(tags=["doctors"])
class DoctorPatientsViewSet(base.Signed):
    """The patients in a doctor's care."""

    permission_classes = [role_permission(Role.DOCTOR, Role.ADMIN)]
    queryset = Patient.objects.none()
    serializer_class = shapes.PatientInCare
    filterset_class = filters.PatientInCareFilter
    sort_fields: ClassVar = {"last": "last_at", "next": "next_at", "name": "user__last_name"}
    nullable_sorts = ("last_at", "next_at")
    default_sort = (F("last_at").desc(nulls_last=True), "-pk")
    extra_failures = (404,)

    @extend_schema(
        summary="A doctor's patients",
        operation_id="doctors_patients_list",
        responses=shapes.PatientInCare(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """Everyone with an appointment with the doctor that was neither declined nor cancelled; nothing medical. For
        the doctor and platform admins."""
        rows = selectors.patients_of(pk, reader=self.caller, now=timezone.now())
        page = self.paginate_queryset(self.filter_queryset(rows))
        if not page:
            selectors.doctor_kept_by(self.caller, pk)
        return self.get_paginated_response([shapes.patient_in_care(row) for row in page or ()])


@extend_schema(tags=["hospitals"])
class HospitalAnalyticsViewSet(base.Signed):
    """A hospital's figures."""

    permission_classes = [role_permission(Role.HOSPITAL_ADMIN, Role.ADMIN)]
    pagination_class = None
    filter_backends = ()
    serializer_class = shapes.HospitalFiguresShown
    extra_failures = (404,)

    @extend_schema(
        summary="A hospital's figures",
        operation_id="hospitals_analytics_retrieve",
        parameters=[shapes.FiguresQuery],
        responses=shapes.HospitalFiguresShown,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Appointments that begin on the days from `from` to `to` of the hospital's calendar: the last thirty where
        nothing is said, at most 366. For platform admins and the hospital's own staff."""
        query = base.read(shapes.FiguresQuery, request.query_params)
        hospital = selectors.hospital_of(pk, reader=self.caller)
        first, last = shapes.days(query, hospital["time_zone"], timezone.now())
        return answer(shapes.hospital_figures(selectors.hospital_figures(hospital, first=first, last=last)))
