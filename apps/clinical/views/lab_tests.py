"""Laboratory tests and their results over the API."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.clinical import filters, selectors, services
from apps.clinical.models import LabTest, ReadEntry
from apps.clinical.serializers import lab_tests as shapes
from apps.common.api import answer
from apps.common.idempotency import again, idempotent, keyed
from apps.media import links

from . import base

Readers = role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Requesters = role_permission(Role.DOCTOR, Role.ADMIN)
Handlers = role_permission(Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.ADMIN)
Reporters = role_permission(Role.HOSPITAL_ADMIN, Role.ADMIN)
Doctors = role_permission(Role.DOCTOR)

_STALE = "409 `lab_test.stale_result` when the result was corrected since. "
_RESULT = OpenApiExample(
    "Two values",
    value={
        "values": [
            {
                "name": "Potassium", "code": "2823-3", "number": "6.9", "unit": "mmol/L", "low": "3.5", "high": "5.1",
                "critical_low": "2.5", "critical_high": "6.5",
            },
            {"name": "Haemolysis", "text": "slight", "is_abnormal": True},
        ],
        "comment": "Repeated from a second tube.",
    },
    request_only=True,
)  # fmt: skip


@extend_schema(tags=["lab tests"])
class LabTestViewSet(base.Signed):
    """Tests that the caller asked for, makes, owns, or has sight of by consent; each reading is logged before the
    answer."""

    queryset = LabTest.objects.none()
    serializer_class = shapes.LabTestSummary
    filterset_class = filters.LabTestFilter
    sort_fields = {"created_at": "created_at", "scheduled_at": "scheduled_at"}
    default_sort = ("-created_at",)
    permissions = {
        "create": Requesters,
        "partial_update": Handlers,
        "destroy": Requesters,
        "report": Reporters,
        "acknowledge": Doctors,
        "review": Doctors,
        "release": Requesters,
    }

    def get_permissions(self) -> list[Any]:
        return [self.permissions.get(self.action, Readers)()]

    def show(self, test_id: UUID, *, message: Any = "", status: int = 200) -> Response:
        page = selectors.lab_test_page(test_id, reader=self.caller)
        self._log([page.row], ReadEntry.Act.OPENED)
        return answer(shapes.lab_test_detail(page, self.caller), message=message, status=status)

    def _log(self, rows: list[Any], act: str) -> None:
        services.log_readings(rows, reader=self.caller, act=act, place="api", model=LabTest)

    @extend_schema(summary="My laboratory tests", responses=shapes.LabTestSummary(many=True))
    def list(self, request: Request) -> Response:
        """A patient's own, a doctor's requests, a laboratory's tests, and those that consent opens. Days are those
        of UTC."""
        rows = selectors.lab_test_rows(LabTest.objects.visible_to(self.caller), self.caller)
        page = self.paginate_queryset(self.filter_queryset(rows)) or []
        self._log(page, ReadEntry.Act.LISTED)
        return self.get_paginated_response([shapes.lab_test(row, self.caller) for row in page])

    @extend_schema(summary="One laboratory test", responses=shapes.LabTestDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With every version of its result; for a patient once it is released, and until then how far it has come."""
        return self.show(pk)

    @extend_schema(
        summary="Ask for a laboratory test",
        description="By a doctor in whose care the patient is: no further consent is needed. 403 "
        "`lab_test.not_in_care`, 409 `laboratory.not_active`. The laboratory is told.",
        request=shapes.RequestLabTestInput,
        responses={201: shapes.LabTestDetail},
    )
    @keyed
    def create(self, request: Request) -> Response:
        kept = self._requested(request)
        return again(kept, self.show(kept.data["id"], message=_("The test has been asked for."), status=201))

    @idempotent
    def _requested(self, request: Request) -> Response:
        given = base.read(shapes.RequestLabTestInput, request.data)
        return answer({"id": services.request_lab_test(by=self.caller, **given).pk}, status=201)

    @extend_schema(
        summary="Plan a test, move it forward, or say it otherwise",
        description="By the doctor who asked for it, the staff of the laboratory, or a platform admin. Instructions "
        "and priority are the doctor's, until the sample is taken.",
        request=shapes.ChangeLabTestInput,
        responses=shapes.LabTestDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        services.change_lab_test(pk, by=self.caller, **base.read(shapes.ChangeLabTestInput, request.data))
        return self.show(pk, message=_("Saved."))

    @extend_schema(
        summary="Cancel a laboratory test",
        description='By the doctor who asked for it, or a platform admin, while there is no result. A body gives `{"'
        'reason": "..."}`. It stays readable as cancelled.',
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.cancel_lab_test(pk, by=self.caller, **base.read(shapes.CancelLabTestInput, request.data))
        return answer(status=204)

    @extend_schema(
        summary="Report or correct the result",
        description="By the staff of the laboratory, once the sample is taken. The doctor is told; a critical value "
        "needs their acknowledgement. A correction names `corrects_version` and a reason, and the version before "
        "stays. 409 `lab_test.result_exists`. " + _STALE,
        request=shapes.ReportResultInput,
        responses={201: shapes.LabTestDetail},
        examples=[_RESULT],
    )
    @keyed
    def report(self, request: Request, pk: UUID) -> Response:
        kept = self._reported(request, pk)
        return again(kept, self.show(kept.data["id"], message=_("The result is stored."), status=201))

    @idempotent
    def _reported(self, request: Request, pk: UUID) -> Response:
        given = base.read(shapes.ReportResultInput, request.data)
        return answer({"id": services.report_result(pk, by=self.caller, **given).lab_test_id}, status=201)

    @extend_schema(
        summary="Acknowledge a critical result",
        description="By the doctor who asked for it, or another whom consent and care open it to. Until then it is "
        "told of again, after an hour and after four. " + _STALE,
        request=shapes.AcknowledgeResultInput,
        responses=shapes.LabTestDetail,
    )
    def acknowledge(self, request: Request, pk: UUID) -> Response:
        services.acknowledge_result(pk, by=self.caller, **base.read(shapes.AcknowledgeResultInput, request.data))
        return self.show(pk, message=_("Saved."))

    @extend_schema(
        summary="Review the result",
        description="The patient gets it with the review, unless `release` is false. " + _STALE,
        request=shapes.ReviewResultInput,
        responses=shapes.LabTestDetail,
    )
    def review(self, request: Request, pk: UUID) -> Response:
        services.review_result(pk, by=self.caller, **base.read(shapes.ReviewResultInput, request.data))
        return self.show(pk, message=_("Saved."))

    @extend_schema(summary="Release the reviewed result to the patient", request=None, responses=shapes.LabTestDetail)
    def release(self, request: Request, pk: UUID) -> Response:
        """Of one that was reviewed without a release. The patient is told."""
        services.release_result(pk, by=self.caller)
        return self.show(pk, message=_("The patient has the result now."))

    @extend_schema(summary="A short-lived link to the report", responses=shapes.LabFileLink)
    def download(self, request: Request, pk: UUID, version: int) -> Response:
        """Of one version of the result. The link asks nobody who they are, and each one given is logged."""
        test, file = selectors.result_file(pk, version, reader=self.caller)
        services.log_readings([test], reader=self.caller, act=ReadEntry.Act.DOWNLOADED, place="api")
        return answer({"url": links.file_url(file), "content_type": file.content_type, "size": file.size})
