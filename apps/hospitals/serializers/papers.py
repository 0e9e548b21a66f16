"""Private papers: documents by which someone is verified."""

from typing import Any

from rest_framework import serializers

from apps.hospitals.models import HospitalDocument
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
            "url": links.private_link(file) if may_open and file.is_fit else None,
        }


class HospitalDocumentDetail(serializers.Serializer):
    """A paper by which a hospital is verified; for its staff and platform admins."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=HospitalDocument.Kind.choices)
    file = PaperDetail()
    created_at = serializers.DateTimeField()

    @staticmethod
    def of(document: HospitalDocument) -> dict[str, Any]:
        return {
            "id": document.pk,
            "kind": document.kind,
            "file": PaperDetail.of(document.file, may_open=True),
            "created_at": document.created_at,
        }


class HospitalDocumentInput(serializers.Serializer):
    kind = serializers.ChoiceField(choices=HospitalDocument.Kind.choices)
    file_id = serializers.UUIDField(help_text="An uploaded document.")
