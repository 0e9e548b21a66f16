"""What clinical keeps: patients, their records, consents, prescriptions and laboratory tests, and who read what."""

from .consent import CareRelationship, ConsentGrant, ConsentText, EmergencyAccess, Scope
from .insurance import InsurancePolicy, InsuranceProvider, InsuranceVerification
from .laboratories import Laboratory, LabResult, LabTest, LabTestEvent, LabValue
from .patients import (
    Allergy,
    Condition,
    CurrentMedication,
    Guardian,
    IdentityDocument,
    Patient,
)
from .prescriptions import PrescribedMedication, Prescription, PrescriptionEvent
from .reading import ReadEntry, ReadSeal
from .records import MedicalRecord, RecordFile, RecordType

__all__ = [
    "Allergy",
    "CareRelationship",
    "Condition",
    "ConsentGrant",
    "ConsentText",
    "CurrentMedication",
    "EmergencyAccess",
    "Guardian",
    "IdentityDocument",
    "InsurancePolicy",
    "InsuranceProvider",
    "InsuranceVerification",
    "LabResult",
    "LabTest",
    "LabTestEvent",
    "LabValue",
    "Laboratory",
    "MedicalRecord",
    "Patient",
    "PrescribedMedication",
    "Prescription",
    "PrescriptionEvent",
    "ReadEntry",
    "ReadSeal",
    "RecordFile",
    "RecordType",
    "Scope",
]
