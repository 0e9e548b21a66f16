"""One worker at a time: jobs that read large files must not take every worker from those that deliver messages."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def the_only(job: str) -> Iterator[bool]:
    """Whether nobody else is at this job; if so, nobody else is until the block ends, or our connection does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [job])
        is_mine = cursor.fetchone()[0]
    try:
        yield is_mine
    finally:
        if is_mine and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [job])
