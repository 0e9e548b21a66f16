"""Medical records: listed, read, added with their files, corrected, marked as entered in error."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.clinical import filters, rules, selectors, services
from apps.clinical.models import MedicalRecord, Patient, ReadEntry
from apps.clinical.serializers import records as shapes
from apps.common.api import answer
from apps.common.api.parsers import StrictJSONParser
from apps.common.exceptions import DomainError, Invalid, NotFound, raise_if
from apps.common.idempotency import again, idempotent, keyed
from apps.media import rules as media_rules
from apps.media import services as media_services
from apps.media.models import StoredFile
from apps.media.uploads import UploadParser

from . import base

Readers = role_permission(*rules.READERS)
Writers = role_permission(*rules.WRITERS)
#: Who may have uploaded one, or corrects as a platform admin.
Correctors = role_permission(*rules.WRITERS, Role.ADMIN)

_FILES = (
    "As JSON, with `file_ids` of uploads made before; or as a form with one `file`, up to 100 MB, and `file_ids` for "
    "more. Larger ones come in parts, over `/upload/sessions`."
)


class OfRecords(base.Signed):
    """Lists of records and single ones, each reading logged before the answer."""

    queryset = MedicalRecord.objects.none()
    serializer_class = shapes.RecordSummary
    filterset_class = filters.RecordFilter
    sort_fields: ClassVar = {"recorded_on": "recorded_on", "created_at": "id"}
    default_sort = ("-recorded_on", "-pk")

    def page_of(self, records: QuerySet) -> list[dict[str, Any]]:
        """The page that the query asks for, logged."""
        rows = selectors.record_rows(records.with_ground(self.caller))
        page = self.paginate_queryset(self.filter_queryset(rows)) or []
        self.log(page, ReadEntry.Act.LISTED)
        return page

    def shown(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [shapes.record_summary(row, self.caller) for row in rows]

    def log(self, rows: Sequence[Any], act: str) -> None:
        services.log_readings(rows, reader=self.caller, act=act, place="api", model=MedicalRecord)


@extend_schema(tags=["medical-records"])
class MedicalRecordViewSet(OfRecords):
    """Records of which the caller has sight: their own, or by consent."""

    parser_classes = [StrictJSONParser, UploadParser]
    purpose = StoredFile.Purpose.MEDICAL_RECORD
    permissions: ClassVar = {"create": Writers, "partial_update": Correctors, "destroy": Correctors}

    def get_permissions(self) -> list[Any]:
        return [self.permissions.get(self.action, Readers)()]

    def show(self, row: dict[str, Any], *, message: Any = "", status: int = 200) -> Response:
        self.log([row], ReadEntry.Act.OPENED)
        return answer(shapes.record_detail(row, self.caller), message=message, status=status)

    def with_file(
        self, request: Request, shape: type, act: Callable[..., Response], *, partial: bool = False, **more: Any
    ) -> Response:
        """What `act` answers. The file of a form is stored before the transaction that uses it, as files are, and
        taken back where that one is refused, or has been there before."""
        file = None
        try:
            given = dict(base.read(shape, request.data, partial=partial))
            upload = given.pop("file", None)
            if upload is not None:
                file = media_services.deposit(upload, purpose=self.purpose, by=self.caller)
            try:
                response = act(request, given, file, **more)
            except DomainError:
                self._take_back(file)
                raise
        finally:
            for sent in request.FILES.values():
                sent.close()  # the temporary file goes at once, not when the answer has been sent
        if "Idempotent-Replayed" in response:
            self._take_back(file)
        return response

    @staticmethod
    def _take_back(file: StoredFile | None) -> None:
        if file is not None:
            media_services.take_back(file)

    def _patient(self, patient_id: UUID | None) -> Patient:
        """Whom a record is of: a patient's own is their own. Raises NotFound, Invalid."""
        patients = Patient.objects.visible_to(self.caller)
        if patient_id is None and self.caller.role != Role.PATIENT:
            raise Invalid(errors={"patient_id": [_("This field is required.")]})
        return get_object_or_404(patients.filter(pk=patient_id) if patient_id else patients)

    @extend_schema(summary="Medical records", responses=shapes.RecordSummary(many=True))
    def list(self, request: Request) -> Response:
        """A patient's own; for others those that patients have consented to their reading. Each one shown stands in
        the log that the patient can read."""
        return self.get_paginated_response(self.shown(self.page_of(MedicalRecord.objects.visible_to(self.caller))))

    @extend_schema(summary="A medical record", responses=shapes.RecordDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """A version that was replaced, or entered in error, says so, and names the one that counts."""
        return self.show(selectors.record_row(pk, reader=self.caller))

    @extend_schema(
        summary="Add a medical record",
        description="Patients to their own; doctors for patients in their care who have consented to records of the "
        f"type (403 `record.consent_needed`); coordinators what patients sent them. {_FILES}",
        request={"application/json": shapes.AddRecordInput, "multipart/form-data": shapes.AddRecordInput},
        responses={201: shapes.RecordDetail},
        examples=[
            OpenApiExample(
                "With a file that was uploaded before",
                value={
                    "record_type": "mri",
                    "title": "MRI of the left knee",
                    "recorded_on": "2026-11-02",
                    "file_ids": ["019a0b5e-7a10-7c3e-9d41-5b8f0c2e7a11"],
                },
                request_only=True,
            )
        ],
    )
    @keyed
    def create(self, request: Request) -> Response:
        kept = self.with_file(request, shapes.AddRecordInput, self._added)
        row = selectors.written_record(UUID(str(kept.data["id"])), writer=self.caller)
        return again(kept, self.show(row, message=_("The record is saved."), status=201))

    @idempotent
    def _added(self, request: Request, given: dict[str, Any], file: StoredFile | None) -> Response:
        patient = self._patient(given.pop("patient_id", None))
        files = [media_services.publish(file)] if file else []
        return answer({"id": services.add_record(patient, by=self.caller, files=files, **given).pk}, status=201)

    @extend_schema(
        summary="Correct a medical record",
        description="By whoever uploaded it, or a platform admin: the `version` that was seen, a `reason`, and what "
        "changes. That makes a new version with an id of its own; the one before is kept. 409 `record.stale_version` "
        f"with the current version in `data`. Or, by the patient, `is_shared` alone. {_FILES}",
        request={"application/json": shapes.CorrectRecordInput, "multipart/form-data": shapes.CorrectRecordInput},
        responses=shapes.RecordDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        record = selectors.record_to_keep(pk, by=self.caller)
        kept = self.with_file(request, shapes.CorrectRecordInput, self._corrected, record=record, partial=True)
        return self.show(selectors.written_record(kept.data["id"], writer=self.caller), message=_("Saved."))

    def _corrected(
        self, request: Request, given: dict[str, Any], file: StoredFile | None, *, record: MedicalRecord
    ) -> Response:
        if set(given) == {"is_shared"} and file is None:
            services.share_record(record, by=self.caller, **given)
            return answer({"id": record.pk})
        with transaction.atomic():
            files = [media_services.publish(file)] if file else []
            return answer({"id": services.correct_record(record, by=self.caller, files=files, **given).pk})

    @extend_schema(
        summary="Mark a medical record as entered in error",
        description="By whoever uploaded it, or a platform admin, with a reason. It is kept, and shown as such.",
        request=shapes.ErrorReasonInput,
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        record = selectors.record_to_keep(pk, by=self.caller)
        services.mark_record_as_error(record, by=self.caller, **base.read(shapes.ErrorReasonInput, request.data))
        return answer(status=204)

    @extend_schema(
        summary="The versions of a medical record",
        description="The newest first, with who wrote each, and why it replaced the one before.",
        responses=shapes.RecordDetail(many=True),
    )
    def versions(self, request: Request, pk: UUID) -> Response:
        rows = selectors.record_versions(pk, reader=self.caller)
        self.log(rows, ReadEntry.Act.OPENED)
        return answer([shapes.record_detail(row, self.caller) for row in rows])

    @extend_schema(
        summary="A link to a file of a medical record",
        description="It works for five minutes, for whoever holds it; each one given is logged. 409 "
        "`media.not_yet_scanned` while a file waits for the scanner, 422 `media.infected`, 404 `record.no_file`.",
        parameters=[shapes.DownloadQuery],
        responses=shapes.RecordDownload,
    )
    def download(self, request: Request, pk: UUID) -> Response:
        query = base.read(shapes.DownloadQuery, request.query_params)
        records = MedicalRecord.objects.visible_to(self.caller).with_ground(self.caller)
        record = get_object_or_404(records, pk=pk)
        file = selectors.record_file(record, query.get("file"))
        raise_if(media_rules.why_not_use(file))
        self.log([record], ReadEntry.Act.DOWNLOADED)
        return answer(shapes.record_download(file))


class RecordVersionsViewSet(MedicalRecordViewSet):
    """Few, and all at once; and links, which are no list."""

    pagination_class = None
    filter_backends = ()
    filterset_class = None
    sort_fields: ClassVar = {}
    extra_failures = (409, 422)


@extend_schema(tags=["patients"])
class PatientRecordsViewSet(OfRecords):
    """One patient's records, of which the caller has sight."""

    permission_classes = [Readers]

    @extend_schema(
        summary="A patient's medical records",
        operation_id="patients_medical_records_list",
        responses=shapes.RecordSummary(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """As `/medical-records?patient_id=`; 404 for a patient whom the caller does not find."""
        page = self.page_of(MedicalRecord.objects.visible_to(self.caller).filter(patient=pk))
        if not page and not Patient.objects.visible_to(self.caller).filter(pk=pk).exists():
            raise NotFound()
        return self.get_paginated_response(self.shown(page))
