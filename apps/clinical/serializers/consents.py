"""Consents, emergencies and the log of readings: what is read and answered.

Beside each answer's shape stands the function that fills it from plain rows.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.text import capfirst
from rest_framework import serializers

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.clinical.models import ConsentGrant, ConsentText, EmergencyAccess, ReadEntry, Scope
from apps.common.api.shapes import Named

STATES = [
    ("live", "opens what it names"),
    ("not_begun", "begins later"),
    ("over", "its time, or the care it was for, is over"),
    ("revoked", "withdrawn"),
]


class ConsentTextShown(serializers.Serializer):
    """What people are asked to agree to, in the language of the answer."""

    version = serializers.IntegerField()
    language = serializers.CharField()
    text = serializers.CharField()
    published_at = serializers.DateTimeField()


class ConsentShown(serializers.Serializer):
    """Who may see what of the record, since when, until when."""

    id = serializers.UUIDField()
    patient_id = serializers.UUIDField()
    grantee = serializers.ChoiceField(choices=ConsentGrant.Grantee.choices)
    doctor = Named(allow_null=True)
    hospital = Named(allow_null=True)
    coordinator = Named(allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    subject_type = serializers.CharField(allow_blank=True)
    subject_id = serializers.UUIDField(allow_null=True)
    starts_at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=STATES)
    text_version = serializers.IntegerField()
    language = serializers.CharField(help_text="The language in which the text was read.")
    guardian = Named(allow_null=True, help_text="Who consented for a minor.")
    given_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class ConsentDetail(ConsentShown):
    text = serializers.CharField(help_text="Word for word what was agreed to.")


class GiveConsentInput(serializers.Serializer):
    """`until`, or the care that it is for (`subject_type` and `subject_id`), or both."""

    grantee = serializers.ChoiceField(choices=ConsentGrant.Grantee.choices)
    doctor_id = serializers.UUIDField(required=False)
    hospital_id = serializers.UUIDField(required=False)
    coordinator_id = serializers.UUIDField(required=False)
    guardian_id = serializers.UUIDField(required=False, help_text="For a patient under 18: who consents.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), allow_empty=False, max_length=len(Scope.values)
    )
    subject_type = serializers.CharField(required=False, max_length=30, help_text="Such as `appointment`.")
    subject_id = serializers.UUIDField(required=False)
    starts_at = serializers.DateTimeField(required=False, help_text="Now, when it is not given or past.")
    until = serializers.DateTimeField(required=False)
    text_version = serializers.IntegerField(min_value=1, max_value=999_999)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name, other in (("subject_id", "subject_type"), ("subject_type", "subject_id")):
            if name in attrs and other not in attrs:
                raise serializers.ValidationError({other: [self.fields[other].error_messages["required"]]})
        return attrs


class EmergencyInput(serializers.Serializer):
    """Whose record: `patient_id`, or `email` and `birth_date` together."""

    patient_id = serializers.UUIDField(required=False)
    email = serializers.EmailField(required=False)
    birth_date = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=1000, help_text="In words, at least 20 letters. The patient reads it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "patient_id" not in attrs:
            for name in ("email", "birth_date"):
                if name not in attrs:
                    raise serializers.ValidationError({name: [self.fields[name].error_messages["required"]]})
        return attrs


class EmergencyShown(serializers.Serializer):
    id = serializers.UUIDField()
    patient_id = serializers.UUIDField()
    doctor = Named()
    reason = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    verdict = serializers.ChoiceField(choices=EmergencyAccess.Verdict.choices, allow_blank=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)


class ReaderShown(serializers.Serializer):
    name = serializers.CharField(allow_blank=True)
    role = serializers.CharField()
    institution = serializers.CharField(allow_blank=True)
    is_self = serializers.BooleanField()


class ReadThingShown(serializers.Serializer):
    kind = serializers.CharField()
    label = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField(allow_blank=True, help_text="For the patient's own eyes; otherwise empty.")


class ReadingShown(serializers.Serializer):
    """One person read one thing."""

    at = serializers.DateTimeField()
    reader = ReaderShown()
    what = ReadThingShown()
    act = serializers.ChoiceField(choices=ReadEntry.Act.choices)
    ground = serializers.ChoiceField(choices=ReadEntry.Ground.choices)
    ground_id = serializers.UUIDField(allow_null=True, help_text="The consent, or the emergency access.")
    place = serializers.CharField()
    address = serializers.CharField(
        allow_blank=True, help_text="Of one's own readings, and for platform admins; otherwise empty."
    )


def consent_text(text: ConsentText, language: str) -> dict[str, Any]:
    shown = language if getattr(text, f"body_{language}", "") else "en"
    return {
        "version": text.version,
        "language": shown,
        "text": text.body(shown),
        "published_at": text.published_at,
    }


def consent(row: Mapping[str, Any], *, now: datetime, text: ConsentText | None = None) -> dict[str, Any]:
    shown = {
        name: row[name]
        for name in (
            "id", "patient_id", "grantee", "scopes", "subject_type", "subject_id", "starts_at", "language", "given_at",
            "revoked_at",
        )
    }  # fmt: skip
    shown |= {
        "doctor": _person(row, "doctor"),
        "hospital": _named(row["hospital_id"], row["hospital_name"]),
        "coordinator": _person(row, "coordinator"),
        "guardian": _named(row["guardian_id"], row["guardian__name"]),
        "until": row["ends_at"],
        "text_version": row["text__version"],
        "state": _state(row, now),
    }
    return shown if text is None else shown | {"text": text.body(row["language"])}


def emergency(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "patient_id", "reason", "starts_at", "ends_at", "verdict", "reviewed_at")
    return {name: row[name] for name in names} | {"doctor": _person(row, "doctor")}


def reading(
    row: Mapping[str, Any], reader: User, *, titles: Mapping[UUID, str], institutions: Mapping[UUID, str]
) -> dict[str, Any]:
    """The address says where somebody sits: of staff the patient reads the institution instead."""
    is_self = row["reader_id"] == reader.pk
    names = ("at", "act", "ground", "ground_id", "place")
    return {name: row[name] for name in names} | {
        "reader": {
            "name": _full_name(row, "reader"),
            "role": row["reader_role"],
            "institution": institutions.get(row["reader_id"], ""),
            "is_self": is_self,
        },
        "what": {
            "kind": row["object_type"].partition(".")[2],
            "label": _label(row["object_type"]),
            "id": row["object_id"],
            "title": titles.get(row["object_id"], ""),
        },
        "address": row["address"] if is_self or reader.role == Role.ADMIN else "",
    }


def _label(object_type: str) -> str:
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except LookupError:
        return object_type  # a kind that there is no more; the log outlives it


def _state(row: Mapping[str, Any], now: datetime) -> str:
    if row["revoked_at"]:
        return "revoked"
    if row["is_live"]:
        return "live"
    return "not_begun" if row["starts_at"] > now else "over"


def _full_name(row: Mapping[str, Any], who: str) -> str:
    return f"{row[f'{who}__first_name'] or ''} {row[f'{who}__last_name'] or ''}".strip()


def _named(pk: Any, name: Any) -> dict[str, Any] | None:
    return {"id": pk, "name": name or ""} if pk else None


def _person(row: Mapping[str, Any], who: str) -> dict[str, Any] | None:
    return _named(row[f"{who}_id"], _full_name(row, who)) if row[f"{who}_id"] else None
