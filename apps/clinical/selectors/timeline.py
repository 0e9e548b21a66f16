"""What clinical knows of a patient's care, in time order: records, prescriptions, tests, consents, emergencies.

Each source gives what one reader has sight of, the newest first, in one query; the apps above add theirs, and the whole
is put together on the top floor.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from apps.accounts.models import User
from apps.clinical import querysets
from apps.clinical.models import ConsentGrant, EmergencyAccess, LabResult, LabTest, MedicalRecord, Patient, Prescription
from apps.clinical.workflow import LabTestStatus, PrescriptionStatus
from apps.common.exceptions import Text


class Kind(StrEnum):
    """What an entry is about: the filters of the timeline."""

    APPOINTMENT = "appointment"
    BOOKING = "booking"
    RECORD = "record"
    PRESCRIPTION = "prescription"
    LABORATORY = "laboratory"
    CONSENT = "consent"
    EMERGENCY = "emergency"
    ONBOARDING = "onboarding"


KIND_LABELS: dict[Kind, Text] = {
    Kind.APPOINTMENT: gettext_lazy("Appointments"),
    Kind.BOOKING: gettext_lazy("Treatment bookings"),
    Kind.RECORD: gettext_lazy("Medical records"),
    Kind.PRESCRIPTION: gettext_lazy("Prescriptions"),
    Kind.LABORATORY: gettext_lazy("Laboratory"),
    Kind.CONSENT: gettext_lazy("Consents"),
    Kind.EMERGENCY: gettext_lazy("Emergency accesses"),
    Kind.ONBOARDING: pgettext_lazy("timeline", "Onboarding"),
}

NOTICE: Text = gettext_lazy(
    "This is what the patient has consented to show to you. There may be more; whether there is, nobody is told. "
    "Patients give consent in their app."
)


def notice(reader: User) -> Text:
    """What whoever sees by consent is told of what they do not see. It is the same, whether there is more or not: that
    there is something that the patient keeps to themself would tell too much already."""
    return NOTICE if reader.role in querysets.CONSENTED_TO else ""


@dataclass(frozen=True)
class Mark:
    """A place in the order of time: what comes before it is older."""

    at: datetime
    pk: UUID

    def older(self, column: str) -> Q:
        """Rows whose instant in `column` lies before this place."""
        return Q(**{f"{column}__lt": self.at}) | Q(**{column: self.at, "pk__lt": self.pk})

    def older_days(self, column: str) -> Q:
        """Rows of days: a day without an hour stands at its beginning."""
        day = self.at.astimezone(UTC).date()
        if self.at > day_begins(day):
            return Q(**{f"{column}__lte": day})
        return Q(**{f"{column}__lt": day}) | Q(**{column: day, "pk__lt": self.pk})


@dataclass(frozen=True)
class Entry:
    """One thing that happened, or is to happen. `on` is given where only the day is known; then `at` is its beginning
    in UTC. `zone` is the place where the hour was agreed. `row` is what it was read from, for the log of readings."""

    at: datetime
    kind: Kind
    event: str
    title: str
    row: Any
    on: date | None = None
    zone: str = ""
    details: tuple[str, ...] = ()
    status: str = ""
    status_label: str = ""
    #: The colour of the status: success, warning, danger, info, or none.
    tone: str = ""
    #: Whether opening the row tells something of the record, so that showing it is logged.
    is_record: bool = False
    mark: Mark = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mark", Mark(self.at, self.row.pk))


#: Gives entries of one patient that a reader has sight of, older than a place, at most so many, newest first.
Source = Callable[[UUID, User, datetime, Mark | None, int], list[Entry]]


def day_begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def newest(rows: QuerySet, column: str, before: Mark | None, limit: int) -> Iterable[Any]:
    """The rows before a place in time, newest first, by the index of (patient, column)."""
    older = rows.filter(before.older(column)) if before else rows
    return older.order_by(f"-{column}", "-pk")[:limit]


def records(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    """Current versions, and those that were entered in error, which are told as such."""
    rows = MedicalRecord.objects.visible_to(reader).filter(patient=patient_id).exclude(status="superseded")
    if before:
        rows = rows.filter(before.older_days("recorded_on"))
    rows = rows.with_ground(reader).annotate(file_count=Count("files", distinct=True))
    return [_record(row) for row in rows.order_by("-recorded_on", "-pk")[:limit]]


def _record(row: Any) -> Entry:
    is_error = row.status == MedicalRecord.Status.ERROR
    details = [row.get_type_display()]
    if row.file_count:
        details.append(ngettext("%(count)s file", "%(count)s files", row.file_count) % {"count": row.file_count})
    if not row.is_shared:
        details.append(_("The patient keeps it to themself"))
    return Entry(
        at=day_begins(row.recorded_on),
        on=row.recorded_on,
        kind=Kind.RECORD,
        event="record",
        title=row.title,
        details=tuple(details),
        status=row.status if is_error else "",
        status_label=row.get_status_display() if is_error else "",
        tone="danger" if is_error else "",
        row=row,
        is_record=True,
    )


PRESCRIPTION_TONES = {
    PrescriptionStatus.DRAFT: "",
    PrescriptionStatus.SIGNED: "success",
    PrescriptionStatus.DISPENSED: "info",
    PrescriptionStatus.VOID: "danger",
}


def prescriptions(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    rows = Prescription.objects.visible_to(reader).filter(patient=patient_id).select_related("doctor__user", "hospital")
    rows = rows.with_ground(reader).annotate(medicine_count=Count("medications", distinct=True))
    return [
        Entry(
            at=row.created_at,
            kind=Kind.PRESCRIPTION,
            event="prescription",
            title=_("Prescription %(number)s") % {"number": row.number},
            details=(
                ngettext("%(count)s medicine", "%(count)s medicines", row.medicine_count)
                % {"count": row.medicine_count},
                *_names(row.doctor, row.hospital),
            ),
            status=row.status,
            status_label=row.get_status_display(),
            tone=PRESCRIPTION_TONES.get(row.status, ""),
            zone=row.hospital.time_zone if row.hospital else "",
            row=row,
            is_record=True,
        )
        for row in newest(rows, "created_at", before, limit)
    ]


TEST_TONES = {
    LabTestStatus.RESULT_READY: "warning",
    LabTestStatus.REVIEWED: "success",
    LabTestStatus.CANCELLED: "danger",
}


def lab_tests(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    """When a test was asked for, with what has become of it."""
    rows = LabTest.objects.visible_to(reader).filter(patient=patient_id).with_ground(reader)
    rows = rows.select_related("doctor__user", "laboratory__hospital")
    return [
        Entry(
            at=row.created_at,
            kind=Kind.LABORATORY,
            event="test_requested",
            title=_("Test requested: %(name)s") % {"name": row.name},
            details=(row.number, *_names(row.doctor, row.laboratory)),
            status=row.status,
            status_label=row.get_status_display(),
            tone=TEST_TONES.get(row.status, "info"),
            zone=row.laboratory.hospital.time_zone,
            row=row,
            is_record=True,
        )
        for row in newest(rows, "created_at", before, limit)
    ]


def lab_results(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    """When a result came; one that was corrected stays, and is told as replaced."""
    rows = LabResult.objects.visible_to(reader).filter(lab_test__patient=patient_id)
    rows = rows.select_related("lab_test__laboratory__hospital")
    return [_result(row) for row in newest(rows, "reported_at", before, limit)]


def _result(row: Any) -> Entry:
    title = _("Result corrected: %(name)s") if row.version > 1 else _("Result: %(name)s")
    if not row.is_current:
        status, label, tone = "superseded", pgettext("laboratory result", "Replaced by a correction"), ""
    elif row.is_critical:
        status, label, tone = "critical", pgettext("laboratory result", "Critical"), "danger"
    else:
        status, label, tone = "", "", ""
    return Entry(
        at=row.reported_at,
        kind=Kind.LABORATORY,
        event="result",
        title=title % {"name": row.lab_test.name},
        details=(row.lab_test.number, str(row.lab_test.laboratory)),
        status=status,
        status_label=label,
        tone=tone,
        zone=row.lab_test.laboratory.hospital.time_zone,
        row=row,
        is_record=True,
    )


def consents_given(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    rows = _grants(patient_id, reader)
    return [
        Entry(
            at=row.given_at,
            kind=Kind.CONSENT,
            event="consent_given",
            title=_("Consent given: %(grantee)s") % {"grantee": grantee(row)},
            details=_scopes(row),
            status="over" if row.ends_at and row.ends_at <= now else "",
            status_label=pgettext("consent", "Over") if row.ends_at and row.ends_at <= now else "",
            row=row,
        )
        for row in newest(rows, "given_at", before, limit)
    ]


def consents_revoked(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    rows = _grants(patient_id, reader).filter(revoked_at__isnull=False)
    return [
        Entry(
            at=row.revoked_at,
            kind=Kind.CONSENT,
            event="consent_revoked",
            title=_("Consent revoked: %(grantee)s") % {"grantee": grantee(row)},
            details=_scopes(row),
            tone="warning",
            row=row,
        )
        for row in newest(rows, "revoked_at", before, limit)
    ]


def _grants(patient_id: UUID, reader: User) -> QuerySet:
    rows = ConsentGrant.objects.visible_to(reader).filter(patient=patient_id)
    return rows.select_related("doctor__user", "hospital", "coordinator")


def grantee(row: ConsentGrant) -> str:
    """Whom a consent was given to, by name; of Medivoy's coordinators, as a body."""
    return str(row.doctor or row.hospital or row.coordinator or row.get_grantee_display())


