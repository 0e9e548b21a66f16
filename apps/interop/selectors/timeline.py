"""A patient's care in time order, from what each app offers, as far as one reader has sight of it.

What a reader has no sight of is not counted either: that there is a record that the patient keeps to themself is told
to nobody.
"""

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings.selectors import timeline as bookings
from apps.clinical import services as clinical_services
from apps.clinical.models import LabResult, LabTest, Patient
from apps.clinical.selectors import timeline as clinical
from apps.clinical.selectors.timeline import Entry, Kind, Mark
from apps.common.exceptions import Invalid, NotFound, Text

SOURCES = (*bookings.SOURCES, *clinical.SOURCES)
PAGE, MOST = 50, 500


@dataclass(frozen=True)
class Timeline:
    """One page. `older` is where the next page begins, None at the beginning of everything."""

    patient: Patient
    entries: list[Entry]
    older: str | None
    notice: Text


def timeline(
    patient_id: UUID,
    *,
    reader: User,
    now: datetime,
    act: str,
    place: str,
    kind: str = "",
    before: str = "",
    limit: int = PAGE,
) -> Timeline:
    """A page of the timeline, newest first; what it shows of the record is in the log of readings when this returns.

    A constant number of queries. Raises NotFound for a patient whom the reader does not see, Invalid for a `kind` or a
    `before` that there is not.
    """
    wanted = _kind(kind)
    start = _mark(before)
    patient = Patient.objects.visible_to(reader).filter(pk=patient_id).select_related("user").first()
    if patient is None:
        raise NotFound()
    found = [
        source(patient_id, reader, now, start, limit + 1)
        for source_kind, source in SOURCES
        if wanted is None or source_kind == wanted
    ]
    merged = list(heapq.merge(*found, key=lambda entry: (entry.mark.at, entry.mark.pk), reverse=True))
    entries = merged[:limit]
    _log(entries, reader=reader, act=act, place=place)
    older = _written(entries[-1].mark) if len(merged) > limit else None
    return Timeline(patient, entries, older, clinical.notice(reader))


def _kind(given: str) -> Kind | None:
    if not given:
        return None
    try:
        return Kind(given)
    except ValueError as error:
        known = ", ".join(Kind)
        raise Invalid(errors={"kind": [_("Choose one of: %(names)s.") % {"names": known}]}) from error


def _written(mark: Mark) -> str:
    return f"{mark.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}~{mark.pk.hex}"


def _mark(given: str) -> Mark | None:
    """A place in time as a page before has named it."""
    if not given:
        return None
    at, _tilde, pk = given.partition("~")
    try:
        instant, place = parse_datetime(at), UUID(hex=pk)
        if instant is None or instant.tzinfo is None:
            raise ValueError
        return Mark(instant.astimezone(UTC), place)
    except (ValueError, OverflowError) as error:  # the first hours of the year 1 are in no year in UTC
        raise Invalid(errors={"before": [_("Give back what the page before named as “older”.")]}) from error


def _log(entries: list[Entry], *, reader: User, act: str, place: str) -> None:
    """A result is read on the ground on which its test is."""
    rows: list[Any] = [entry.row for entry in entries if entry.is_record]
    results: list[Any] = [row for row in rows if isinstance(row, LabResult)]
    if results:
        tests = LabTest.objects.visible_to(reader).filter(pk__in={row.lab_test_id for row in results})
        grounds: dict[UUID, Any] = {test.pk: test for test in tests.with_ground(reader)}
        for row in results:
            test = grounds.get(row.lab_test_id)
            if test is None:  # the ground has gone since the rows were read
                raise NotFound()
            row.patient_id, row.ground, row.ground_id = test.patient_id, test.ground, test.ground_id
    clinical_services.log_readings(rows, reader=reader, act=act, place=place)
