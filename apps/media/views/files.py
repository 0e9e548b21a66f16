"""Uploads in one request, and one's own files."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from apps.common.api import answer
from apps.common.idempotency import idempotent, keyed
from apps.media import selectors, services
from apps.media.filters import FileFilters
from apps.media.models import StoredFile
from apps.media.serializers import FileSerializer, UploadImageInput, UploadInput
from apps.media.uploads import UploadParser

_KEY = "3f/3f9a2c5b7d1e4f60812a3b4c5d6e7f80"
_PUBLIC = "https://files.medivoy.example.com/"
EXAMPLE = OpenApiExample(
    "A portrait",
    value={
        "id": "019a0b5e-7a10-7c3e-9d41-5b8f0c2e7a11",
        "purpose": "image",
        "visibility": "public",
        "status": "ready",
        "scan": "not_needed",
        "url": f"{_PUBLIC}{_KEY}.jpg",
        "thumbnails": {size: f"{_PUBLIC}{_KEY}-{size}.webp" for size in ("small", "medium", "large")},
        "content_type": "image/jpeg",
        "size": 184_320,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "width": 1600,
        "height": 1200,
        "original_name": "me.jpg",
        "created_at": "2026-11-21T09:30:00Z",
    },
    response_only=True,
)
REFUSALS = (
    "The type is told by the content; the declared type and the name are not believed. 415 "
    "`media.type_not_accepted`, 413 `media.too_large`, `media.too_many_pixels`, 400 `media.unreadable`, "
    "`media.upload_incomplete`, `media.empty`, `media.active_content`, `media.encrypted`, 503 "
    "`media.storage_unavailable`. Papers and medical records are scanned for viruses where a scanner is set up: until "
    "then `status` is `scanning`, there is no `url`, and attaching the file gives 409 `media.not_yet_scanned`; of an "
    "infected one 422 `media.infected`. A file that nothing refers to within a day is removed."
)


class UploadView(APIView):
    """One file in a form. Others inherit it for a `purpose` and a circle of people of their own."""

    permission_classes = [IsAuthenticated]
    parser_classes = [UploadParser]
    purpose: str
    input_class: type[UploadInput] = UploadInput

    def upload(self, request: Request) -> Response:
        """The file is stored before the transaction that makes it seen; a repeated request takes its own copy back.

        What is kept for repetitions is the id alone: the answer may hold a link, which is a secret and soon dead.
        """
        data = request.data
        try:
            given = self.input_class(data=data)
            given.is_valid(raise_exception=True)
            options = dict(given.validated_data)
            file = services.deposit(options.pop("file"), purpose=self.purpose, by=request.user, **options)
            kept = self._publish(request, file)
        finally:
            for upload in request.FILES.values():
                upload.close()  # the temporary file goes at once, not when the answer has been sent
        if str(kept.data["id"]) != str(file.pk):
            services.take_back(file)
            files = StoredFile.objects.visible_to(request.user).stored().with_use()
            file = get_object_or_404(files, pk=kept.data["id"])
        response = answer(selectors.shown(file, reader=request.user), message=_("The file is stored."), status=201)
        if "Idempotent-Replayed" in kept:
            response["Idempotent-Replayed"] = kept["Idempotent-Replayed"]
        return response

    @idempotent
    def _publish(self, request: Request, file: StoredFile) -> Response:
        file.is_used = False  # nobody has been told of it yet
        return answer({"id": services.publish(file).pk}, status=201)


class UploadImageView(UploadView):
    purpose = StoredFile.Purpose.IMAGE
    input_class = UploadImageInput

    @extend_schema(
        summary="Upload an image",
        description="JPEG, PNG, WebP, or GIF (its first frame), up to 10 MB and 50 million pixels. It is decoded and "
        f"written anew, without the place and time that a camera notes down. {REFUSALS}",
        request={"multipart/form-data": UploadImageInput},
        responses={201: FileSerializer},
        examples=[EXAMPLE],
    )
    @keyed
    def post(self, request: Request) -> Response:
        return self.upload(request)


class UploadDocumentView(UploadView):
    purpose = StoredFile.Purpose.DOCUMENT

    @extend_schema(
        summary="Upload a document",
        description="A licence, an accreditation, an identity paper: PDF, JPEG or PNG, up to 20 MB; private. A "
        f"photo is written anew, as any image. {REFUSALS}",
        request={"multipart/form-data": UploadInput},
        responses={201: FileSerializer},
    )
    @keyed
    def post(self, request: Request) -> Response:
        return self.upload(request)


class FileViewSet(GenericViewSet):
    """One's own uploads; platform admins find everyone's."""

    permission_classes = [IsAuthenticated]
    queryset = StoredFile.objects.none()
    serializer_class = FileSerializer
    filterset_class = FileFilters
    sort_fields = {"created_at": "created_at", "size": "size"}
    default_sort = ("-created_at",)

    def get_queryset(self) -> Any:
        return StoredFile.objects.visible_to(self.request.user).stored().with_use()

    @extend_schema(summary="My files", description="Newest first.", examples=[EXAMPLE])
    def list(self, request: Request) -> Response:
        files = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response([selectors.shown(file, reader=request.user) for file in files])

    @extend_schema(
        summary="One of my files",
        description="With a fresh link to it; of what stands in a patient's record there is none here: "
        "`/medical-records/{id}/download` and `/lab-tests/{id}/results/{version}/download` give it, and log it.",
        examples=[EXAMPLE],
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(selectors.shown(get_object_or_404(self.get_queryset(), pk=pk), reader=request.user))

    @extend_schema(
        summary="Remove one of my files",
        description="409 `media.in_use` while anything refers to it.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.remove_file(get_object_or_404(self.get_queryset(), pk=pk), by=request.user)
        return answer(status=204)
