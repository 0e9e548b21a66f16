"""Large uploads: in parts, in any order, over a line that breaks."""

from typing import Any
from uuid import UUID

from django.core import signing
from django.core.files.storage import storages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from apps.common.api import answer
from apps.common.exceptions import TooLarge
from apps.common.idempotency import idempotent
from apps.common.throttling import LimitThrottle, RoughLimit
from apps.media import exceptions, rules, selectors, services
from apps.media.models import UploadSession
from apps.media.serializers import UploadSessionInput, UploadSessionSerializer
from apps.media.storage import local, parts
from apps.media.uploads import RawParser

EXAMPLE = OpenApiExample(
    "A scan, after its first part",
    value={
        "id": "019a0b5e-7a10-7c3e-9d41-5b8f0c2e7a11",
        "status": "uploading",
        "purpose": "medical_record",
        "name": "abdomen.dcm",
        "size": 12_582_912,
        "sha256": None,
        "part_size": 8_388_608,
        "count": 2,
        "parts": [
            {"number": 1, "size": 8_388_608, "arrived": True, "url": None},
            {"number": 2, "size": 4_194_304, "arrived": False, "url": "https://files.medivoy.example.com/part"},
        ],
        "file": None,
        "refusal": None,
        "expires_at": "2026-11-22T09:30:00Z",
        "created_at": "2026-11-21T09:30:00Z",
    },
    response_only=True,
)


class UploadSessionViewSet(GenericViewSet):
    """One's own uploads in parts. Others inherit it for a circle of people of their own; media knows no roles."""

    permission_classes = [IsAuthenticated]
    queryset = UploadSession.objects.none()
    serializer_class = UploadSessionSerializer
    sort_fields = {"created_at": "created_at"}
    default_sort = ("-created_at",)

    def get_queryset(self) -> Any:
        return UploadSession.objects.visible_to(self.request.user)

    @extend_schema(
        summary="My large uploads",
        description="Of the last week, newest first, without their parts: one of them shows those.",
        examples=[EXAMPLE],
    )
    def list(self, request: Request) -> Response:
        sessions = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(selectors.shown_sessions(sessions, reader=request.user))

    @extend_schema(
        summary="Begin a large upload",
        description="For a file of up to 2 GB: PDF, JPEG, PNG, DICOM, or a ZIP of DICOM files; told by its content. "
        "Send each part by PUT to its `url`, as it is, with no header but its length, in any order, as often as it "
        "takes; then say `complete`. An address works for 15 minutes, and asking for the upload gives fresh ones. "
        "After a day, what is not complete is given up. 409 `media.too_many_open_uploads`, 413 `media.too_large`, "
        "429 `media.too_many_uploads`, 503 `media.storage_unavailable`.",
        request=UploadSessionInput,
        responses={201: UploadSessionSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        """What is kept for repetitions is the id alone: the addresses of parts are secrets, and soon dead."""
        begun = self._begin(request)
        session = services.open_for_parts(get_object_or_404(self.get_queryset(), pk=begun.data["id"]))
        shown = selectors.shown_session(session, reader=request.user)
        response = answer(shown, message=_("The upload can begin."), status=201)
        if "Idempotent-Replayed" in begun:
            response["Idempotent-Replayed"] = begun["Idempotent-Replayed"]
        return response

    create.is_idempotent = True  # type: ignore[attr-defined]  # for the schema

    @idempotent
    def _begin(self, request: Request) -> Response:
        given = UploadSessionInput(data=request.data)
        given.is_valid(raise_exception=True)
        return answer({"id": services.begin_session(**given.validated_data, by=request.user).pk}, status=201)

    @extend_schema(
        summary="One of my large uploads",
        description="While it is `uploading`: which parts have arrived, and fresh addresses for the others. Then it "
        "is `checking`, `scanning`, and `ready` with its `file`, or `refused` with the reason.",
        examples=[EXAMPLE],
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        session = services.open_for_parts(get_object_or_404(self.get_queryset(), pk=pk))
        return answer(selectors.shown_session(session, reader=request.user))

    @extend_schema(
        summary="Give up a large upload",
        description="What has arrived is removed. 409 `media.upload_closed` once it is complete: then remove its file.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.give_up_session(get_object_or_404(self.get_queryset(), pk=pk))
        return answer(status=204)

    @extend_schema(
        summary="Complete a large upload",
        description="Every part was sent. What arrived is checked and scanned afterwards: ask for the upload until it "
        "is `ready` or `refused`. Said twice, it changes nothing. 409 `media.parts_missing` with the numbers of those "
        "that are `missing`, 409 `media.upload_closed`.",
        request=None,
        responses={202: UploadSessionSerializer},
        examples=[EXAMPLE],
    )
    def complete(self, request: Request, pk: UUID) -> Response:
        session = services.complete_session(get_object_or_404(self.get_queryset(), pk=pk))
        shown = selectors.shown_session(session, reader=request.user)
        return answer(shown, message=_("The file is being checked."), status=202)


class PartThrottle(LimitThrottle):
    """Parts are many and say nothing: they are counted apart, for each address, far above what a line carries."""

    limit = RoughLimit("upload_parts", attempts=1200, seconds=60)


class PartView(APIView):
    """Where the parts of a large upload go when files lie on this machine. The address is what lets them in."""

    authentication_classes = ()
    permission_classes = [AllowAny]
    throttle_classes = [PartThrottle]
    parser_classes = [RawParser]

    @extend_schema(
        summary="Send a part of a large upload",
        description="Only at an address that the upload gave: it may also lead straight to a bucket. The body is the "
        "part as it is, of exactly its size. 400 `media.upload_incomplete`, 409 `media.upload_closed`.",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={204: None},
        auth=[],
    )
    def put(self, request: Request, token: str) -> Response:
        if not isinstance(storages[parts.VISIBILITY], local.LocalStorage):
            raise Http404
        try:
            key, number, size = local.read_part_token(token, seconds=rules.PART_ADDRESS_SECONDS)
        except signing.BadSignature as error:
            raise Http404 from error
        length = RawParser.length(request)
        if length != size:
            raise TooLarge() if length > size else exceptions.UploadIncomplete()
        services.take_part(key, number, size, RawParser.body(request), now=timezone.now())
        return answer(status=204)
