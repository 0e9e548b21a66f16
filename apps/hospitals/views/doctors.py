"""Doctors over the API."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin, role_permission
from apps.accounts.roles import Role
from apps.common.api import answer
from apps.common.exceptions import Invalid
from apps.common.idempotency import idempotent
from apps.hospitals import filters, selectors, serializers, services
from apps.hospitals.models import Doctor

from .base import DOCTOR_OR_ADMIN, RATES, DirectoryViewSet


class DoctorListMixin:
    """Lists of doctors, all alike."""

    parameters = filters.DOCTOR_PARAMETERS
    extra_meta = RATES
    sort_fields: ClassVar = {
        "name": "sort_name", "rating": "rating", "experience": "-practising_since", "fee": "fee_in_euro",
        "next_free": "next_free_at", "distance": "distance_km", "relevance": "relevance",
    }  # fmt: skip
    nullable_sorts = ("distance_km",)
    default_sort = ("-rating", "-pk")

    def doctors(self: Any, **at: Any) -> Response:
        """The page of listed doctors that the query asks for; `at` narrows further."""
        prices, place = self.prices("fee"), filters.asked_place(self.request.query_params)
        language, today = get_language(), timezone.now().date()
        rows = selectors.doctor_rows(language, today, prices, place)
        if at:
            rows = filters.practises_at(rows, **at)
        page = self.found(rows)
        return self.get_paginated_response(
            [serializers.ListedDoctor.of(row, language, today, prices=prices) for row in page]
        )


class DoctorViewSet(DoctorListMixin, DirectoryViewSet):
    queryset = Doctor.objects.none()
    writers: ClassVar = {
        "create": DOCTOR_OR_ADMIN, "partial_update": DOCTOR_OR_ADMIN, "destroy": IsPlatformAdmin,
        "verify": IsPlatformAdmin, "own": role_permission(Role.DOCTOR), "submit": role_permission(Role.DOCTOR),
    }  # fmt: skip
    extra_failures = (404,)

    def page(self, pk: UUID) -> dict[str, Any]:
        """The doctor as the caller may read them. Raises DoesNotExist."""
        language, today, user = get_language(), timezone.now().date(), self.request.user
        row = selectors.doctor_row(pk, user=user, language=language, today=today)
        doctor = selectors.managed_doctor(pk, user)
        management = None
        if doctor is not None:
            management = serializers.DoctorManagement.of(doctor, selectors.doctor_file(doctor, user), language)
        return serializers.DoctorDetail.of(row, language, today, management=management)

    def kept(self, pk: UUID) -> Doctor:
        return Doctor.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(tags=["Directory"], summary="List and search doctors", responses=serializers.ListedDoctor(many=True))
    def list(self, request: Request) -> Response:
        return self.doctors()

    @extend_schema(tags=["Directory"], summary="Read a doctor's profile", responses=serializers.DoctorDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(self.page(pk))

    @extend_schema(
        tags=["Directory"],
        summary="Read one's own profile",
        description="By a doctor: also while the profile waits for verification, was rejected or is not listed.",
        responses=serializers.DoctorDetail,
    )
    def own(self, request: Request) -> Response:
        return answer(self.page(Doctor.objects.visible_to(request.user).only("pk").get(user=request.user).pk))

    @extend_schema(
        tags=["Directory"],
        summary="Complete a doctor's profile",
        description=(
            "By the doctor after registering, or by an admin for them. It then waits for verification, with the "
            "licences, documents and hospitals that are named; all of it is taken, or nothing."
        ),
        request=serializers.OnboardingInput,
        responses={201: serializers.DoctorDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        given = self.read(serializers.OnboardingInput)
        user_id = given.pop("user_id", None if request.user.role == Role.ADMIN else request.user.pk)
        doctor = Doctor.objects.visible_to(request.user).filter(user=user_id).first()
        if doctor is None:
            raise Invalid(errors={"user_id": [_("There is no such doctor.")]})
        proposals = given.pop("affiliations", [])
        services.onboard_doctor(doctor, by=request.user, proposals=proposals, **given)
        return answer(self.page(doctor.pk), message=_("The profile waits for verification now."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Submit one's own profile again",
        description="By a doctor who was rejected, after correcting what was wrong. It waits for verification again.",
        request=serializers.ProposedAffiliations,
        responses=serializers.DoctorDetail,
    )
    def submit(self, request: Request) -> Response:
        doctor = Doctor.objects.visible_to(request.user).get(user=request.user)
        given = self.read(serializers.ProposedAffiliations)
        services.submit_doctor(doctor, by=request.user, proposals=given.get("affiliations", []))
        return answer(self.page(doctor.pk), message=_("The profile waits for verification now."))

    @extend_schema(
        tags=["Directory"],
        summary="Change a doctor's profile",
        request=serializers.DoctorChanges,
        responses=serializers.DoctorDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        changes = self.read(serializers.DoctorChanges, partial=True)
        services.update_doctor(self.kept(pk), by=request.user, **changes)
        return answer(self.page(pk), message=_("The changes have been saved."))

    @extend_schema(
        tags=["Directory"],
        summary="Take a doctor off the list",
        description="The account and the appointments stay.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.deactivate_doctor(self.kept(pk), by=request.user)
        return answer(status=204)

    @extend_schema(
        tags=["Directory"],
        summary="Approve or reject a doctor",
        description="Approving activates the affiliations that wait, rejecting rejects them. The doctor is told.",
        request=serializers.VerificationInput,
        responses=serializers.DoctorDetail,
    )
    def verify(self, request: Request, pk: UUID) -> Response:
        given = self.read(serializers.VerificationInput)
        services.verify_doctor(self.kept(pk), by=request.user, verification=given["decision"], reason=given["reason"])
        return answer(self.page(pk), message=_("The decision has been recorded."))
