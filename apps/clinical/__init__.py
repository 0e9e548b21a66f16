"""Patients, and later their records and consents."""
