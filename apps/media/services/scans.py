"""Scanning papers and medical records for viruses. Claimed as uploads are (`checking`), one at a time.

A file waits until the scanner has spoken: while it is away nothing is lost, and nothing that was not scanned is given
to anybody. What is found infected is withheld in the transaction that says so, and then moved to a key that no link
leads to.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from apps.media import exceptions, rules, scanning, signals, storage
from apps.media.models import DiscardedFile, Scan, StoredFile

from . import alone

log = structlog.get_logger(__name__)

QUARANTINE = "quarantine"
TOO_LARGE = "too_large"


def scan_files() -> int:
    """Every file that is due is scanned; how many were. Ends when the scanner is away."""
    scanned = 0
    with alone.the_only("media.scan_files") as is_mine:
        while is_mine and (file := claim(timezone.now())):
            if not _scan(file):
                break
            scanned += 1
    return scanned


@transaction.atomic
def claim(now: datetime) -> StoredFile | None:
    """The file that has waited longest, now this worker's own for CLAIMED_FOR, past those that others hold."""
    file = StoredFile.objects.to_scan(now).select_for_update(skip_locked=True, of=("self",)).first()
    if file is not None:
        file.scan_due_at = now + rules.CLAIMED_FOR
        StoredFile.objects.filter(pk=file.pk).update(scan_due_at=file.scan_due_at)
    return file


def scan_again() -> int:
    """Every paper and record is scanned once more, while it stays in use; how many there are. For new signatures, and
    for files that came before there was a scanner."""
    return StoredFile.objects.scannable().update(scan_due_at=timezone.now())


def _scan(file: StoredFile) -> bool:
    """False when the scanner is away, and asking it for the next file is of no use."""
    try:
        if file.scan != Scan.INFECTED:  # else its worker died before it was moved
            verdict = scanning.chosen().scan(storage.chunks(file.visibility, file.key))
            if not verdict.threat:
                _clear(file, verdict)
                return True
            _condemn(file, verdict)
        _quarantine(file)
    except scanning.TooLargeToScan:
        _try_later(file, rules.TOO_LARGE_AGAIN_AFTER, problem=TOO_LARGE)
    except (scanning.ScannerUnavailable, exceptions.StorageUnavailable) as error:
        _try_later(file, rules.TRY_AGAIN_AFTER, problem=type(error).__name__[:20])
        return False
    except FileNotFoundError:  # removed meanwhile, or lost
        _try_later(file, rules.TOO_LARGE_AGAIN_AFTER, problem="not_there")
    return True


def _own(file: StoredFile) -> Callable[..., int]:
    """Writes to the row if this worker still holds it, and says whether it did."""
    mine = StoredFile.objects.filter(pk=file.pk, scan_due_at=file.scan_due_at)
    return lambda **values: mine.update(updated_at=timezone.now(), **values)


def _clear(file: StoredFile, verdict: scanning.Verdict) -> None:
    if verdict.was_scanned:
        _own(file)(scan=Scan.CLEAN, scanned_at=timezone.now(), scan_due_at=None, scan_problem="")
    else:  # the scanner was taken away: what waited for it need not wait any longer
        state = Scan.NOT_SET_UP if file.scan == Scan.WAITING else file.scan
        _own(file)(scan=state, scan_due_at=None, scan_problem="")


@transaction.atomic
def _condemn(file: StoredFile, verdict: scanning.Verdict) -> None:
    """From now on nobody fetches or uses it; its uploader and the platform admins are told."""
    now = timezone.now()
    if _own(file)(scan=Scan.INFECTED, scanned_at=now, threat=verdict.threat, scan_problem=""):
        signals.file_infected.send(sender=StoredFile, file=file)
        log.warning("file_infected", file_id=str(file.pk), threat=verdict.threat)


def _quarantine(file: StoredFile) -> None:
    """The object lies elsewhere, so that links given out a minute ago lead to nothing; its thumbnails are gone."""
    kept_as = f"{QUARANTINE}/{PurePosixPath(file.key).stem}"
    if file.key != kept_as:
        storage.copy(file.visibility, file.key, kept_as)
    with transaction.atomic():
        left: list[Any] = [key for key in file.keys if key != kept_as]
        if _own(file)(key=kept_as, variants={}, scan_due_at=None):
            DiscardedFile.objects.create(visibility=file.visibility, keys=left)
        else:  # the row still names them: whoever holds it now sees to them
            left = []
    storage.delete(file.visibility, left)


def _try_later(file: StoredFile, wait: Any, *, problem: str) -> None:
    _own(file)(scan_due_at=timezone.now() + wait, scan_problem=problem)
    log.warning("scan_delayed", file_id=str(file.pk), problem=problem, wait_seconds=wait.total_seconds())
