"""Reads: a file as its reader sees it, what uses it, and for the apps above the file that somebody names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import Invalid, raise_if

from . import exceptions, links, rules, services
from .models import Scan, StoredFile, UploadSession


def picture(pk: UUID | None, *, by: Any, field: str) -> StoredFile | None:
    """The ready public image that `by` uploaded (an admin: any); None for None. Raises Invalid, naming `field`."""
    if pk is None:
        return None
    file = StoredFile.objects.visible_to(by).pictures().filter(pk=pk).first()
    if file is None:
        raise Invalid(errors={field: [_("There is no such public image among your uploads.")]})
    return file


def document(pk: UUID | None, *, by: Any, field: str) -> StoredFile | None:
    """The ready document that `by` uploaded (an admin: any); None for None. Raises Invalid, naming `field`,
    NotYetScanned, Infected."""
    if pk is None:
        return None
    file = StoredFile.objects.visible_to(by).documents().filter(pk=pk).first()
    if file is None:
        raise Invalid(errors={field: [_("There is no such document among your uploads.")]})
    raise_if(rules.why_not_use(file))
    return file


def medical_file(pk: UUID | None, *, by: Any, field: str) -> StoredFile | None:
    """The ready medical record's file that `by` uploaded; None for None. Raises as `document`.

    A platform admin is no exception: nobody attaches to a patient what somebody else sent.
    """
    if pk is None:
        return None
    file = StoredFile.objects.filter(owner=by).medical_records().filter(pk=pk).first()
    if file is None:
        raise Invalid(errors={field: [_("There is no such medical file among your uploads.")]})
    raise_if(rules.why_not_use(file))
    return file


#: What readers are told of a stored file: whether it may be used yet.
_STATUSES = {Scan.WAITING: "scanning", Scan.INFECTED: "refused"}


def may_be_fetched(key: str) -> bool:
    """Whether the object is of a file that may be fetched now: a link may be older than what the scanner found."""
    stem = key.partition(".")[0].partition("-")[0]
    return StoredFile.objects.ready().filter(key__startswith=stem).exists()


def shown(file: StoredFile, *, reader: Any) -> dict[str, Any]:
    """A file as its reader sees it.

    Of a medical record whoever uploaded it has a link until it stands in somebody's record (`with_use` says so): from
    then on it is opened there, where consent has its say and each reading is logged. A platform admin sees that it
    exists.
    """
    is_own = file.owner_id == reader.pk
    may_open = rules.why_not_open_here(file, is_own=is_own) is None
    has_thumbnails = may_open and bool(file.variants)
    return {
        "id": file.pk,
        "purpose": file.purpose,
        "visibility": file.visibility,
        "status": _STATUSES.get(Scan(file.scan), "ready"),
        "scan": file.scan,
        "url": links.file_url(file) if may_open else None,
        "thumbnails": {name: links.file_url(file, name) for name in file.variants} if has_thumbnails else None,
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
        "width": file.width,
        "height": file.height,
        "original_name": file.original_name if is_own else None,
        "created_at": file.created_at,
    }


def shown_session(session: UploadSession, *, reader: Any) -> dict[str, Any]:
    """An upload in parts as its owner sees it: while it is open, which parts are there, and where the others are to be
    sent; afterwards what became of it. Raises StorageUnavailable."""
    is_open = session.status == UploadSession.Status.UPLOADING
    [shown] = shown_sessions([session], reader=reader)
    return shown | {"parts": _parts_of(session) if is_open else []}


def shown_sessions(sessions: Sequence[UploadSession], *, reader: Any) -> list[dict[str, Any]]:
    """Uploads in parts, without their parts: no store is asked. One query for all of them."""
    stored = [session.pk for session in sessions if session.status == UploadSession.Status.STORED]
    found = StoredFile.objects.visible_to(reader).stored().with_use().in_bulk(stored) if stored else {}
    return [_shown_session(session, found.get(session.pk), reader=reader) for session in sessions]


def _shown_session(session: UploadSession, file: StoredFile | None, *, reader: Any) -> dict[str, Any]:
    return {
        "id": session.pk,
        "status": _status_of(session, file),
        "purpose": session.purpose,
        "name": session.original_name,
        "size": session.size,
        "sha256": session.sha256 or None,
        "part_size": session.part_size,
        "count": session.count,
        "parts": [],
        "file": shown(file, reader=reader) if file is not None else None,
        "refusal": _refusal_of(session, file),
        "expires_at": session.expires_at,
        "created_at": session.created_at,
    }


def _status_of(session: UploadSession, file: StoredFile | None) -> str:
    if session.status != UploadSession.Status.STORED:
        return session.status
    return _STATUSES.get(Scan(file.scan), "ready") if file is not None else "removed"


def _refusal_of(session: UploadSession, file: StoredFile | None) -> dict[str, str] | None:
    """Its code, and why in the reader's language."""
    if file is not None and file.scan == Scan.INFECTED:
        return {"code": exceptions.Infected.code, "message": str(exceptions.Infected.message)}
    if session.refusal is None:
        return None
    texts = session.refusal["message"]
    return {"code": session.refusal["code"], "message": texts.get(get_language()) or texts["en"]}


def _parts_of(session: UploadSession) -> list[dict[str, Any]]:
    numbers = services.numbers_of(session)
    arrived = services.arrived_parts(session)
    addresses = services.addresses(session, [number for number in numbers if number not in arrived])
    return [
        {
            "number": number,
            "size": session.size_of(number),
            "arrived": number in arrived,
            "url": addresses.get(number),
        }
        for number in numbers
    ]


@dataclass(frozen=True)
class Use:
    """A row that refers to a file: of which model, by which field."""

    model: type[Model]
    pk: Any
    field: str


def uses(files: Iterable[StoredFile]) -> dict[UUID, list[Use]]:
    """What refers to each of these files, in one query."""
    wanted = [file.pk for file in files]
    keys = StoredFile.objects.foreign_keys()
    if not wanted or not keys:
        return {}
    first, *others = [
        QuerySet(key.model)  # plain: that of a translated model orders columns in its own way
        .filter(**{f"{key.name}__in": wanted})
        .order_by()
        .annotate(media_key=Value(number), media_user=Cast("pk", TextField()))
        .values_list(key.attname, "media_key", "media_user")
        for number, key in enumerate(keys)
    ]
    found: dict[UUID, list[Use]] = defaultdict(list)
    for file, which, pk in first.union(*others, all=True):
        found[file].append(Use(keys[which].model, pk, str(keys[which].verbose_name)))
    return found
