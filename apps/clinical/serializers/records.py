"""Medical records: what is read and answered. Beside each answer's shape stands the function that fills it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty

from apps.accounts.roles import Role
from apps.clinical import rules
from apps.clinical.models import MedicalRecord, RecordType
from apps.media import links
from apps.media.models import Scan, StoredFile

MAX_MEASUREMENTS = 40
MAX_DESCRIPTION, MAX_REASON = 10_000, 500
#: Of whom a patient reads the name; of Medivoy's own people, the role.
NAMED = frozenset({Role.PATIENT, Role.DOCTOR})


class OwnerShown(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class UploaderShown(serializers.Serializer):
    """Who wrote it: patients and doctors by name, others by role."""

    role = serializers.ChoiceField(choices=Role.choices)
    name = serializers.CharField(allow_null=True)
    is_you = serializers.BooleanField()


class RecordFileShown(serializers.Serializer):
    """A file of a record; `/medical-records/{id}/download?file=` gives a link to it."""

    id = serializers.UUIDField()
    content_type = serializers.CharField(help_text="Told by the content.")
    size = serializers.IntegerField(help_text="In bytes.")
    sha256 = serializers.CharField()
    scan = serializers.ChoiceField(choices=Scan.choices, help_text="`waiting` and `infected` cannot be fetched.")


class RecordSummary(serializers.Serializer):
    """A version of a medical record, in a list."""

    id = serializers.UUIDField(help_text="Of this version; a correction has another.")
    patient = OwnerShown()
    record_type = serializers.ChoiceField(choices=RecordType.choices)
    title = serializers.CharField()
    recorded_on = serializers.DateField(help_text="The day of the examination.")
    language = serializers.CharField(allow_blank=True, help_text="That the papers are in.")
    is_shared = serializers.BooleanField(help_text="Otherwise no consent opens it to anyone.")
    uploaded_by = UploaderShown()
    appointment_id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField(help_text="Send it back to correct what you saw.")
    status = serializers.ChoiceField(choices=MedicalRecord.Status.choices)
    current_id = serializers.UUIDField(allow_null=True, help_text="The newest version; null of one entered in error.")
    files = RecordFileShown(many=True)
    created_at = serializers.DateTimeField()


class RecordDetail(RecordSummary):
    """A version of a medical record."""

    description = serializers.CharField(allow_blank=True)
    measurements = serializers.DictField(
        child=serializers.CharField(), help_text="Figures with their unit in the name, such as `weight_kg`."
    )
    correction_reason = serializers.CharField(allow_blank=True, help_text="Why this version replaced the one before.")
    error_reason = serializers.CharField(allow_blank=True, help_text="Why it is marked as entered in error.")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="When it was replaced or marked.")


def record_summary(row: Mapping[str, Any], reader: Any) -> dict[str, Any]:
    """The answer of RecordSummary, from a row of `selectors.record_rows`."""
    plain = (
        "id", "title", "recorded_on", "language", "is_shared", "version", "status", "current_id", "created_at",
    )  # fmt: skip
    return {
        **{name: row[name] for name in plain},
        "files": row["file_list"],
        "patient": {"id": row["patient_id"], "name": _name(row, "patient__user")},
        "record_type": row["type"],
        "uploaded_by": {
            "role": row["uploaded_by__role"],
            "name": _name(row, "uploaded_by") if row["uploaded_by__role"] in NAMED else None,
            "is_you": row["uploaded_by_id"] == reader.pk,
        },
        "appointment_id": row["subject_id"] if row["subject_type"] == "appointment" else None,
    }


def record_detail(row: Mapping[str, Any], reader: Any) -> dict[str, Any]:
    """The answer of RecordDetail, from a row of `selectors.record_rows`."""
    plain = ("description", "measurements", "correction_reason", "error_reason", "ended_at")
    return {**record_summary(row, reader), **{name: row[name] for name in plain}}


def _name(row: Mapping[str, Any], path: str) -> str:
    return f"{row[f'{path}__first_name']} {row[f'{path}__last_name']}".strip()


class RecordDownload(serializers.Serializer):
    """A link to one file, for whoever asked, and for a few minutes."""

    file_id = serializers.UUIDField()
    url = serializers.URLField(help_text="Works for `expires_in` seconds; it asks nobody who they are.")
    expires_in = serializers.IntegerField()
    name = serializers.CharField(help_text="What a browser saves it as; it names nobody.")
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


def record_download(file: StoredFile) -> dict[str, Any]:
    """The answer of RecordDownload."""
    return {
        "file_id": file.pk,
        "url": links.private_link(file),
        "expires_in": links.LINK_SECONDS,
        "name": links.download_name(file),
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
    }


# --- Inputs ----------------------------------------------------------------------------------------------------------


class _SaidOrNot(serializers.BooleanField):
    """A form that does not name it says nothing: it does not say “no”."""

    default_empty_html = empty


class _Figures(serializers.DictField):
    child = serializers.DecimalField(max_digits=12, decimal_places=4)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        found = super().to_internal_value(data)
        if len(found) > MAX_MEASUREMENTS or any(len(name) > 40 or not name.isidentifier() for name in found):
            raise serializers.ValidationError(
                _("Give up to %(count)d figures, under names such as weight_kg.") % {"count": MAX_MEASUREMENTS}
            )
        return {name: str(figure) for name, figure in found.items()}


class RecordWritten(serializers.Serializer):
    """What is written of a version."""

    record_type = serializers.ChoiceField(choices=RecordType.choices, source="type")
    title = serializers.CharField(max_length=200)
    recorded_on = serializers.DateField()
    description = serializers.CharField(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)
    measurements = _Figures(required=False)
    language = serializers.RegexField(
        r"^[a-z]{2,3}(-[A-Z]{2})?$", max_length=5, required=False, allow_blank=True, help_text="Such as en."
    )
    file_ids = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=rules.MAX_FILES,
        required=False,
        help_text="One's own uploads, from `/upload/medical-record` or `/upload/sessions`.",
    )
    file = serializers.FileField(
        required=False, allow_empty_file=True, help_text="In a form: one file of up to 100 MB, sent along."
    )


class AddRecordInput(RecordWritten):
    """A new record, as JSON with `file_ids`, or as a form with a `file`."""

    patient_id = serializers.UUIDField(required=False, help_text="Needed from all but the patient.")
    is_shared = _SaidOrNot(default=True, help_text="The patient's own decision; true when it is not said.")


class CorrectRecordInput(RecordWritten):
    """A correction, with the `version` that it is of and a `reason`; or `is_shared` alone, which makes no version."""

    version = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    reason = serializers.CharField(max_length=MAX_REASON, required=False)
    is_shared = _SaidOrNot(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs) == {"is_shared"}:
            return attrs
        if "is_shared" in attrs:
            raise serializers.ValidationError({"is_shared": [_("Send this one alone: it makes no new version.")]})
        missing = [name for name in ("version", "reason") if name not in attrs]
        if missing:
            raise serializers.ValidationError({name: [_("This field is required.")] for name in missing})
        return attrs


class ErrorReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=MAX_REASON)


class DownloadQuery(serializers.Serializer):
    file = serializers.UUIDField(required=False, help_text="Which file, where the record has several.")
