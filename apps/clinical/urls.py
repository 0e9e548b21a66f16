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
    path("patients/me", _patients({"get": "me"})),
    path("patients/<uuid:pk>", _patients({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("patients/<uuid:pk>/onboarding", _patients({"post": "onboard"})),
    path(
        "patients/<uuid:pk>/insurance-verification",
        views.InsuranceVerificationViewSet.as_view({"get": "list", "post": "create"}),
    ),
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

_insurers = views.InsurerViewSet.as_view

urlpatterns += [
    path("insurance", _insurers({"get": "list", "post": "create"})),
    path("insurance/<uuid:pk>", _insurers({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
]

_laboratories = views.LaboratoryViewSet.as_view
_lab_tests = views.LabTestViewSet.as_view

urlpatterns += [
    path("laboratories", _laboratories({"get": "list", "post": "create"})),
    path(
        "laboratories/<uuid:pk>",
        _laboratories({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("lab-tests", _lab_tests({"get": "list", "post": "create"})),
    path("lab-tests/<uuid:pk>", _lab_tests({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path("lab-tests/<uuid:pk>/result", _lab_tests({"post": "report"})),
    path("lab-tests/<uuid:pk>/acknowledge", _lab_tests({"post": "acknowledge"})),
    path("lab-tests/<uuid:pk>/review", _lab_tests({"post": "review"})),
    path("lab-tests/<uuid:pk>/release", _lab_tests({"post": "release"})),
    path("lab-tests/<uuid:pk>/results/<int:version>/download", _lab_tests({"get": "download"})),
]

_consents = views.PatientConsentsViewSet.as_view

urlpatterns += [
    path("consent-texts/current", views.ConsentTextView.as_view({"get": "retrieve"})),
    path("patients/<uuid:pk>/consents", _consents({"get": "list", "post": "create"})),
    path("patients/<uuid:pk>/consents/<uuid:consent_id>", _consents({"get": "retrieve"})),
    path("patients/<uuid:pk>/consents/<uuid:consent_id>/revoke", _consents({"post": "revoke"})),
    path("patients/<uuid:pk>/read-log", views.ReadLogViewSet.as_view({"get": "list"})),
    path("emergency-access", views.EmergencyAccessViewSet.as_view({"get": "list", "post": "create"})),
]

#: Pages for everyone, outside the API.
public = [
    path("verify/prescription/<str:token>", views.verify_prescription, name="verify-prescription"),
]
