"""What clinical keeps: patients, their records, consents, prescriptions and laboratory tests, and who read what."""

from .consent import CareRelationship, ConsentGrant, ConsentText, EmergencyAccess, Scope
from .laboratories import Laboratory, LabResult, LabTest, LabTestEvent, LabValue
from .patients import (
    Allergy,
    Condition,
    CurrentMedication,
    Guardian,
    IdentityDocument,
    InsurancePolicy,
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
