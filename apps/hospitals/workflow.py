"""Statuses of verification and affiliation, and the moves between them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow


class Verification(models.TextChoices):
    PENDING = "pending", _("Waiting for verification")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class AffiliationStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    ACTIVE = "active", _("Active")
    REJECTED = "rejected", _("Rejected")
    ENDED = "ended", _("Ended")


class Awaiting(models.TextChoices):
    """Whose word a waiting affiliation lacks."""

    DOCTOR = "doctor", _("The doctor's word")
    HOSPITAL = "hospital", _("The hospital's word")
    VERIFICATION = "verification", _("The doctor's verification")


_ADMIN = frozenset({Role.ADMIN})
_ADMIN_OR_HOSPITAL = frozenset({Role.ADMIN, Role.HOSPITAL_ADMIN})
_OWN = frozenset({Role.DOCTOR, Role.HOSPITAL_ADMIN})
_EITHER_SIDE = _ADMIN_OR_HOSPITAL | {Role.DOCTOR}

VERIFICATION = Workflow(
    Verification,
    {
        Verification.PENDING: [
            Edge(Verification.APPROVED, _ADMIN, _("Approve")),
            Edge(Verification.REJECTED, _ADMIN, _("Reject")),
        ],
        Verification.APPROVED: [Edge(Verification.REJECTED, _ADMIN, _("Withdraw approval"))],
        Verification.REJECTED: [
            Edge(Verification.APPROVED, _ADMIN, _("Approve")),
            Edge(Verification.PENDING, _OWN, _("Submit again")),
        ],
    },
)

#: As every verification; and what was approved waits again when the hospital's staff change it.
ACCREDITATION = Workflow(
    Verification,
    {
        **VERIFICATION.edges,
        Verification.APPROVED: [
            *VERIFICATION.edges[Verification.APPROVED],
            Edge(Verification.PENDING, frozenset({Role.HOSPITAL_ADMIN}), _("Submit again")),
        ],
    },
)

AFFILIATION = Workflow(
    AffiliationStatus,
    {
        AffiliationStatus.PENDING: [
            Edge(AffiliationStatus.ACTIVE, _EITHER_SIDE, _("Activate")),
            Edge(AffiliationStatus.REJECTED, _EITHER_SIDE, _("Reject")),
        ],
        AffiliationStatus.ACTIVE: [Edge(AffiliationStatus.ENDED, _ADMIN_OR_HOSPITAL, _("End"))],
    },
)
