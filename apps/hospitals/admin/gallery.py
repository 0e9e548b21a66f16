"""Hospitals' pictures: chosen from the media library, put in order, with captions in five languages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.common.admin import BaseModelAdmin, ScopedStackedInline
from apps.common.texts import LANGUAGES
from apps.hospitals import services
from apps.hospitals.models import Hospital, HospitalImage

from .base import TextsMixin, changes_of, name_languages
from .files import FilesForm, FilesMixin, InlineFilesForm, thumbnail

CAPTIONS = (("caption_en", "caption_ar"), ("caption_hi", "caption_es", "caption_fr"))


class FixedFileMixin:
    """A picture is put in, captioned, moved and taken out; another picture is another row."""

    fields: dict[str, Any]
    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields and not self.instance._state.adding:
            self.fields["file"].disabled = True


class ImageForm(FixedFileMixin, FilesForm):
    """Of a picture's own page."""


class GalleryForm(FixedFileMixin, InlineFilesForm):
    """Of a picture on its hospital's page."""


class ShownMixin:
    @admin.display(description=_("picture"))
    def shown(self, obj: HospitalImage) -> str:
        return thumbnail(obj.file if obj.file_id else None, obj.caption)


class GalleryInline(ShownMixin, FilesMixin, ScopedStackedInline):
    model = HospitalImage
    form = GalleryForm
    fields = (("shown", "file", "position"), *CAPTIONS)
    readonly_fields = ("shown",)
    ordering = ("position", "pk")
    verbose_name_plural = _("gallery")
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("file")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return name_languages(db_field, super().formfield_for_dbfield(db_field, request, **kwargs))


def save_gallery(formset: Any, hospital: Hospital, by: Any) -> None:
    """What was put in, captioned and taken out; then the order that the page's numbers say."""
    formset.save(commit=False)
    for image in formset.deleted_objects:
        services.remove_image(image, by=by)
    wanted = []
    for form in formset.forms:
        given = form.cleaned_data
        if not given or given.get("DELETE") or not given.get("file"):
            continue
        image = form.instance
        captions = changes_of(form, ("caption",)).get("caption", {})
        if image._state.adding:
            image = services.add_image(hospital, by=by, file_id=given["file"].pk, caption=captions)
        elif captions:
            services.update_image(image, by=by, caption=captions)
        is_moved = "position" in form.changed_data
        # A new picture without a number is the last one; of two at one place, the one that was moved comes first.
        place = given["position"] if is_moved or not form.instance._state.adding else len(formset.forms)
        wanted.append((place, not is_moved, image.pk))
    if formset.has_changed():
        services.order_images(hospital, [pk for _place, _stays, pk in sorted(wanted)], by=by)


@admin.register(HospitalImage)
class HospitalImageAdmin(ShownMixin, TextsMixin, FilesMixin, BaseModelAdmin):
    form = ImageForm
    texts = ("caption",)
    translators_read = ("shown", "hospital")
    translators_list = ("shown", "caption", "hospital")
    list_display = ("shown", "caption", "hospital", "position")
    list_display_links = ("shown", "caption")
    list_filter = ("hospital",)
    list_select_related = ("file", "hospital")
    search_fields = tuple(f"caption_{language}__icontains" for language in LANGUAGES)
    search_help_text = _("Words of a caption, in any language.")
    ordering = ("-pk",)
    fieldsets = ((None, {"fields": (("hospital", "position"), ("file", "shown"))}),)
    readonly_fields = ("shown",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else list(dict.fromkeys(["hospital", *fields]))

    def save_row(self, request: HttpRequest, obj: HospitalImage, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form, self.texts)
        if change:
            services.update_image(obj, by=by, **changes)
            return
        given = form.cleaned_data
        created = services.add_image(
            given["hospital"], by=by, file_id=given["file"].pk, caption=changes.get("caption"),
            position=changes.get("position"),
        )  # fmt: skip
        obj.pk, obj._state.adding = created.pk, False

    def delete_model(self, request: HttpRequest, obj: HospitalImage) -> None:
        by: Any = request.user
        services.remove_image(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for image in queryset:
            self.delete_model(request, image)
