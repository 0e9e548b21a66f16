"""Checking what has arrived in parts: joined, read once, judged by its bytes, and then a file as any other.

A row is claimed until an instant in a transaction that skips rows locked by others, and worked on outside of any. A
worker that dies leaves a claim that runs out; one that was so slow that another took the row over finds its claim gone
and changes nothing. Each step can be done again: parts that were joined stay joined, and the file has the row's own id.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from apps.common.exceptions import DomainError, raise_if
from apps.media import contents, exceptions, rules, storage
from apps.media.models import DiscardedFile, StoredFile, UploadSession, Visibility
from apps.media.storage import parts

from . import alone, files, sessions

log = structlog.get_logger(__name__)

Status = UploadSession.Status


def check_uploads() -> int:
    """Every upload that is complete is checked; how many. One worker at a time, so that the others deliver messages."""
    checked = 0
    with alone.the_only("media.check_uploads") as is_mine:
        while is_mine and (session := claim(timezone.now())):
            _check(session)
            checked += 1
    return checked


@transaction.atomic
def claim(now: datetime) -> UploadSession | None:
    """The upload that has waited longest, now this worker's own for CLAIMED_FOR, past those that others hold."""
    session = UploadSession.objects.due(now).select_for_update(skip_locked=True, of=("self",)).first()
    if session is not None:
        session.due_at, session.attempts = now + rules.CLAIMED_FOR, session.attempts + 1
        session.save(update_fields=["due_at", "attempts", "updated_at"])
    return session


def _check(session: UploadSession) -> None:
    """Afterwards it is a file, is refused, or waits for its store."""
    try:
        raise_if(exceptions.UnreadableFile() if session.attempts > rules.MAX_ATTEMPTS else None)
        size = parts.joined(session.key, session.parts_id, sessions.numbers_of(session))
        with storage.on_disk(Visibility.PRIVATE, session.key) as file:
            prepared = contents.prepare(file, purpose=session.purpose)
        raise_if(rules.why_not_accept(session, size=size, sha256=prepared.sha256))
        if _keep(session, prepared):
            sessions.clear_parts(session)
    except exceptions.StorageUnavailable as error:
        _try_later(session, type(error).__name__, attempts=0)
    except parts.PartsMissing:
        _refuse(session, exceptions.UploadIncomplete())
    except DomainError as refusal:
        _refuse(session, refusal)
    except Exception as error:  # noqa: BLE001  whatever is wrong with one upload must not stop the others
        _try_later(session, type(error).__name__, attempts=session.attempts)


def _own(session: UploadSession) -> Callable[..., int]:
    """Writes to the row if this worker still holds it, and says whether it did."""
    mine = UploadSession.objects.filter(pk=session.pk, status=Status.CHECKING, due_at=session.due_at)
    return lambda **values: mine.update(updated_at=timezone.now(), **values)


@transaction.atomic
def _keep(session: UploadSession, prepared: contents.Prepared) -> bool:
    """The object, which lies there already, is a file from now on. False when another worker has seen to it."""
    if not _own(session)(status=Status.STORED, due_at=None):
        return False
    file = StoredFile.objects.create(
        pk=session.pk,
        owner_id=session.owner_id,
        purpose=session.purpose,
        visibility=Visibility.PRIVATE,
        status=StoredFile.Status.READY,
        key=session.key,
        original_name=session.original_name,
        content_type=prepared.content_type,
        extension=prepared.extension,
        size=prepared.size,
        sha256=prepared.sha256,
        width=prepared.width,
        height=prepared.height,
        **files.scan_state(session.purpose, timezone.now()),
    )
    log.info("upload_stored", session_id=str(session.pk), size=file.size, content_type=file.content_type)
    return True


def _refuse(session: UploadSession, refusal: DomainError) -> None:
    """Its owner reads why; what arrived is erased."""
    with transaction.atomic():
        if not _own(session)(status=Status.REFUSED, due_at=None, refusal=_in_every_language(refusal)):
            return
        DiscardedFile.objects.create(visibility=Visibility.PRIVATE, keys=[session.key])
    sessions.clear_parts(session)
    log.info("upload_refused", session_id=str(session.pk), code=refusal.code)


def _in_every_language(refusal: DomainError) -> dict[str, Any]:
    """Written down now, as the words are chosen where the refusal is made; read in the reader's language."""
    message = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            message[language] = refusal.text
    return {"code": refusal.code, "message": message}


def _try_later(session: UploadSession, error: str, *, attempts: int) -> None:
    _own(session)(due_at=timezone.now() + rules.TRY_AGAIN_AFTER, attempts=attempts)
    log.warning("upload_check_delayed", session_id=str(session.pk), error=error)
