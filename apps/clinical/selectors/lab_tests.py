"""Reads of laboratory tests: plain rows with how their result stands, and one test with everything in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils import translation

from apps.accounts.models import User
from apps.clinical import exceptions, rules
from apps.clinical.models import LabResult, LabTest, LabTestEvent, LabValue
from apps.common import texts
from apps.common.exceptions import DomainError, NotFound, raise_if
from apps.common.workflow import Edge
from apps.media import rules as media_rules
from apps.media.models import StoredFile

PATHS = (
    "id", "number", "status", "priority", "name", "code", "instructions", "patient_id", "patient__user__first_name",
    "patient__user__last_name", "doctor_id", "doctor__first_name", "doctor__last_name", "doctor__user_id",
    "laboratory_id", "laboratory__hospital_id", "laboratory__hospital__time_zone", "subject_type", "subject_id",
    "scheduled_at", "sampled_at", "released_at", "cancellation_reason", "created_at", "updated_at", "ground",
    "ground_id",
)  # fmt: skip


@dataclass(frozen=True)
class LabTestPage:
    """One test with its results, the newest version first, its moves, and what its reader may do with it now."""

    row: dict[str, Any]
    results: Sequence[dict[str, Any]]
    events: Sequence[dict[str, Any]]
    moves: Sequence[tuple[Edge, DomainError | None]]


def lab_test_rows(tests: Any, reader: User) -> QuerySet[Any, dict[str, Any]]:
    """Plain rows with all that a list shows, names in the active language, and the ground of the reading."""
    current = LabResult.objects.current().filter(lab_test=OuterRef("pk")).order_by()
    stands = JSONObject(
        version="version", reported_at="reported_at", is_critical="is_critical", acknowledged_at="acknowledged_at"
    )
    return tests.with_ground(reader).values(
        *PATHS,
        doctor_title=_in_language("doctor__title"),
        laboratory_name=_in_language("laboratory__name"),
        laboratory_city=_in_language("laboratory__city"),
        result=Subquery(current.values(stands=stands)[:1]),
    )


def lab_test_page(test_id: UUID, *, reader: User) -> LabTestPage:
    """A test that the reader sees, with results as far as they may read them: four queries. Raises NotFound."""
    row = lab_test_rows(LabTest.objects.visible_to(reader).filter(pk=test_id), reader).first()
    if row is None:
        raise NotFound()
    events: Any = LabTestEvent.objects.filter(lab_test=test_id).order_by("at", "id")
    may_read = rules.may_read_result(reader.role, row["released_at"])
    return LabTestPage(
        row=row,
        results=_results(test_id) if may_read else [],
        events=list(events.values("at", "from_status", "to_status", "note", "by__role")),
        moves=moves_of(row, reader),
    )


def moves_of(row: dict[str, Any], reader: User) -> list[tuple[Edge, DomainError | None]]:
    """The moves that the reader's role has from the present status, each with what stands against it now."""
    if not rules.may_act_on_test(reader.role, row["ground"]):
        return []
    result = row["result"] or {}
    return [
        (
            edge,
            rules.why_not_move_test(
                row["status"],
                edge.to,
                role=reader.role,
                is_requester=row["doctor__user_id"] == reader.pk,
                released_at=row["released_at"],
                needs_acknowledgement=bool(result.get("is_critical")) and not result.get("acknowledged_at"),
            ),
        )
        for edge in LabTest.workflow.moves_from(row["status"], reader.role)
    ]


def result_file(test_id: UUID, version: int, *, reader: User) -> tuple[LabTest, StoredFile]:
    """The report of one version, and its test with the ground of the reading. Raises NotFound, NoResultFile, and what
    media says of a file that waits for the scanner."""
    test = LabTest.objects.visible_to(reader).with_ground(reader).filter(pk=test_id).first()
    results = LabResult.objects.visible_to(reader).filter(lab_test=test_id, version=version)
    result = results.select_related("file").first()
    if test is None or result is None:
        raise NotFound()
    if result.file is None:
        raise exceptions.NoResultFile()
    raise_if(media_rules.why_not_use(result.file))
    return test, result.file


def _results(test_id: UUID) -> list[dict[str, Any]]:
    results = LabResult.objects.filter(lab_test=test_id).order_by("-version")
    rows = list(
        results.values(
            "id", "version", "is_current", "file_id", "file__size", "file__content_type", "file__scan", "comment",
            "correction_reason", "reported_at", "is_critical", "acknowledged_at", "acknowledged_by__first_name",
            "acknowledged_by__last_name",
        )
    )  # fmt: skip
    values: dict[UUID, list[LabValue]] = {row["id"]: [] for row in rows}
    for value in LabValue.objects.filter(result__lab_test=test_id).order_by("position"):
        values[value.result_id].append(value)
    return [row | {"values": values[row["id"]]} for row in rows]


def _in_language(path: str) -> Any:
    """A translated column in the language that is active now, in English where that is missing."""
    language = translation.get_language() or texts.SOURCE
    wanted = [NullIf(F(f"{path}_{code}"), Value("")) for code in dict.fromkeys((language, texts.SOURCE))]
    return Coalesce(*wanted, Value(""), output_field=TextField())
