"""The statuses of prescriptions and laboratory tests, and every move between them, with who may make it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.exceptions import Text
from apps.common.workflow import Edge, Workflow


class PrescriptionStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("prescription", "Draft")
    SIGNED = "signed", pgettext_lazy("prescription", "Signed")
    DISPENSED = "dispensed", pgettext_lazy("prescription", "Dispensed")
    VOID = "void", pgettext_lazy("prescription", "Void")


_DOCTOR = frozenset({Role.DOCTOR})
_DISPENSERS = frozenset({Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.ADMIN})

PRESCRIPTION = Workflow(
    PrescriptionStatus,
    {
        PrescriptionStatus.DRAFT: [
            Edge(PrescriptionStatus.SIGNED, _DOCTOR, _("Sign")),
            Edge(PrescriptionStatus.VOID, _DOCTOR, _("Discard")),
        ],
        PrescriptionStatus.SIGNED: [
            Edge(PrescriptionStatus.DISPENSED, _DISPENSERS, _("Mark as dispensed")),
            Edge(PrescriptionStatus.VOID, _DOCTOR, _("Declare void")),
        ],
    },
)


class LabTestStatus(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("laboratory test", "Requested")
    SCHEDULED = "scheduled", pgettext_lazy("laboratory test", "Scheduled")
    SAMPLE_TAKEN = "sample_taken", pgettext_lazy("laboratory test", "Sample taken")
    IN_PROGRESS = "in_progress", pgettext_lazy("laboratory test", "In progress")
    RESULT_READY = "result_ready", pgettext_lazy("laboratory test", "Result ready")
    REVIEWED = "reviewed", pgettext_lazy("laboratory test", "Reviewed")
    CANCELLED = "cancelled", pgettext_lazy("laboratory test", "Cancelled")


_LABORATORY = frozenset({Role.HOSPITAL_ADMIN, Role.ADMIN})
_REQUESTERS = frozenset({Role.DOCTOR, Role.ADMIN})

_CANCEL = Edge(LabTestStatus.CANCELLED, _REQUESTERS, _("Cancel"))
_SAMPLE = Edge(LabTestStatus.SAMPLE_TAKEN, _LABORATORY, _("Sample taken"))
_RESULT = Edge(LabTestStatus.RESULT_READY, _LABORATORY, _("Report the result"))
#: A correction asks for another look, also of what was reviewed.
_CORRECTION = Edge(LabTestStatus.RESULT_READY, _LABORATORY, _("Correct the result"))

LAB_TEST = Workflow(
    LabTestStatus,
    {
        LabTestStatus.REQUESTED: [
            Edge(LabTestStatus.SCHEDULED, _LABORATORY | _REQUESTERS, _("Schedule")),
            _SAMPLE,
            _CANCEL,
        ],
        LabTestStatus.SCHEDULED: [_SAMPLE, _CANCEL],
        LabTestStatus.SAMPLE_TAKEN: [
            Edge(LabTestStatus.IN_PROGRESS, _LABORATORY, _("Begin the analysis")),
            _RESULT,
            _CANCEL,
        ],
        LabTestStatus.IN_PROGRESS: [_RESULT, _CANCEL],
        LabTestStatus.RESULT_READY: [Edge(LabTestStatus.REVIEWED, _DOCTOR, _("Reviewed")), _CORRECTION],
        LabTestStatus.REVIEWED: [
            Edge(LabTestStatus.REVIEWED, _REQUESTERS, _("Release to the patient")),
            _CORRECTION,
        ],
    },
)

#: Moves that leave the status, or come back to it, are not told by the status alone.
_LAB_EVENTS = {
    (LabTestStatus.RESULT_READY, LabTestStatus.RESULT_READY): _("Result corrected"),
    (LabTestStatus.REVIEWED, LabTestStatus.RESULT_READY): _("Result corrected"),
    (LabTestStatus.REVIEWED, LabTestStatus.REVIEWED): _("Released to the patient"),
}


def lab_event_label(from_status: str, to_status: str) -> Text:
    """What a move of a test is called in its history."""
    to = LabTestStatus(to_status)
    return _LAB_EVENTS.get((LabTestStatus(from_status), to), to.label) if from_status else to.label
