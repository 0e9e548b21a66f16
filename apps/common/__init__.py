"""What every app stands on: ids, refusals, audit, the API's envelope, throttles, admin bases. It names no patient."""
