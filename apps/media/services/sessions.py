"""Uploads in parts, as their owner sees them: begun, going on, complete, given up.

The row comes first and names the object, so that whatever lies in the store is found again; the store is asked outside
of any transaction. What arrived is checked by a worker (`checking`), never in the request that says "complete".
"""

from datetime import datetime
from typing import IO, Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import timezone

from apps.common.exceptions import raise_if
from apps.media import exceptions, rules
from apps.media.models import UploadSession
from apps.media.storage import parts

from . import files

log = structlog.get_logger(__name__)

Status = UploadSession.Status

#: Sessions that one run of the clean-up takes; the next run takes the next.
BATCH = 500


@transaction.atomic
def begin_session(*, purpose: str, size: int, name: str, sha256: str, by: Any) -> UploadSession:
    """A large file may come in parts, for a day. Raises FileTooLarge, EmptyFile, TooManyOpenUploads, TooManyUploads."""
    now = timezone.now()
    with connection.cursor() as cursor:  # two at once can never both be the last that is allowed
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"media.sessions:{by.pk}"])
    unfinished = UploadSession.objects.visible_to(by).unfinished(now).count()
    raise_if(rules.why_not_in_parts(size, purpose=purpose, open_sessions=unfinished))
    raise_if(files.why_too_much(by, now))
    return UploadSession.objects.create(
        owner=by,
        purpose=purpose,
        key=files.random_stem(),
        original_name=rules.clean_name(name),
        size=size,
        sha256=sha256,
        part_size=rules.PART_BYTES,
        expires_at=now + rules.SESSION_FOR,
    )


def open_for_parts(session: UploadSession) -> UploadSession:
    """The store takes parts from now on; asked twice, it is told once. Raises StorageUnavailable."""
    if session.parts_id or session.status != Status.UPLOADING:
        return session
    begun = parts.begun(session.key)
    mine = UploadSession.objects.filter(pk=session.pk, status=Status.UPLOADING, parts_id="")
    mine.update(parts_id=begun, updated_at=timezone.now())
    session.refresh_from_db()  # of two at once the first is used; what the other has begun goes when the upload is over
    if session.status != Status.UPLOADING:  # given up meanwhile: what was begun just now goes as well
        UploadSession.objects.filter(pk=session.pk, parts_id="").update(parts_id=begun)
        clear_parts(session)
    return session


def arrived_parts(session: UploadSession) -> dict[int, int]:
    """The parts that are there, whole and of the right size, by number. Raises StorageUnavailable."""
    if not session.parts_id:
        return {}
    found = parts.arrived(session.key, session.parts_id)
    return {number: found[number] for number in numbers_of(session) if found.get(number) == session.size_of(number)}


def addresses(session: UploadSession, numbers: list[int]) -> dict[int, str]:
    """Where these parts are to be sent within the next 15 minutes."""
    sizes = {number: session.size_of(number) for number in numbers}
    return parts.addresses(session.key, session.parts_id, sizes, seconds=rules.PART_ADDRESS_SECONDS)


def numbers_of(session: UploadSession) -> range:
    return range(1, session.count + 1)


def take_part(key: str, number: int, size: int, body: IO[bytes], *, now: datetime) -> None:
    """A part that is sent to us, as files lie on this machine; sent twice, the later one stands.

    Raises UploadClosed, UploadIncomplete, StorageUnavailable.
    """
    session = UploadSession.objects.filter(key=key).first()
    if session is None or rules.why_not_go_on(session, now=now):
        raise exceptions.UploadClosed()
    try:
        is_whole = parts.taken(key, number, body, size)
    except parts.PartsClosed as error:  # while it was on its way
        raise exceptions.UploadClosed() from error
    if not is_whole:
        raise exceptions.UploadIncomplete()


def complete_session(session: UploadSession) -> UploadSession:
    """Everything was sent: a worker checks it. Said again, it changes nothing.

    Raises PartsMissing, UploadClosed, StorageUnavailable.
    """
    if session.status == Status.UPLOADING:
        missing = sorted(set(numbers_of(session)) - set(arrived_parts(session)))
        raise_if(exceptions.PartsMissing(data={"missing": missing}) if missing else None)
    return _hand_over(session.pk)


@transaction.atomic
def _hand_over(pk: UUID) -> UploadSession:
    now = timezone.now()
    session = UploadSession.objects.lock(pk)
    if session.status in {Status.CHECKING, Status.STORED, Status.REFUSED}:
        return session
    raise_if(rules.why_not_go_on(session, now=now))
    UploadSession.objects.filter(pk=pk).update(status=Status.CHECKING, due_at=now, updated_at=now)
    session.refresh_from_db()
    return session


def give_up_session(session: UploadSession) -> None:
    """Nothing becomes of it, and its parts go. Given up twice, it changes nothing. Raises UploadClosed."""
    with transaction.atomic():
        session = UploadSession.objects.lock(session.pk)
        raise_if(rules.why_not_give_up(session))
        _end(session)
    clear_parts(session)


def _end(session: UploadSession) -> None:
    if session.status == Status.UPLOADING:
        now = timezone.now()
        UploadSession.objects.filter(pk=session.pk).update(status=Status.ABORTED, due_at=None, updated_at=now)


def clear_parts(session: UploadSession) -> bool:
    """What is left of the parts is gone; False when the store is away, and the clean-up tries again."""
    try:
        parts.abandoned(session.key, session.parts_id)
    except exceptions.StorageUnavailable:
        return False
    UploadSession.objects.filter(pk=session.pk).update(parts_id="", updated_at=timezone.now())
    return True


def clean_up_sessions(now: datetime) -> dict[str, int]:
    """Uploads that nobody has finished within a day are given up, what is left of them in the store goes, and rows that
    nobody asks for any more; how many of each."""
    counts = {"expired": 0, "cleared": 0, "forgotten": 0}
    for pk in list(UploadSession.objects.expired(now).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            session = UploadSession.objects.expired(now).select_for_update(skip_locked=True).filter(pk=pk).first()
            if session is not None:
                _end(session)
                counts["expired"] += 1
    for session in UploadSession.objects.with_left_parts().order_by("pk")[:BATCH]:
        counts["cleared"] += clear_parts(session)
    old = UploadSession.objects.over_since_before(now - rules.SESSION_KEPT_FOR)
    counts["forgotten"], _each = UploadSession.objects.filter(pk__in=old.values("pk")[:BATCH]).delete()
    log.info("uploads_cleaned_up", **counts)
    return counts
