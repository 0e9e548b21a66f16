"""Reads: a file as its reader sees it, what uses it, and for the apps above the file that somebody names."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import Invalid

from . import links
from .models import StoredFile


def picture(pk: UUID | None, *, by: Any, field: str) -> StoredFile | None:
    """The ready public image that `by` uploaded (an admin: any); None for None. Raises Invalid, naming `field`."""
    if pk is None:
        return None
    file = StoredFile.objects.visible_to(by).pictures().filter(pk=pk).first()
    if file is None:
        raise Invalid(errors={field: [_("There is no such public image among your uploads.")]})
    return file


def document(pk: UUID | None, *, by: Any, field: str) -> StoredFile | None:
    """The ready document that `by` uploaded (an admin: any); None for None. Raises Invalid, naming `field`."""
    if pk is None:
        return None
    file = StoredFile.objects.visible_to(by).documents().filter(pk=pk).first()
    if file is None:
        raise Invalid(errors={field: [_("There is no such document among your uploads.")]})
    return file


def medical_file(pk: UUID | None, *, by: Any, field: str) -> StoredFile | None:
    """The ready medical record's file that `by` uploaded; None for None. Raises Invalid, naming `field`.

    A platform admin is no exception: nobody attaches to a patient what somebody else sent.
    """
    if pk is None:
        return None
    file = StoredFile.objects.filter(owner=by).medical_records().filter(pk=pk).first()
    if file is None:
        raise Invalid(errors={field: [_("There is no such medical file among your uploads.")]})
    return file


def shown(file: StoredFile, *, reader: Any) -> dict[str, Any]:
    """A file as its reader sees it.

    A platform admin sees that a medical record exists, and cannot open it here: that needs a grant and is logged.
    """
    is_own = file.owner_id == reader.pk
    may_open = is_own or file.purpose != StoredFile.Purpose.MEDICAL_RECORD
    has_thumbnails = may_open and bool(file.variants)
    return {
        "id": file.pk,
        "purpose": file.purpose,
        "visibility": file.visibility,
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
