"""Who cares for whom, because of which appointment or booking. Bookings calls this, in its own transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.clinical.models import CareRelationship, Patient
from apps.hospitals.models import Doctor, Hospital


@transaction.atomic
def open_care(
    *,
    patient: Patient,
    doctor: Doctor | None,
    hospital: Hospital,
    subject_type: str,
    subject_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None = None,
    by: User | None,
) -> CareRelationship:
    """The doctor, at this hospital, cares for the patient because of the subject, from `starts_at` until `ends_at`, or
    with no end yet.

    Once more for the same subject: the doctor, the hospital and the end may be others now; the beginning stays.
    """
    who = {"patient": patient, "doctor": doctor, "hospital": hospital, "ends_at": ends_at}
    care, _is_new = CareRelationship.objects.update_or_create(
        subject_type=subject_type,
        subject_id=subject_id,
        defaults=who,
        create_defaults=who | {"starts_at": starts_at},
    )
    return care


def end_care(subject_type: str, subject_id: UUID, *, at: datetime) -> None:
    """The care because of the subject ends at `at`, which may lie ahead. Nothing where there is none."""
    CareRelationship.objects.filter(subject_type=subject_type, subject_id=subject_id).update(ends_at=at)
