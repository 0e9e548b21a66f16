"""Ranges for exclusion constraints: what makes two rows about the same thing meet, without an extension."""

from django.contrib.postgres.fields import BigIntegerRangeField
from django.db import models


def itself(column: str) -> models.Func:
    """A range that overlaps only with itself, over the 64-bit hash of a UUID: equality that plain GiST can index.

    PostgreSQL's own hash; two different ids meet with a chance of 2^-64, and then only refuse what would have been
    right, never let two rows overlap. See docs/decisions.
    """
    hashed = models.Func(
        models.F(column), models.Value(0), function="uuid_hash_extended", output_field=models.BigIntegerField()
    )
    return models.Func(hashed, hashed, models.Value("[]"), function="int8range", output_field=BigIntegerRangeField())
