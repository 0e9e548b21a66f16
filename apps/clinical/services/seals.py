"""The chain of seals over the log of readings: made by a job, recomputed by `manage.py verify_read_log`.

A seal's digest is the SHA-256 of the seal before it, of its own figures, and of every column of its entries in the
order of their ids. Entries are taken because they are unsealed, not because their id is higher than the last one's: one
whose transaction committed late gets into a later seal.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import orjson
import structlog
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from apps.clinical.models import ReadEntry, ReadSeal

log = structlog.get_logger(__name__)

#: Entries under one seal: what has been touched is found to within so many.
BATCH = 1000
#: What the first seal follows on.
START = "0" * 64
_LOCK = "medivoy.clinical.seal_readings"
#: Every column but the seal's number.
COLUMNS = (
    "id", "at", "patient_id", "reader_id", "reader_role", "object_type", "object_id", "act", "ground", "ground_id",
    "place", "address", "user_agent", "request_id",
)  # fmt: skip


@dataclass(frozen=True)
class Verified:
    """What a look at the whole log found. `broken` says in words what is wrong first; empty when nothing is."""

    seals: int
    entries: int
    unsealed: int
    head: str
    broken: str = ""


def seal_readings(now: datetime | None = None) -> int:
    """Every entry that was committed is sealed; how many were new. One run at a time: another gives 0."""
    sealed = 0
    while True:
        with transaction.atomic():
            count = _seal_batch(now or timezone.now()) if _is_alone() else 0
        sealed += count
        if count < BATCH:
            return sealed


def _is_alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
        return bool(cursor.fetchone()[0])


def _seal_batch(now: datetime) -> int:
    rows = list(ReadEntry.objects.unsealed().order_by("id").values_list(*COLUMNS)[:BATCH])
    if not rows:
        return 0
    last = ReadSeal.objects.order_by("-number").first()
    number = last.number + 1 if last else 1
    figures = (number, rows[0][0], rows[-1][0], len(rows), now)
    digest = digest_of(last.digest if last else START, figures, rows)
    ReadSeal.objects.create(
        number=number,
        first_entry=rows[0][0],
        last_entry=rows[-1][0],
        entry_count=len(rows),
        digest=digest,
        sealed_at=now,
    )
    ReadEntry.objects.filter(pk__in=[row[0] for row in rows]).update(seal=number)
    log.info("read_log_sealed", head=f"{number}:{digest}", entries=len(rows))
    return len(rows)


def digest_of(before: str, figures: tuple[Any, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    """`figures` are number, first entry, last entry, count and time of the seal."""
    digest = hashlib.sha256(before.encode())
    digest.update(_written(figures))
    for row in rows:
        digest.update(_written(row))
    return digest.hexdigest()


def _written(values: tuple[Any, ...]) -> bytes:
    """One line of JSON, the same for the same values on every machine."""
    plain = [
        value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for value in values
    ]
    return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)


def verify_read_log(expect: str = "") -> Verified:
    """Recompute every seal. `expect` is `number:digest` of a head seen before (the job logs each): without it, seals
    cut off the end together with their entries would leave a chain that is shorter and sound. What is sealed while this
    looks is left to the next look."""
    seals = entries = 0
    last = ReadSeal.objects.aggregate(last=Max("number"))["last"] or 0
    before = START
    unsealed = ReadEntry.objects.unsealed().count()
    expected_number, _colon, expected_digest = expect.partition(":")

    def result(broken: str = "") -> Verified:
        return Verified(seals, entries, unsealed, f"{seals}:{before}" if seals else "", broken)

    groups = _sealed_entries(last)
    number, rows = next(groups, (None, []))
    for seal in ReadSeal.objects.filter(number__lte=last).order_by("number").iterator():
        if seal.number != seals + 1:
            return result(f"seal {seals + 1} is missing")
        if number is not None and number < seal.number:
            return result(f"entries name seal {number}, which is not there")
        mine = rows if number == seal.number else []
        broken = _why_broken(seal, before, mine)
        if broken:
            return result(broken)
        if str(seal.number) == expected_number and seal.digest != expected_digest:
            return result(f"seal {seal.number} is another than expected: the chain was written anew")
        before, seals, entries = seal.digest, seals + 1, entries + len(mine)
        if number == seal.number:
            number, rows = next(groups, (None, []))
    if number is not None:
        return result(f"entries name seal {number}, which is not there")
    if expected_number and not (expected_number.isdigit() and int(expected_number) <= seals):
        return result(f"seal {expected_number} is expected and missing: the end was cut off")
    return result()


def _sealed_entries(last: int) -> Iterator[tuple[int | None, list[tuple[Any, ...]]]]:
    rows = ReadEntry.objects.filter(seal__lte=last).order_by("seal_id", "id").values_list("seal_id", *COLUMNS)
    for number, group in groupby(rows.iterator(chunk_size=5000), key=lambda row: row[0]):
        yield number, [row[1:] for row in group]
    # A seal beyond the last one that entries name though it is not there: asked in one query, as more are being made.
    seal = ReadSeal.objects.filter(number=OuterRef("seal_id"))
    strays = ReadEntry.objects.filter(~Exists(seal), seal__gt=last).order_by("seal_id")
    for number in strays.values_list("seal_id", flat=True)[:1]:
        yield number, []


def _why_broken(seal: ReadSeal, before: str, rows: list[tuple[Any, ...]]) -> str:
    where = f"seal {seal.number} (entries {seal.first_entry} to {seal.last_entry}, {seal.sealed_at:%Y-%m-%d %H:%M} UTC)"
    if len(rows) != seal.entry_count:
        return f"{where}: {seal.entry_count} entries were sealed, {len(rows)} are there"
    figures = (seal.number, seal.first_entry, seal.last_entry, seal.entry_count, seal.sealed_at)
    if digest_of(before, figures, rows) != seal.digest:
        return f"{where}: an entry or the seal was changed"
    return ""
