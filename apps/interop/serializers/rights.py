"""Shapes of exports and closures."""

from typing import Any

from rest_framework import serializers

from apps.accounts.serializers import PasswordInput
from apps.interop import rules
from apps.interop.models import Closure, DataExport
from apps.interop.selectors.people import Fate
from apps.interop.workflow import ClosureStatus, ExportStatus


class DataExportShown(serializers.Serializer):
    """A copy of one's data. `progress` is in percent; `url` works for five minutes."""

    id = serializers.UUIDField(read_only=True)
    patient_id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(choices=ExportStatus.choices, read_only=True)
    progress = serializers.IntegerField(read_only=True, min_value=0, max_value=100)
    size = serializers.IntegerField(read_only=True, allow_null=True, help_text="In bytes.")
    url = serializers.CharField(
        read_only=True, allow_null=True, help_text="Of a ready one, to the patient and to whoever asked for it."
    )
    created_at = serializers.DateTimeField(read_only=True)
    ready_at = serializers.DateTimeField(read_only=True, allow_null=True)
    expires_at = serializers.DateTimeField(read_only=True, allow_null=True)


def export(row: DataExport, url: str | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "patient_id": row.patient_id,
        "status": row.status,
        "progress": 100 if row.status == ExportStatus.READY else row.percent,
        "size": row.file.size if row.file else None,
        "url": url,
        "created_at": row.created_at,
        "ready_at": row.ready_at,
        "expires_at": row.expires_at,
    }


class ToCome(serializers.Serializer):
    type = serializers.ChoiceField(choices=["appointment", "booking"], read_only=True)
    id = serializers.UUIDField(read_only=True)
    number = serializers.CharField(read_only=True)
    starts_at = serializers.DateTimeField(read_only=True, allow_null=True)


class FateShown(serializers.Serializer):
    """What would become of the entries of one kind."""

    kind = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True)
    count = serializers.IntegerField(read_only=True)
    act = serializers.ChoiceField(choices=["erase", "empty", "keep"], read_only=True)
    until = serializers.DateField(read_only=True, allow_null=True)
    reason = serializers.CharField(read_only=True)


class ClosurePreview(serializers.Serializer):
    """What closing the account would mean now: what must be cancelled before, and what becomes of everything."""

    to_come = ToCome(many=True, read_only=True)
    days_to_reopen = serializers.IntegerField(read_only=True)
    fates = FateShown(many=True, read_only=True)


def closure_preview(to_come: list[dict[str, Any]], fates: list[Fate]) -> dict[str, Any]:
    return {"to_come": to_come, "days_to_reopen": rules.REOPENING_FOR.days, "fates": [fate(one) for one in fates]}


def fate(one: Fate) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "title": one.title,
        "count": one.count,
        "act": one.act,
        "until": one.until,
        "reason": one.basis,
    }


class CloseAccountInput(serializers.Serializer):
    password = PasswordInput()


class ClosureShown(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(choices=ClosureStatus.choices, read_only=True)
    erase_at = serializers.DateTimeField(read_only=True)


def closure(row: Closure) -> dict[str, Any]:
    return {"id": row.pk, "status": row.status, "erase_at": row.erase_at}
