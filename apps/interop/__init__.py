"""What spans the apps: one patient's export, the FHIR bundle, the timeline, closing an account and erasing what may be."""
