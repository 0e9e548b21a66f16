"""People who sign in: users, roles, sessions, one-time codes, second factors."""
