"""A doctor's licences, and the papers of a doctor's file."""

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
from apps.hospitals.models import Doctor, DoctorDocument, Licence

from .base import DOCTOR_OR_ADMIN, DirectoryViewSet


class DoctorLicenceViewSet(DirectoryViewSet):
    """For the doctor and platform admins: whoever comes this far may open the document."""

    queryset = Licence.objects.none()
    writers: ClassVar = {
        "create": DOCTOR_OR_ADMIN, "partial_update": DOCTOR_OR_ADMIN, "destroy": DOCTOR_OR_ADMIN,
        "verify": IsPlatformAdmin,
    }  # fmt: skip

    def licence(self, pk: UUID, licence_id: UUID) -> Licence:
        return Licence.objects.visible_to(self.request.user).get(pk=licence_id, doctor=pk)

    @extend_schema(
        tags=["Directory"],
        summary="Add a licence, or its renewal",
        description="It waits for verification. One that was approved before counts on until its last day.",
        request=serializers.LicenceInput,
        responses={201: serializers.LicenceDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        doctor = Doctor.objects.visible_to(request.user).get(pk=pk)
        licence = services.add_licence(doctor, by=request.user, **self.read(serializers.LicenceInput))
        shown = serializers.LicenceDetail.of(licence, may_open=True)
        return answer(shown, message=_("The licence waits for verification now."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Correct a licence",
        description="Until it is approved; one that was rejected waits again. Admins correct any.",
        request=serializers.LicenceInput,
        responses=serializers.LicenceDetail,
    )
    def partial_update(self, request: Request, pk: UUID, licence_id: UUID) -> Response:
        changes = self.read(serializers.LicenceInput, partial=True)
        licence = services.update_licence(self.licence(pk, licence_id), by=request.user, **changes)
        return answer(serializers.LicenceDetail.of(licence, may_open=True), message=_("The changes have been saved."))

    @extend_schema(
        tags=["Directory"],
        summary="Remove a licence",
        description="While it waits or after it was rejected.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID, licence_id: UUID) -> Response:
        services.remove_licence(self.licence(pk, licence_id), by=request.user)
        return answer(status=204)

    @extend_schema(
        tags=["Directory"],
        summary="Approve or reject a licence",
        description="The doctor is told. Without an approved licence a doctor is not listed.",
        request=serializers.VerificationInput,
        responses=serializers.LicenceDetail,
    )
    def verify(self, request: Request, pk: UUID, licence_id: UUID) -> Response:
        given = self.read(serializers.VerificationInput)
        licence = services.verify_licence(
            self.licence(pk, licence_id), by=request.user, verification=given["decision"], reason=given["reason"]
        )
        return answer(
            serializers.LicenceDetail.of(licence, may_open=True), message=_("The decision has been recorded.")
        )


class DoctorDocumentViewSet(DirectoryViewSet):
    queryset = DoctorDocument.objects.none()
    writers: ClassVar = {"create": DOCTOR_OR_ADMIN, "destroy": DOCTOR_OR_ADMIN}

    @extend_schema(
        tags=["Directory"],
        summary="Add a document to a doctor's file",
        description="Private to the doctor and platform admins.",
        request=serializers.DocumentInput,
        responses={201: serializers.DocumentDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        doctor = Doctor.objects.visible_to(request.user).get(pk=pk)
        document = services.add_document(doctor, by=request.user, **self.read(serializers.DocumentInput))
        return answer(serializers.DocumentDetail.of(document), message=_("The document has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Remove a document from a doctor's file",
        description="Once the doctor is approved, by platform admins only.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID, document_id: UUID) -> Response:
        document = DoctorDocument.objects.visible_to(request.user).get(pk=document_id, doctor=pk)
        services.remove_document(document, by=request.user)
        return answer(status=204)
