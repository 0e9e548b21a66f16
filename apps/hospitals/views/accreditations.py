"""A hospital's accreditations, as its keepers write them; its page lists them."""

from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin
from apps.common.api import answer
from apps.common.idempotency import idempotent
from apps.hospitals import serializers, services
from apps.hospitals.models import Accreditation, Hospital

from .base import KEEPERS, DirectoryViewSet


class HospitalAccreditationViewSet(DirectoryViewSet):
    """For the hospital's staff and platform admins: whoever comes this far may open the document."""

    queryset = Accreditation.objects.none()
    writers: ClassVar = {
        "create": KEEPERS, "partial_update": KEEPERS, "destroy": KEEPERS, "verify": IsPlatformAdmin,
    }  # fmt: skip

    def accreditation(self, pk: UUID, accreditation_id: UUID) -> Accreditation:
        return Accreditation.objects.visible_to(self.request.user).get(pk=accreditation_id, hospital=pk)

    @extend_schema(
        tags=["Directory"],
        summary="Add an accreditation to a hospital",
        description="It waits for verification, and is not public before.",
        request=serializers.AccreditationInput,
        responses={201: serializers.AccreditationDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        given = self.read(serializers.AccreditationInput)
        accreditation = services.add_accreditation(hospital, by=request.user, **given)
        shown = serializers.AccreditationDetail.of(accreditation, may_open=True)
        return answer(shown, message=_("The accreditation waits for verification now."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Change an accreditation of a hospital",
        description="After a change by the hospital's staff one that was approved or rejected waits again.",
        request=serializers.AccreditationInput,
        responses=serializers.AccreditationDetail,
    )
    def partial_update(self, request: Request, pk: UUID, accreditation_id: UUID) -> Response:
        accreditation = self.accreditation(pk, accreditation_id)
        changes = self.read(serializers.AccreditationInput, partial=True)
        accreditation = services.update_accreditation(accreditation, by=request.user, **changes)
        shown = serializers.AccreditationDetail.of(accreditation, may_open=True)
        return answer(shown, message=_("The changes have been saved."))

    @extend_schema(tags=["Directory"], summary="Remove an accreditation of a hospital", responses={204: None})
    def destroy(self, request: Request, pk: UUID, accreditation_id: UUID) -> Response:
        services.remove_accreditation(self.accreditation(pk, accreditation_id), by=request.user)
        return answer(status=204)

    @extend_schema(
        tags=["Directory"],
        summary="Approve or reject an accreditation",
        description="The hospital's staff are told. One that has lapsed is not approved.",
        request=serializers.VerificationInput,
        responses=serializers.AccreditationDetail,
    )
    def verify(self, request: Request, pk: UUID, accreditation_id: UUID) -> Response:
        accreditation = self.accreditation(pk, accreditation_id)
        given = self.read(serializers.VerificationInput)
        accreditation = services.verify_accreditation(
            accreditation, by=request.user, verification=given["decision"], reason=given["reason"]
        )
        shown = serializers.AccreditationDetail.of(accreditation, may_open=True)
        return answer(shown, message=_("The decision has been recorded."))
