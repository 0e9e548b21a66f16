"""Private papers: documents by which someone is verified."""

from typing import Any

from rest_framework import serializers

from apps.media import links
from apps.media.models import StoredFile


class PaperDetail(serializers.Serializer):
    """An uploaded document."""

    id = serializers.UUIDField(help_text="Of the file: give it back to keep the document.")
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    url = serializers.URLField(
        allow_null=True, help_text="Works for five minutes. Null for those who may not open the document."
    )

    @staticmethod
    def of(file: StoredFile | None, *, may_open: bool) -> dict[str, Any] | None:
        if file is None:
            return None
        return {
            "id": file.pk,
            "content_type": file.content_type,
            "size": file.size,
            "url": links.private_link(file) if may_open else None,
        }
