"""A kept connection is looked at before each request: a restart of PostgreSQL between two requests is not seen."""

import select
import time

from django.db.backends.postgresql import base

#: A connection that has answered within so many seconds is asked again only when something lies unread on it.
TRUSTED_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, which asks `SELECT 1` before every request. This one looks at the socket first.

    A server that stops, or ends the session, closes the connection or leaves its reason unread there, so either makes
    the socket readable at once. Only a network that swallows packets does not: for that a connection is asked each
    second.
    """

    _answered_at = float("-inf")

    def is_usable(self) -> bool:
        now = time.monotonic()
        if now - self._answered_at < TRUSTED_SECONDS and not self.errors_occurred and self._is_quiet():
            return True
        usable = super().is_usable()
        self._answered_at = now if usable else float("-inf")
        return usable

    def _is_quiet(self) -> bool:
        """Whether the connection is open and nothing has come in that nobody asked for."""
        if self.connection is None or self.connection.closed:
            return False
        watch = select.poll()
        watch.register(self.connection.fileno(), select.POLLIN)
        return not watch.poll(0)
