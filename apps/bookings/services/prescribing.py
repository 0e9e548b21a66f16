"""Prescriptions that are written in a consultation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.accounts.models import User
from apps.bookings import rules
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.clinical import services as clinical_services
from apps.clinical.models import Prescription
from apps.common.exceptions import NotFound, raise_if

#: What clinical knows the appointment by.
PRESCRIBED_IN = "appointment"


@transaction.atomic
def draft_prescription_for(appointment_id: UUID, *, by: User, **content: Any) -> Prescription:
    """There is a draft for the appointment's patient, at its hospital, by its doctor; `content` is medications,
    instructions and valid_until. Raises NotFound, NoConsultation, and what drafting raises."""
    appointment = Appointment.objects.visible_to(by).filter(pk=appointment_id).first()
    if appointment is None:
        raise NotFound()
    raise_if(rules.why_not_prescribe(appointment.status))
    return clinical_services.draft_prescription(
        by=by,
        patient_id=appointment.patient_id,
        hospital_id=appointment.hospital_id,
        subject=(PRESCRIBED_IN, appointment.pk),
        **content,
    )


@transaction.atomic
def prescription_given(appointment_id: UUID, *, by: User, now: datetime) -> None:
    """A consultation that is in progress has come as far as its prescription; any other stays as it is: one may be
    signed after the consultation, and a second one."""
    appointment: Appointment | None = (
        Appointment.objects.filter(pk=appointment_id, status=AppointmentStatus.IN_PROGRESS)
        .select_for_update(no_key=True)
        .first()
    )
    if appointment is not None:
        appointment.move_to(AppointmentStatus.PRESCRIBED, by=by, at=now)
