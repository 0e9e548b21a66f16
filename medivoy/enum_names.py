"""What the sets of choices are called in the OpenAPI document, where fields of several sets have one name."""

ENUM_NAMES = {
    "Role": "apps.accounts.roles.Role",
    "RegistrationRole": "apps.accounts.serializers.REGISTRATION_ROLES",
    "AppointmentStatus": "apps.bookings.workflow.AppointmentStatus",
    "AppointmentKind": "apps.bookings.models.Appointment.Kind",
    "DirectoryVerification": "apps.hospitals.workflow.Verification",
    "DoctorDocumentKind": "apps.hospitals.models.DoctorDocument.Kind",
    "HospitalDocumentKind": "apps.hospitals.models.HospitalDocument.Kind",
    "HospitalType": "apps.hospitals.models.Hospital.Type",
    "AllergyKind": "apps.clinical.models.Allergy.Kind",
    "GuardianRelation": "apps.clinical.models.Guardian.Relation",
    "IdentityDocumentKind": "apps.clinical.models.IdentityDocument.Kind",
    "InsuranceVerification": "apps.clinical.models.InsurancePolicy.Verification",
    "LabTestStatus": "apps.clinical.workflow.LabTestStatus",
    "PrescriptionStatus": "apps.clinical.workflow.PrescriptionStatus",
    "RecordStatus": "apps.clinical.models.MedicalRecord.Status",
    "RecordType": "apps.clinical.models.RecordType",
}
