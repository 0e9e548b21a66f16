"""Whose files are whose, and which may be used for what."""

import operator
from datetime import datetime
from functools import reduce
from typing import Any, Self

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from apps.common.querysets import ScopedQuerySet


class StoredFileQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins see that every file exists; everyone else sees the ones they uploaded themself."""
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(owner=user)

    def stored(self) -> Self:
        """Stored whole; the others are being uploaded, or never came to an end."""
        return self.filter(status="ready")

    def ready(self) -> Self:
        """Stored whole, and nothing is to be feared of them: these may be fetched and used."""
        return self.stored().filter(scan__in=["not_needed", "not_set_up", "clean"])

    def to_scan(self, now: datetime) -> Self:
        """What a worker is to look at now, the longest due first."""
        return self.stored().filter(scan_due_at__lte=now).order_by("scan_due_at")

    def scannable(self) -> Self:
        """What is kept as it was sent, or may hold more than pixels; and lies where the scanner can read it."""
        return self.stored().filter(purpose__in=["document", "medical_record"]).exclude(scan="infected")

    def pictures(self) -> Self:
        """What a public page may show: ready public images."""
        return self.ready().filter(visibility="public", purpose__in=["image", "generated"])

    def documents(self) -> Self:
        """Papers that staff look at: licences, accreditations, identity papers. Stored; not all of them are ready."""
        return self.stored().filter(purpose="document")

    def medical_records(self) -> Self:
        """What a patient's record is made of, byte for byte as it was sent. Stored; not all of them are ready."""
        return self.stored().filter(purpose="medical_record")

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

    def with_use(self) -> Self:
        """Each with `is_used`: whether any row of any app refers to it."""
        uses = [Q(Exists(key.model._base_manager.filter(**{key.name: OuterRef("pk")}))) for key in self.foreign_keys()]
        return self.annotate(
            is_used=ExpressionWrapper(reduce(operator.or_, uses, Q(pk=None)), output_field=BooleanField())
        )

    def abandoned(self, *, pending_before: datetime, unused_before: datetime) -> Self:
        """Uploads that never ended, and files that nothing has come to use, unless they are kept on purpose.

        Not what is in quarantine, nor what waits for a scanner: nobody could have used it.
        """
        never_ended = Q(status="pending", created_at__lt=pending_before)
        forgotten = Q(status="ready", is_kept=False, created_at__lt=unused_before)
        withheld = Q(scan="waiting") | Q(scan="infected", erased_at__isnull=True)
        return self.unused().filter(never_ended | (forgotten & ~withheld))

    def quarantined(self, *, before: datetime) -> Self:
        """Found infected before then, and not erased yet."""
        return self.filter(scan="infected", scanned_at__lt=before, erased_at__isnull=True)


class UploadSessionQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Uploads in parts are seen by whoever makes them, and by nobody else."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def unfinished(self, now: datetime) -> Self:
        """Still taking parts, or being checked."""
        return self.filter(Q(status="uploading", expires_at__gt=now) | Q(status="checking"))

    def begun_since(self, instant: datetime, *, by: Any) -> Self:
        """What counts for the hour beside the files that are there: those have been counted as files."""
        return self.filter(owner=by, created_at__gte=instant, status__in=["uploading", "checking"])

    def due(self, now: datetime) -> Self:
        """What a worker is to check now, the longest due first."""
        return self.filter(status="checking", due_at__lte=now).order_by("due_at")

    def expired(self, now: datetime) -> Self:
        return self.filter(status="uploading", expires_at__lte=now)

    def with_left_parts(self) -> Self:
        """Over, with parts that may still lie in the store."""
        return self.filter(status__in=["stored", "refused", "aborted"]).exclude(parts_id="")

    def over_since_before(self, instant: datetime) -> Self:
        return self.filter(status__in=["stored", "refused", "aborted"], parts_id="", updated_at__lt=instant)
