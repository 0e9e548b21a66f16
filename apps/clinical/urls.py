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

#: Pages for everyone, outside the API.
public = [
    path("verify/prescription/<str:token>", views.verify_prescription, name="verify-prescription"),
]
