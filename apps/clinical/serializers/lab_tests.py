"""Laboratory tests and results: what is read and answered.

Beside each answer's shape stands the function that fills it from plain rows.
"""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.accounts.models import User
from apps.clinical import rules, selectors, workflow
from apps.clinical.models import LabTest, LabValue
from apps.clinical.workflow import LabTestStatus
from apps.common.api.shapes import Named
from apps.common.exceptions import DomainError
from apps.media.models import Scan

SUBJECT = "appointment"
MAX_NOTE, MAX_REASON, MAX_INSTRUCTIONS, MAX_COMMENT, MAX_VERSION = 1_000, 500, 2_000, 4_000, 32_767
LIMITS = ("low", "high", "critical_low", "critical_high")


class LaboratoryOfTest(Named):
    city = serializers.CharField()


class LabTestSummary(serializers.Serializer):
    """A test in a list: what was asked for and how far it has come. What was found stands on its page."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=LabTestStatus.choices)
    status_label = serializers.CharField()
    priority = serializers.ChoiceField(choices=LabTest.Priority.choices)
    name = serializers.CharField()
    code = serializers.CharField(allow_blank=True, help_text="LOINC, where it is known.")
    instructions = serializers.CharField(allow_blank=True)
    patient = Named()
    doctor = Named(allow_null=True)
    laboratory = LaboratoryOfTest()
    appointment_id = serializers.UUIDField(allow_null=True)
    scheduled_at = serializers.DateTimeField(allow_null=True)
    sampled_at = serializers.DateTimeField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    reported_at = serializers.DateTimeField(allow_null=True)
    is_critical = serializers.BooleanField(
        allow_null=True, help_text="Null while there is no result, and for those who may not read it yet."
    )
    needs_acknowledgement = serializers.BooleanField()
    cancellation_reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class LabValueShown(serializers.Serializer):
    """A measured value and the range that the laboratory holds for normal. Numbers are decimals, as text."""

    name = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    number = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_blank=True, help_text="A value that is no number.")
    unit = serializers.CharField(allow_blank=True)
    low = serializers.CharField(allow_null=True)
    high = serializers.CharField(allow_null=True)
    critical_low = serializers.CharField(allow_null=True)
    critical_high = serializers.CharField(allow_null=True)
    flag = serializers.ChoiceField(choices=LabValue.Flag.choices, allow_blank=True)
    flag_label = serializers.CharField()


class LabFileShown(serializers.Serializer):
    size = serializers.IntegerField()
    content_type = serializers.CharField()
    is_ready = serializers.BooleanField(help_text="Whether `GET .../results/{version}/download` gives a link.")


class LabResultShown(serializers.Serializer):
    """One version of the result. What a correction replaced stays readable, with `is_current` false."""

    version = serializers.IntegerField()
    is_current = serializers.BooleanField()
    comment = serializers.CharField(allow_blank=True)
    correction_reason = serializers.CharField(allow_blank=True, help_text="Why it replaced the version before.")
    reported_at = serializers.DateTimeField()
    is_critical = serializers.BooleanField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(allow_null=True)
    file = LabFileShown(allow_null=True)
    values = LabValueShown(many=True)


class LabEventShown(serializers.Serializer):
    at = serializers.DateTimeField()
    from_status = serializers.ChoiceField(choices=LabTestStatus.choices, allow_blank=True)
    to_status = serializers.ChoiceField(choices=LabTestStatus.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    by_role = serializers.CharField(allow_null=True)
    note = serializers.CharField(allow_null=True, help_text="Null for those who may not read it.")


class LabMoveShown(serializers.Serializer):
    """A move that the reader's role has from the present status, and what stands against it now."""

    to = serializers.ChoiceField(choices=LabTestStatus.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    is_possible = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    why_not = serializers.CharField(allow_null=True)


class LabTestDetail(LabTestSummary):
    """A test with its results, newest first: none for a patient before the release."""

    is_withheld = serializers.BooleanField(help_text="There is a result, and the reader gets it after its release.")
    results = LabResultShown(many=True)
    events = LabEventShown(many=True)
    moves = LabMoveShown(many=True)


class LabFileLink(serializers.Serializer):
    url = serializers.URLField(help_text="Works for some minutes, for whoever has it.")
    content_type = serializers.CharField()
    size = serializers.IntegerField()


def lab_test(row: dict[str, Any], reader: User) -> dict[str, Any]:
    """The answer of LabTestSummary, from a row of `selectors.lab_test_rows`."""
    result = row["result"] if rules.may_read_result(reader.role, row["released_at"]) else None
    plain = (
        "id", "number", "status", "priority", "name", "code", "instructions", "scheduled_at", "sampled_at",
        "released_at", "cancellation_reason", "created_at", "updated_at",
    )  # fmt: skip
    doctor = f"{row['doctor_title']} {row['doctor__first_name']} {row['doctor__last_name']}".strip()
    return {
        **{name: row[name] for name in plain},
        "status_label": LabTestStatus(row["status"]).label,
        "patient": {
            "id": row["patient_id"],
            "name": f"{row['patient__user__first_name']} {row['patient__user__last_name']}".strip(),
        },
        "doctor": {"id": row["doctor_id"], "name": doctor} if row["doctor_id"] else None,
        "laboratory": {
            "id": row["laboratory_id"],
            "name": row["laboratory_name"],
            "city": row["laboratory_city"],
        },
        "appointment_id": row["subject_id"] if row["subject_type"] == SUBJECT else None,
        "reported_at": result["reported_at"] if result else None,
        "is_critical": result["is_critical"] if result else None,
        "needs_acknowledgement": bool(result and result["is_critical"] and not result["acknowledged_at"]),
    }


def lab_test_detail(page: selectors.LabTestPage, reader: User) -> dict[str, Any]:
    """The answer of LabTestDetail."""
    is_readable = rules.may_read_result(reader.role, page.row["released_at"])
    return {
        **lab_test(page.row, reader),
        "is_withheld": page.row["result"] is not None and not is_readable,
        "results": [_result(result) for result in page.results],
        "events": [_event(event, reader) for event in page.events],
        "moves": [{"to": edge.to, "label": str(edge.verb), **_refusal(refusal)} for edge, refusal in page.moves],
    }


def _result(row: dict[str, Any]) -> dict[str, Any]:
    plain = (
        "version", "is_current", "comment", "correction_reason", "reported_at", "is_critical", "acknowledged_at",
    )  # fmt: skip
    file = None
    if row["file_id"]:
        is_ready = row["file__scan"] not in {Scan.WAITING, Scan.INFECTED}
        file = {"size": row["file__size"], "content_type": row["file__content_type"], "is_ready": is_ready}
    by = f"{row['acknowledged_by__first_name']} {row['acknowledged_by__last_name']}".strip()
    return {
        **{name: row[name] for name in plain},
        "acknowledged_by": by if row["acknowledged_at"] else None,
        "file": file,
        "values": [_value(value) for value in row["values"]],
    }


def _value(value: LabValue) -> dict[str, Any]:
    return {
        **{name: getattr(value, name) for name in ("name", "code", "text", "unit", "flag")},
        **{name: plain_number(getattr(value, name)) for name in ("number", *LIMITS)},
        "flag_label": str(value.get_flag_display()),
    }


def plain_number(number: Decimal | None) -> str | None:
    """Without the zeros that a column has and nobody measured, and never as 1E+2."""
    return None if number is None else f"{number.normalize():f}"


def _event(event: dict[str, Any], reader: User) -> dict[str, Any]:
    return {
        "at": event["at"],
        "from_status": event["from_status"],
        "to_status": event["to_status"],
        "label": str(workflow.lab_event_label(event["from_status"], event["to_status"])),
        "by_role": event["by__role"],
        "note": event["note"] if rules.may_read_notes_of_test(reader.role) else None,
    }


def _refusal(refusal: DomainError | None) -> dict[str, Any]:
    return {
        "is_possible": refusal is None,
        "code": refusal.code if refusal else None,
        "why_not": refusal.text if refusal else None,
    }


# --- inputs ---


def _code() -> serializers.RegexField:
    return serializers.RegexField(
        r"^[0-9]{1,7}-[0-9]$", max_length=20, required=False, allow_blank=True, help_text="LOINC, such as 2823-3."
    )


def _decimal(help_text: str) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=LabValue.MAX_DIGITS, decimal_places=LabValue.DECIMAL_PLACES, required=False, allow_null=True,
        help_text=help_text,
    )  # fmt: skip


