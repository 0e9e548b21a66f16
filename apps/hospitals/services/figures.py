"""What the directory says of doctors and hospitals and others keep: bookings count it, and write it by these alone."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection

from apps.hospitals.models import Doctor, Hospital


def set_next_free(times: Mapping[UUID, datetime | None]) -> None:
    """The list says when each of these doctors is free next (UTC), or no time. One statement; the caller holds the
    doctors' locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hospitals_doctor SET next_free_at = said.at"
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS said (id, at)"
            " WHERE hospitals_doctor.id = said.id AND next_free_at IS DISTINCT FROM said.at",
            [list(times), list(times.values())],
        )


def set_rating(model: type[Doctor] | type[Hospital], pk: UUID, rating: Decimal, rating_count: int) -> None:
    """The page says this average of so many published reviews. The caller holds the row's lock."""
    model.objects.filter(pk=pk).update(rating=rating, rating_count=rating_count)
