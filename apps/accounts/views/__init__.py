"""The API of accounts: signing in and out, proving addresses, passwords, the profile, and admins' care of accounts."""