class RequestLabTestInput(serializers.Serializer):
    """A doctor asks for a test of a patient in their care; a platform admin says for which doctor."""

    patient_id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    name = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="May be left out for a code that is known here."
    )
    code = _code()
    instructions = serializers.CharField(max_length=MAX_INSTRUCTIONS, required=False, allow_blank=True)
    priority = serializers.ChoiceField(choices=LabTest.Priority.choices, default=LabTest.Priority.ROUTINE)
    doctor_id = serializers.UUIDField(required=False, help_text="For platform admins: the doctor who asks.")
    appointment_id = serializers.UUIDField(required=False, help_text="By which the doctor cares for the patient.")


class ChangeLabTestInput(serializers.Serializer):
    """What changes; what is not named stays. `scheduled_at` alone plans the sample, or plans it anew."""

    status = serializers.ChoiceField(choices=[(s.value, s.label) for s in rules.PLAIN_MOVES], required=False)
    scheduled_at = serializers.DateTimeField(required=False)
    sampled_at = serializers.DateTimeField(required=False, help_text="With `sample_taken`: when, if not now.")
    instructions = serializers.CharField(max_length=MAX_INSTRUCTIONS, required=False, allow_blank=True)
    priority = serializers.ChoiceField(choices=LabTest.Priority.choices, required=False)
    note = serializers.CharField(max_length=MAX_NOTE, required=False, allow_blank=True)


