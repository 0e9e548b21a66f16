"""The patient's record in the admin."""

from . import (  # noqa: F401
    consent_texts,
    consents,
    emergencies,
    insurance,
    insurers,
    lab_tests,
    laboratories,
    patient_tables,
    patients,
    prescriptions,
    read_log,
    records,
)
