"""Django's PostgreSQL backend, with a health check that seldom costs a round trip (`settings.DATABASES` names it)."""