class CancelLabTestInput(serializers.Serializer):
    reason = serializers.CharField(max_length=MAX_REASON, required=False, allow_blank=True, default="")


class LabValueInput(serializers.Serializer):
    """A value as a number or in words. Flags are computed: a value on a limit is within it."""

    name = serializers.CharField(max_length=200)
    code = _code()
    number = _decimal("The value.")
    text = serializers.CharField(max_length=200, required=False, allow_blank=True)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    low = _decimal("Normal from.")
    high = _decimal("Normal to.")
    critical_low = _decimal("Critical below.")
    critical_high = _decimal("Critical above.")
    is_abnormal = serializers.BooleanField(
        required=False, allow_null=True, help_text="Of what has no range: whether the laboratory finds it abnormal."
    )


class ReportResultInput(serializers.Serializer):
    """Values, a file, or both. With `corrects_version` and a reason it replaces what stands."""

    values = LabValueInput(many=True, required=False, max_length=rules.MAX_VALUES)  # type: ignore[assignment]
    file_id = serializers.UUIDField(required=False, help_text="Of `POST /upload/medical-record`.")
    comment = serializers.CharField(max_length=MAX_COMMENT, required=False, allow_blank=True)
    is_critical = serializers.BooleanField(required=False, help_text="Of what no range tells, such as a report.")
    corrects_version = serializers.IntegerField(required=False, min_value=1, max_value=MAX_VERSION)
    correction_reason = serializers.CharField(max_length=MAX_REASON, required=False, allow_blank=True)


class AcknowledgeResultInput(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=MAX_VERSION, help_text="The one that you have seen.")


class ReviewResultInput(serializers.Serializer):
    version = serializers.IntegerField(min_value=1, max_value=MAX_VERSION, help_text="The one that you have seen.")
    release = serializers.BooleanField(default=True, help_text="Whether the patient gets the result with it.")
    note = serializers.CharField(max_length=MAX_NOTE, required=False, allow_blank=True)
