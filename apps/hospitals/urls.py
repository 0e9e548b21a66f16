"""API routes of hospitals, below /api/v1/."""

from django.urls import path

from .views import (
    AccreditationBodyViewSet,
    CountryPackageViewSet,
    DoctorDocumentViewSet,
    DoctorLicenceViewSet,
    DoctorViewSet,
    HospitalAccreditationViewSet,
    HospitalDoctorViewSet,
    HospitalDocumentViewSet,
    HospitalImageViewSet,
    HospitalTreatmentViewSet,
    HospitalViewSet,
    OwnAffiliationViewSet,
    PackageViewSet,
    ProcedureViewSet,
    SpecialtyViewSet,
    TreatmentCategoryViewSet,
    TreatmentHospitalViewSet,
    TreatmentViewSet,
)

_LIST = {"get": "list", "post": "create"}
_ONE = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("specialties", SpecialtyViewSet.as_view({"get": "list"}), name="specialties"),
    path("procedures", ProcedureViewSet.as_view({"get": "list"}), name="procedures"),
    path("treatment-categories", TreatmentCategoryViewSet.as_view({"get": "list"}), name="treatment-categories"),
    path("accreditation-bodies", AccreditationBodyViewSet.as_view({"get": "list"}), name="accreditation-bodies"),
    path("hospitals", HospitalViewSet.as_view(_LIST), name="hospitals"),
    path("hospitals/<uuid:pk>", HospitalViewSet.as_view(_ONE), name="hospital"),
    path("hospitals/<uuid:pk>/verify", HospitalViewSet.as_view({"patch": "verify"}), name="hospital-verify"),
    path("hospitals/<uuid:pk>/submit", HospitalViewSet.as_view({"post": "submit"}), name="hospital-submit"),
    path(
        "hospitals/<uuid:pk>/accreditations",
        HospitalAccreditationViewSet.as_view({"post": "create"}),
        name="hospital-accreditations",
    ),
    path(
        "hospitals/<uuid:pk>/accreditations/<uuid:accreditation_id>",
        HospitalAccreditationViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="hospital-accreditation",
    ),
    path(
        "hospitals/<uuid:pk>/accreditations/<uuid:accreditation_id>/verify",
        HospitalAccreditationViewSet.as_view({"patch": "verify"}),
        name="hospital-accreditation-verify",
    ),
    path("hospitals/<uuid:pk>/images", HospitalImageViewSet.as_view({"post": "create"}), name="hospital-images"),
    path(
        "hospitals/<uuid:pk>/images/order",
        HospitalImageViewSet.as_view({"put": "order"}),
        name="hospital-image-order",
    ),
    path(
        "hospitals/<uuid:pk>/images/<uuid:image_id>",
        HospitalImageViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="hospital-image",
    ),
    path("hospitals/<uuid:pk>/documents", HospitalDocumentViewSet.as_view(_LIST), name="hospital-documents"),
    path(
        "hospitals/<uuid:pk>/documents/<uuid:document_id>",
        HospitalDocumentViewSet.as_view({"delete": "destroy"}),
        name="hospital-document",
    ),
    path("hospitals/<uuid:pk>/doctors", HospitalDoctorViewSet.as_view(_LIST), name="hospital-doctors"),
    path(
        "hospitals/<uuid:pk>/doctors/<uuid:doctor_id>",
        HospitalDoctorViewSet.as_view({"delete": "destroy"}),
        name="hospital-doctor",
    ),
    path("hospitals/<uuid:pk>/treatments", HospitalTreatmentViewSet.as_view(_LIST), name="hospital-treatments"),
    path(
        "hospitals/<uuid:pk>/treatments/<uuid:treatment_id>",
        HospitalTreatmentViewSet.as_view(_ONE),
        name="hospital-treatment",
    ),
    path("doctors", DoctorViewSet.as_view(_LIST), name="doctors"),
    path("doctors/me", DoctorViewSet.as_view({"get": "own"}), name="own-doctor"),
    path("doctors/me/submit", DoctorViewSet.as_view({"post": "submit"}), name="own-doctor-submit"),
    path("doctors/me/affiliations", OwnAffiliationViewSet.as_view({"post": "create"}), name="own-affiliations"),
    path(
        "doctors/me/affiliations/<uuid:affiliation_id>/confirm",
        OwnAffiliationViewSet.as_view({"post": "confirm"}),
        name="own-affiliation-confirm",
    ),
    path(
        "doctors/me/affiliations/<uuid:affiliation_id>/decline",
        OwnAffiliationViewSet.as_view({"post": "decline"}),
        name="own-affiliation-decline",
    ),
    path("doctors/<uuid:pk>/licences", DoctorLicenceViewSet.as_view({"post": "create"}), name="doctor-licences"),
    path(
        "doctors/<uuid:pk>/licences/<uuid:licence_id>",
        DoctorLicenceViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="doctor-licence",
    ),
    path(
        "doctors/<uuid:pk>/licences/<uuid:licence_id>/verify",
        DoctorLicenceViewSet.as_view({"patch": "verify"}),
        name="doctor-licence-verify",
    ),
    path("doctors/<uuid:pk>/documents", DoctorDocumentViewSet.as_view({"post": "create"}), name="doctor-documents"),
    path(
        "doctors/<uuid:pk>/documents/<uuid:document_id>",
        DoctorDocumentViewSet.as_view({"delete": "destroy"}),
        name="doctor-document",
    ),
    path("doctors/<uuid:pk>", DoctorViewSet.as_view(_ONE), name="doctor"),
    path("doctors/<uuid:pk>/verify", DoctorViewSet.as_view({"patch": "verify"}), name="doctor-verify"),
    path("treatments", TreatmentViewSet.as_view(_LIST), name="treatments"),
    path("treatments/<uuid:pk>", TreatmentViewSet.as_view(_ONE), name="treatment"),
    path(
        "treatments/<uuid:pk>/hospitals",
        TreatmentHospitalViewSet.as_view({"get": "list"}),
        name="treatment-hospitals",
    ),
    path("packages", PackageViewSet.as_view(_LIST), name="packages"),
    path("packages/<uuid:pk>", PackageViewSet.as_view(_ONE), name="package"),
    path(
        "packages/by-country/<str:country>",
        CountryPackageViewSet.as_view({"get": "list"}),
        name="country-packages",
    ),
]
