"""The tables of a patient's page: what clinical keeps of them."""

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.clinical.models import (
    ConsentGrant,
    EmergencyAccess,
    LabTest,
    MedicalRecord,
    Prescription,
    ReadEntry,
)
from apps.clinical.selectors import timeline

from . import shown, tabs

_RECORD_TONES = {"current": "success", "superseded": "", "entered_in_error": "danger"}


def day(value: Any) -> str:
    return formats.date_format(value) if value else ""


def moment(value: Any) -> str:
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""


tabs.register_table(
    tabs.Table(
        "records",
        _("Medical records"),
        "description",
        MedicalRecord,
        columns=(
            (_("title"), lambda row: row.title),
            (_("type"), lambda row: row.get_type_display()),
            (_("day of the examination"), lambda row: day(row.recorded_on)),
            (_("uploaded by"), lambda row: row.uploaded_by),
            (_("status"), lambda row: tabs.Cell(row.get_status_display(), _RECORD_TONES[row.status])),
        ),
        narrowed=lambda rows: rows.exclude(status="superseded"),
        related=("uploaded_by",),
        ordering=("-recorded_on", "-id"),
    ),
    place=20,
)
tabs.register_table(
    tabs.Table(
        "prescriptions",
        _("Prescriptions"),
        "prescriptions",
        Prescription,
        columns=(
            (_("number"), lambda row: row.number),
            (_("doctor"), lambda row: row.doctor),
            (_("signed at"), lambda row: moment(row.signed_at)),
            (_("valid until"), lambda row: day(row.valid_until)),
            (_("status"), lambda row: tabs.Cell(row.get_status_display(), timeline.PRESCRIPTION_TONES[row.status])),
        ),
        related=("doctor__user",),
        ordering=("-created_at", "-id"),
    ),
    place=30,
)
tabs.register_table(
    tabs.Table(
        "lab-tests",
        _("Laboratory tests"),
        "labs",
        LabTest,
        columns=(
            (_("number"), lambda row: row.number),
            (_("what is to be examined"), lambda row: row.name),
            (_("laboratory"), lambda row: row.laboratory),
            (_("asked for at"), lambda row: moment(row.created_at)),
            (_("status"), lambda row: tabs.Cell(row.get_status_display(), timeline.TEST_TONES.get(row.status, "info"))),
        ),
        related=("laboratory",),
        ordering=("-created_at", "-id"),
    ),
    place=40,
)
tabs.register_table(
    tabs.Table(
        "consents",
        _("Consents"),
        "verified_user",
        ConsentGrant,
        columns=(
            (_("given to"), timeline.grantee),
            (_("what it opens"), shown.scopes),
            (_("given at"), lambda row: moment(row.given_at)),
            (_("until"), shown.until),
            (pgettext_lazy("consent", "state"), lambda row: tabs.Cell(*shown.state(row, timezone.now()))),
        ),
        narrowed=lambda rows: rows.with_liveness(timezone.now()),
        related=("doctor__user", "hospital", "coordinator"),
        ordering=("-given_at", "-id"),
        is_record=False,
        empty=_("No consent that concerns you has been given."),
    ),
    place=50,
)
tabs.register_table(
    tabs.Table(
        "emergencies",
        _("Emergency accesses"),
        "e911_emergency",
        EmergencyAccess,
        columns=(
            (_("doctor"), lambda row: row.doctor),
            (_("from"), lambda row: moment(row.starts_at)),
            (_("until"), lambda row: moment(row.ends_at)),
            (_("verdict"), lambda row: tabs.Cell(*shown.verdict(row))),
        ),
        related=("doctor__user",),
        ordering=("-starts_at", "-id"),
        is_record=False,
        empty=_("No doctor has opened this record in an emergency."),
    ),
    place=70,
)
tabs.register_table(
    tabs.Table(
        "read-log",
        _("Read log"),
        "visibility",
        ReadEntry,
        columns=(
            (_("at"), lambda row: moment(row.at)),
            (_("read by"), lambda row: row.reader or "–"),
            (_("what"), lambda row: shown.kind_of(row.object_type)),
            (_("act"), lambda row: row.get_act_display()),
            (_("ground"), lambda row: row.get_ground_display()),
        ),
        related=("reader",),
        ordering=("-id",),
        is_record=False,
        empty=_("Nobody has read this record yet."),
    ),
    place=80,
)
