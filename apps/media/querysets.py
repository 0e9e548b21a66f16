"""Whose files are whose, and which may be used for what."""

from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from apps.common.querysets import ScopedQuerySet


class StoredFileQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins see that every file exists; everyone else sees the ones they uploaded themself."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(owner=user)

    def ready(self) -> Self:
        """Stored whole; the others are being uploaded, or never came to an end."""
        return self.filter(status="ready")

    def pictures(self) -> Self:
        """What a public page may show: ready public images."""
        return self.ready().filter(visibility="public", purpose__in=["image", "generated"])

    def documents(self) -> Self:
        """Papers that staff look at: licences, accreditations, identity papers."""
        return self.ready().filter(purpose="document")

    def medical_records(self) -> Self:
        """What a patient's record is made of, byte for byte as it was sent."""
        return self.ready().filter(purpose="medical_record")

    def uploaded_since(self, instant: datetime, *, by: Any) -> Self:
        return self.filter(owner=by, created_at__gte=instant)

    def foreign_keys(self) -> list[Any]:
        """Every foreign key in the project that points here; hidden ones too (related_name="+"), or files were lost."""
        return [
            relation.field
            for relation in self.model._meta.get_fields(include_hidden=True)
            if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        ]

    def unused(self) -> Self:
        """Referred to by no row of any app."""
        return self.filter(
            *(~Exists(key.model._base_manager.filter(**{key.name: OuterRef("pk")})) for key in self.foreign_keys())
        )

    def abandoned(self, *, pending_before: datetime, unused_before: datetime) -> Self:
        """Uploads that never ended, and files that nothing has come to use, unless they are kept on purpose."""
        never_ended = Q(status="pending", created_at__lt=pending_before)
        forgotten = Q(status="ready", is_kept=False, created_at__lt=unused_before)
        return self.unused().filter(never_ended | forgotten)
