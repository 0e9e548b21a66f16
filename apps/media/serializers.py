"""Shapes of files in the API."""

from rest_framework import serializers

from .models import StoredFile, Visibility


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
    url = serializers.URLField(
        allow_null=True,
        help_text="Of a public file for good; of a private one for five minutes. Null where the file is not the "
        "reader's to open.",
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
