"""API routes of hospitals, below /api/v1/."""

from django.urls import path

from .views import DoctorViewSet, HospitalDoctorViewSet, HospitalViewSet, SpecialtyViewSet

_LIST = {"get": "list", "post": "create"}
_ONE = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("specialties", SpecialtyViewSet.as_view({"get": "list"}), name="specialties"),
    path("hospitals", HospitalViewSet.as_view(_LIST), name="hospitals"),
    path("hospitals/<uuid:pk>", HospitalViewSet.as_view(_ONE), name="hospital"),
    path("hospitals/<uuid:pk>/verify", HospitalViewSet.as_view({"patch": "verify"}), name="hospital-verify"),
    path("hospitals/<uuid:pk>/doctors", HospitalDoctorViewSet.as_view(_LIST), name="hospital-doctors"),
    path(
        "hospitals/<uuid:pk>/doctors/<uuid:doctor_id>",
        HospitalDoctorViewSet.as_view({"delete": "destroy"}),
        name="hospital-doctor",
    ),
    path("doctors", DoctorViewSet.as_view(_LIST), name="doctors"),
    path("doctors/me", DoctorViewSet.as_view({"get": "own"}), name="own-doctor"),
    path("doctors/<uuid:pk>", DoctorViewSet.as_view(_ONE), name="doctor"),
    path("doctors/<uuid:pk>/verify", DoctorViewSet.as_view({"patch": "verify"}), name="doctor-verify"),
]
