"""The gallery of a hospital."""

from typing import Any

from rest_framework import serializers

from apps.hospitals.models import HospitalImage
from apps.hospitals.rules import MAX_IMAGES
from apps.media import links
from apps.media.serializers import PictureSerializer

from .fields import Row, TextsField, Translated, texts_of, translated

LONGEST_CAPTION = 200


class ImageSummary(Translated):
    """A picture of the public gallery."""

    id = serializers.UUIDField()
    picture = PictureSerializer()
    caption = serializers.CharField()

    @staticmethod
    def of(row: Row, language: str) -> dict[str, Any]:
        return {
            "id": row["id"],
            "picture": links.picture(row["file__key"], row["file__variants"]),
            **translated(row, "caption", language=language),
        }


class ImageTexts(serializers.Serializer):
    caption = TextsField(max_length=LONGEST_CAPTION)


class ImageDetail(serializers.Serializer):
    """A picture of the gallery, as the hospital's keepers see it."""

    id = serializers.UUIDField()
    file_id = serializers.UUIDField()
    picture = PictureSerializer()
    position = serializers.IntegerField(help_text="Its place, from 0.")
    texts = ImageTexts()
    text_status = serializers.DictField(help_text="How far each text has come, by field and language.")

    @staticmethod
    def of(image: HospitalImage) -> dict[str, Any]:
        return {
            "id": image.pk,
            "file_id": image.file_id,
            "picture": links.picture_of(image.file),
            "position": image.position,
            "texts": texts_of(image, "caption"),
            "text_status": image.text_status,
        }


class ImageChanges(serializers.Serializer):
    """Caption and place; what is not named stays."""

    caption = TextsField(max_length=LONGEST_CAPTION, required=False)
    position = serializers.IntegerField(
        min_value=0, max_value=1_000, required=False, help_text="Its place, from 0; behind the last one at most."
    )


class ImageInput(ImageChanges):
    file_id = serializers.UUIDField(help_text="An uploaded public image.")


class ImageOrder(serializers.Serializer):
    """Every picture of the gallery, in the order wanted."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_IMAGES)
