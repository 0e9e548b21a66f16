"""Shapes of files in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from . import rules
from .models import Scan, StoredFile, Visibility


class ThumbnailsSerializer(serializers.Serializer):
    """Addresses of smaller versions, as WebP: their longest edge is 160, 480 and 960 pixels."""

    small = serializers.URLField()
    medium = serializers.URLField()
    large = serializers.URLField()


class PictureSerializer(serializers.Serializer):
    """A public picture, as whatever has one shows it."""

    url = serializers.URLField()
    thumbnails = ThumbnailsSerializer()


class FileSerializer(serializers.Serializer):
    """An uploaded file."""

    id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=StoredFile.Purpose.choices)
    visibility = serializers.ChoiceField(choices=Visibility.choices)
    status = serializers.CharField(help_text="`ready`, `scanning` or `refused`: only a ready one is fetched and used.")
    scan = serializers.ChoiceField(choices=Scan.choices, help_text="What a scanner for viruses has said.")
    url = serializers.URLField(
        allow_null=True,
        help_text="Of a public file for good; of a private one for five minutes. Null where the file is not the "
        "reader's to open, and while it is not `ready`.",
    )
    thumbnails = ThumbnailsSerializer(allow_null=True, help_text="Of images, with addresses as `url`.")
    content_type = serializers.CharField(help_text="Told by the content.")
    size = serializers.IntegerField(help_text="In bytes, as stored.")
    sha256 = serializers.CharField(help_text="Of what is stored.")
    width = serializers.IntegerField(allow_null=True, help_text="In pixels.")
    height = serializers.IntegerField(allow_null=True, help_text="In pixels.")
    original_name = serializers.CharField(allow_null=True, help_text="Null for all but whoever uploaded it.")
    created_at = serializers.DateTimeField()


class UploadInput(serializers.Serializer):
    """A form with one file. Its name and declared type are not believed."""

    file = serializers.FileField(allow_empty_file=True)


class UploadImageInput(UploadInput):
    visibility = serializers.ChoiceField(
        choices=Visibility.choices,
        required=False,
        help_text="`public` when it is not said: portraits, logos and galleries are.",
    )


class UploadSessionInput(serializers.Serializer):
    """A large file that is to come in parts."""

    purpose = serializers.ChoiceField(choices=StoredFile.Purpose.choices, help_text="Only `medical_record` comes so.")
    size = serializers.IntegerField(min_value=0, max_value=2**53, help_text="In bytes, of the whole file.")
    name = serializers.CharField(max_length=255, help_text="Shown to whoever uploads it, and to nobody else.")
    sha256 = serializers.RegexField(
        r"^[0-9a-fA-F]{64}$", required=False, help_text="Of the whole file: it is refused if it arrives otherwise."
    )
    content_type = serializers.CharField(
        max_length=255, required=False, allow_blank=True, help_text="Not believed: the content tells it."
    )

    def validate_purpose(self, value: str) -> str:
        if value not in rules.MAX_BYTES_IN_PARTS:
            raise serializers.ValidationError(_("Files of this purpose are sent in one request."))
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs.pop("content_type", None)
        return attrs | {"sha256": attrs.get("sha256", "").lower()}


class PartSerializer(serializers.Serializer):
    """One part of a large upload."""

    number = serializers.IntegerField(help_text="From 1.")
    size = serializers.IntegerField(help_text="In bytes.")
    arrived = serializers.BooleanField(help_text="Whether it is there whole.")
    url = serializers.URLField(
        allow_null=True, help_text="Where to send it by PUT, for 15 minutes; null once it has arrived."
    )


class RefusalSerializer(serializers.Serializer):
    """Why an upload came to nothing."""

    code = serializers.CharField()
    message = serializers.CharField(help_text="In the reader's language.")


class UploadSessionSerializer(serializers.Serializer):
    """A large file on its way in, and what became of it."""

    id = serializers.UUIDField(help_text="Also of the file that becomes of it.")
    status = serializers.CharField(
        help_text="`uploading`, `checking`, `scanning`, then `ready` or `refused`; `aborted`; `removed` with its file."
    )
    purpose = serializers.ChoiceField(choices=StoredFile.Purpose.choices)
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    sha256 = serializers.CharField(allow_null=True, help_text="As it was announced.")
    part_size = serializers.IntegerField(help_text="In bytes, of every part but the last.")
    count = serializers.IntegerField(help_text="How many parts there are.")
    parts = PartSerializer(many=True, help_text="While it is `uploading`; not in lists.")
    file = FileSerializer(allow_null=True)
    refusal = RefusalSerializer(allow_null=True)
    expires_at = serializers.DateTimeField(help_text="Given up then, if it is not complete.")
    created_at = serializers.DateTimeField()
