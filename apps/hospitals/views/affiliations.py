"""Who practises where, as the hospitals keep it and as the doctors do."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.common.api import answer
from apps.common.exceptions import Invalid
from apps.common.idempotency import idempotent
from apps.hospitals import selectors, serializers, services
from apps.hospitals.models import Affiliation, Doctor, Hospital

from .base import KEEPERS, DirectoryViewSet
from .doctors import DoctorListMixin

IS_DOCTOR = role_permission(Role.DOCTOR)


class HospitalDoctorViewSet(DoctorListMixin, DirectoryViewSet):
    queryset = Doctor.objects.none()
    writers: ClassVar = {"create": KEEPERS, "destroy": KEEPERS}

    @extend_schema(
        tags=["Directory"], summary="List a hospital's doctors", responses=serializers.DoctorSummary(many=True)
    )
    def list(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.readable_by(request.user).only("pk").get(pk=pk)
        return self.doctors(hospital=hospital.pk)

    @extend_schema(
        tags=["Directory"],
        summary="Ask a doctor to join a hospital",
        description=(
            "The doctor is shown there after confirming it, or at once when the doctor had proposed it or a platform "
            "admin asks; never before being verified. `awaiting` says whose word is missing."
        ),
        request=serializers.AffiliationInput,
        responses={201: serializers.AffiliationDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        given = self.read(serializers.AffiliationInput)
        today = timezone.now().date()
        doctor = selectors.doctor_for_hospital(given.pop("doctor_id"), user=request.user, today=today)
        if doctor is None:
            raise Invalid(errors={"doctor_id": [_("There is no such doctor.")]})
        affiliation = services.add_affiliation(hospital, doctor, by=request.user, **given)
        shown = serializers.AffiliationDetail.of(affiliation, get_language())
        return answer(shown, message=_("The hospital's word has been recorded."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="End a doctor's affiliation with a hospital",
        description="One that only waits is rejected. Both sides are told.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID, doctor_id: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        live = Affiliation.objects.visible_to(request.user).live().select_related("doctor")
        affiliation = live.get(hospital=hospital, doctor=doctor_id)
        services.end_affiliation(hospital, affiliation.doctor, by=request.user)
        return answer(status=204)


class OwnAffiliationViewSet(DirectoryViewSet):
    """A doctor's own affiliations; GET /doctors/me lists them."""

    queryset = Affiliation.objects.none()
    writers: ClassVar = {"create": IS_DOCTOR, "confirm": IS_DOCTOR, "decline": IS_DOCTOR}

    @extend_schema(
        tags=["Directory"],
        summary="Propose a hospital where one practises",
        description="It waits for the hospital; where the hospital has asked already it takes effect.",
        request=serializers.ProposedAffiliation,
        responses={201: serializers.AffiliationDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        doctor = Doctor.objects.visible_to(request.user).get(user=request.user)
        given = self.read(serializers.ProposedAffiliation)
        affiliation = services.propose_affiliation(doctor, by=request.user, **given)
        shown = serializers.AffiliationDetail.of(affiliation, get_language())
        return answer(shown, message=_("The affiliation has been proposed."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Confirm what a hospital asks",
        request=None,
        responses=serializers.AffiliationDetail,
    )
    def confirm(self, request: Request, affiliation_id: UUID) -> Response:
        affiliation = Affiliation.objects.visible_to(request.user).get(pk=affiliation_id)
        affiliation = services.confirm_affiliation(affiliation, by=request.user)
        shown = serializers.AffiliationDetail.of(affiliation, get_language())
        return answer(shown, message=_("The affiliation has been confirmed."))

    @extend_schema(
        tags=["Directory"],
        summary="Decline what a hospital asks, or take a proposal back",
        request=None,
        responses=serializers.AffiliationDetail,
    )
    def decline(self, request: Request, affiliation_id: UUID) -> Response:
        affiliation = Affiliation.objects.visible_to(request.user).get(pk=affiliation_id)
        affiliation = services.decline_affiliation(affiliation, by=request.user)
        shown = serializers.AffiliationDetail.of(affiliation, get_language())
        return answer(shown, message=_("The affiliation has been declined."))
