"""The shapes of clinical's requests and answers, a module a noun."""
