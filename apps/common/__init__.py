"""What every app stands on: ids, refusals, audit, the API envelope, throttles, admin bases. Names no hospital, patient or booking."""
