"""API routes of interop, below /api/v1/."""

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("patients/<uuid:pk>/timeline", views.TimelineView.as_view(), name="patient-timeline"),
]
