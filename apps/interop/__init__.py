"""What spans the apps: a patient's export, FHIR bundle and timeline, closing an account and erasing what may be."""
