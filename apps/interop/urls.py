"""API routes of interop, below /api/v1/."""

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("patients/<uuid:pk>/timeline", views.TimelineView.as_view(), name="patient-timeline"),
    path("patients/<uuid:pk>/fhir", views.FhirView.as_view(), name="patient-fhir"),
    path("patients/<uuid:pk>/data-exports", views.PatientExportsView.as_view(), name="patient-data-exports"),
    path("users/me/data-exports", views.OwnExportsView.as_view(), name="own-data-exports"),
    path("users/me/closure", views.ClosureView.as_view(), name="own-closure"),
    path("data-exports/<uuid:pk>", views.ExportView.as_view(), name="data-export"),
]
