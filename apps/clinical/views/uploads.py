"""The patient's papers on their way in."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.common.idempotency import keyed
from apps.media import views as media_views
from apps.media.models import StoredFile
from apps.media.serializers import FileSerializer, UploadInput


class UploadMedicalRecordView(media_views.UploadView):
    """Patients' and doctors', and of those who put papers into a record for others: coordinators, laboratories,
    platform admins. Media knows no roles."""

    permission_classes = [role_permission(Role.PATIENT, Role.DOCTOR, Role.COORDINATOR, Role.HOSPITAL_ADMIN, Role.ADMIN)]
    purpose = StoredFile.Purpose.MEDICAL_RECORD

    @extend_schema(
        summary="Upload a medical record",
        description="PDF, JPEG, PNG, DICOM or a ZIP of DICOM files, up to 100 MB; private, and kept byte for byte. "
        + media_views.REFUSALS,
        request={"multipart/form-data": UploadInput},
        responses={201: FileSerializer},
        tags=["upload"],
    )
    @keyed
    def post(self, request: Request) -> Response:
        return self.upload(request)


class MedicalUploadSessionViewSet(media_views.UploadSessionViewSet):
    """Large medical records come from patients and doctors, and from those who send them in for patients."""

    permission_classes = [role_permission(Role.PATIENT, Role.DOCTOR, Role.COORDINATOR, Role.HOSPITAL_ADMIN)]
