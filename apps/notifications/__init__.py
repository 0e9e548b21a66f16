"""Messages to people: an outbox written with the business change, delivered by workers over channels."""
