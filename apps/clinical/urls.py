"""API routes of clinical, below /api/v1/."""

from django.urls import path

from . import views

urlpatterns = [path("upload/medical-record", views.UploadMedicalRecordView.as_view())]
