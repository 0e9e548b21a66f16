"""A hospital's gallery and its papers, as its keepers write them; its page shows the gallery."""

from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.api import answer
from apps.common.idempotency import idempotent
from apps.hospitals import selectors, serializers, services
from apps.hospitals.models import Hospital, HospitalDocument, HospitalImage

from .base import KEEPERS, DirectoryViewSet


class HospitalImageViewSet(DirectoryViewSet):
    queryset = HospitalImage.objects.none()
    writers: ClassVar = {"create": KEEPERS, "partial_update": KEEPERS, "destroy": KEEPERS, "order": KEEPERS}

    def image(self, pk: UUID, image_id: UUID) -> HospitalImage:
        return HospitalImage.objects.visible_to(self.request.user).get(pk=image_id, hospital=pk)

    @extend_schema(
        tags=["Directory"],
        summary="Add a picture to a hospital's gallery",
        description="At its place, or else as the last one. At most 30.",
        request=serializers.ImageInput,
        responses={201: serializers.ImageDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        image = services.add_image(hospital, by=request.user, **self.read(serializers.ImageInput))
        return answer(serializers.ImageDetail.of(image), message=_("The picture has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Change the caption or the place of a picture",
        request=serializers.ImageChanges,
        responses=serializers.ImageDetail,
    )
    def partial_update(self, request: Request, pk: UUID, image_id: UUID) -> Response:
        image = self.image(pk, image_id)
        changes = self.read(serializers.ImageChanges, partial=True)
        image = services.update_image(image, by=request.user, **changes)
        return answer(serializers.ImageDetail.of(image), message=_("The changes have been saved."))

    @extend_schema(tags=["Directory"], summary="Remove a picture from a hospital's gallery", responses={204: None})
    def destroy(self, request: Request, pk: UUID, image_id: UUID) -> Response:
        services.remove_image(self.image(pk, image_id), by=request.user)
        return answer(status=204)

    @extend_schema(
        tags=["Directory"],
        summary="Put a hospital's gallery in order",
        description="Names every picture. Refused where somebody has added or removed one meanwhile.",
        request=serializers.ImageOrder,
        responses=serializers.ImageDetail(many=True),
    )
    def order(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        services.order_images(hospital, self.read(serializers.ImageOrder)["ids"], by=request.user)
        images = HospitalImage.objects.visible_to(request.user).filter(hospital=hospital).select_related("file")
        return answer([serializers.ImageDetail.of(image) for image in images], message=_("The order has been saved."))


class HospitalDocumentViewSet(DirectoryViewSet):
    """For the hospital's staff and platform admins."""

    queryset = HospitalDocument.objects.none()
    sort_fields: ClassVar = {"created_at": "created_at"}
    default_sort = ("-pk",)
    writers: ClassVar = {"list": KEEPERS, "create": KEEPERS, "destroy": KEEPERS}

    @extend_schema(
        tags=["Directory"],
        summary="List the documents by which a hospital is verified",
        description="The links work for five minutes.",
        responses=serializers.HospitalDocumentDetail(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).only("pk").get(pk=pk)
        page = self.found(selectors.hospital_documents(hospital, request.user))
        return self.get_paginated_response([serializers.HospitalDocumentDetail.of(document) for document in page])

    @extend_schema(
        tags=["Directory"],
        summary="Add a document to a hospital's file",
        description="Private to its staff and platform admins.",
        request=serializers.HospitalDocumentInput,
        responses={201: serializers.HospitalDocumentDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        given = self.read(serializers.HospitalDocumentInput)
        document = services.add_hospital_document(hospital, by=request.user, **given)
        shown = serializers.HospitalDocumentDetail.of(document)
        return answer(shown, message=_("The document has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Remove a document from a hospital's file",
        description="Once the hospital is approved, by platform admins only.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID, document_id: UUID) -> Response:
        document = HospitalDocument.objects.visible_to(request.user).get(pk=document_id, hospital=pk)
        services.remove_hospital_document(document, by=request.user)
        return answer(status=204)
