"""Reads for the apps above: the file that somebody names, checked for what it is to be used as."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import Invalid

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
