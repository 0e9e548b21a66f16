"""API routes of clinical, below /api/v1/."""

from django.urls import path

from . import views

_sessions = views.MedicalUploadSessionViewSet.as_view

urlpatterns = [
    path("upload/medical-record", views.UploadMedicalRecordView.as_view()),
    path("upload/sessions", _sessions({"get": "list", "post": "create"})),
    path("upload/sessions/<uuid:pk>", _sessions({"get": "retrieve", "delete": "destroy"})),
    path("upload/sessions/<uuid:pk>/complete", _sessions({"post": "complete"})),
]

_prescriptions = views.PrescriptionViewSet.as_view

urlpatterns += [
    path("prescriptions", _prescriptions({"get": "list", "post": "create"})),
    path(
        "prescriptions/<uuid:pk>",
        _prescriptions({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("prescriptions/<uuid:pk>/sign", _prescriptions({"post": "sign"})),
    path("prescriptions/<uuid:pk>/void", _prescriptions({"post": "void"})),
    path("prescriptions/<uuid:pk>/replace", _prescriptions({"post": "replace"})),
    path("prescriptions/<uuid:pk>/dispense", _prescriptions({"post": "dispense"})),
    path("prescriptions/<uuid:pk>/pdf", views.PrescriptionPdfView.as_view({"get": "retrieve"})),
    path("patients/<uuid:pk>/prescriptions", views.PatientPrescriptionsViewSet.as_view({"get": "list"})),
]

_patients = views.PatientViewSet.as_view
_records = views.MedicalRecordViewSet.as_view
_versions = views.RecordVersionsViewSet.as_view

urlpatterns += [
    path("patients", _patients({"get": "list", "post": "create"})),
    path("patients/<uuid:pk>", _patients({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("patients/<uuid:pk>/onboarding", _patients({"post": "onboard"})),
    path("patients/<uuid:pk>/insurance-verification", _patients({"post": "verify_insurance"})),
    path("patients/<uuid:pk>/medical-records", views.PatientRecordsViewSet.as_view({"get": "list"})),
    path("medical-records", _records({"get": "list", "post": "create"})),
    path("medical-records/<uuid:pk>", _records({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("medical-records/<uuid:pk>/versions", _versions({"get": "versions"})),
    path("medical-records/<uuid:pk>/download", _versions({"get": "download"})),
]

for _name, _entries in {
    "allergies": views.PatientAllergyViewSet,
    "conditions": views.PatientConditionViewSet,
    "medications": views.PatientMedicationViewSet,
    "guardians": views.PatientGuardianViewSet,
    "identity-documents": views.PatientIdentityDocumentViewSet,
    "insurance-policies": views.PatientInsurancePolicyViewSet,
}.items():
    urlpatterns += [
        path(f"patients/<uuid:pk>/{_name}", _entries.as_view({"post": "create"})),
        path(
            f"patients/<uuid:pk>/{_name}/<uuid:entry_id>",
            _entries.as_view({"patch": "partial_update", "delete": "destroy"}),
        ),
    ]

#: Pages for everyone, outside the API.
public = [
    path("verify/prescription/<str:token>", views.verify_prescription, name="verify-prescription"),
]