def scope_labels(row: ConsentGrant) -> list[str]:
    """What a consent opens, in words, in the order of the choices."""
    choices: Any = row._meta.get_field("scopes").base_field.flatchoices  # type: ignore[union-attr]
    return [str(label) for value, label in choices if value in row.scopes]


def _scopes(row: ConsentGrant) -> tuple[str, ...]:
    labels = scope_labels(row)
    everything = len(labels) == len(row._meta.get_field("scopes").base_field.flatchoices)  # type: ignore[union-attr]
    return (pgettext("consent", "Everything that may be shared"),) if everything else tuple(labels)


def emergencies(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    rows = EmergencyAccess.objects.visible_to(reader).filter(patient=patient_id).select_related("doctor__user")
    tones = {"justified": "success", "not_justified": "danger", "": "warning"}
    return [
        Entry(
            at=row.starts_at,
            kind=Kind.EMERGENCY,
            event="emergency",
            title=_("Emergency access: %(doctor)s") % {"doctor": row.doctor},
            details=(row.reason,),
            status=row.verdict or "to_review",
            status_label=row.get_verdict_display() if row.verdict else pgettext("emergency access", "To be reviewed"),
            tone=tones[row.verdict],
            row=row,
        )
        for row in newest(rows, "starts_at", before, limit)
    ]


def onboarding(patient_id: UUID, reader: User, now: datetime, before: Mark | None, limit: int) -> list[Entry]:
    """The day on which the patient first said what is to be known of them."""
    rows = Patient.objects.visible_to(reader).filter(pk=patient_id, onboarded_at__isnull=False)
    return [
        Entry(
            at=row.onboarded_at,
            kind=Kind.ONBOARDING,
            event="onboarding",
            title=_("Medical information given"),
            tone="success",
            row=row,
        )
        for row in newest(rows, "onboarded_at", before, limit)
    ]


def _names(*rows: Any) -> tuple[str, ...]:
    return tuple(str(row) for row in rows if row is not None)


SOURCES: tuple[tuple[Kind, Source], ...] = (
    (Kind.RECORD, records),
    (Kind.PRESCRIPTION, prescriptions),
    (Kind.LABORATORY, lab_tests),
    (Kind.LABORATORY, lab_results),
    (Kind.CONSENT, consents_given),
    (Kind.CONSENT, consents_revoked),
    (Kind.EMERGENCY, emergencies),
    (Kind.ONBOARDING, onboarding),
)
