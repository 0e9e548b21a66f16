"""Pictures and papers on the directory's pages: chosen from what the person has uploaded, shown as a thumbnail."""

from typing import Any

from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from apps.common.admin.forms import GuardedForm
from apps.media import links
from apps.media.models import StoredFile

#: Foreign keys that mean a paper; the others mean a public picture.
PAPERS = frozenset({"document"})


class KeepFilesMixin:
    """What the row has already may stay, also where somebody else has uploaded it."""

    fields: dict[str, Any]
    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if not isinstance(field, ModelChoiceField) or getattr(field.queryset, "model", None) is not StoredFile:
                continue
            present = getattr(self.instance, f"{name}_id")
            if present and field.queryset is not None:
                field.queryset |= StoredFile.objects.filter(pk=present)


class FilesForm(KeepFilesMixin, GuardedForm):
    """Of a page."""


class InlineFilesForm(KeepFilesMixin, ModelForm):
    """Of a row on another's page: the page itself looks whether it is stale."""


class FilesMixin:
    """Choices of files: ready ones of the right kind, of the person's own uploads (an admin: any)."""

    form = FilesForm
    #: Foreign keys to files that are papers here, whatever their name.
    papers: frozenset[str] = PAPERS

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is StoredFile:
            visible = StoredFile.objects.visible_to(request.user)
            kwargs["queryset"] = visible.documents() if db_field.name in self.papers else visible.pictures()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


def thumbnail(file: StoredFile | None, description: str = "") -> str:
    """A public picture, small; a dash where there is none."""
    shown = links.picture_of(file)
    if shown is None:
        return "–"
    small = next(iter(shown["thumbnails"].values()), shown["url"])
    return format_html(
        '<a href="{}" target="_blank" rel="noopener"><img class="mv-thumbnail" src="{}" alt="{}" loading="lazy"></a>',
        links.on_this_site(shown["url"]),
        links.on_this_site(small),
        description or _("picture"),
    )


def paper_link(file: StoredFile | None) -> str:
    """To the paper as the browser shows it; who opens it is asked there."""
    if file is None:
        return "–"
    address = reverse("verification:paper", args=(file.pk,))
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', address, links.download_name(file))
