"""What the directory, clinical and billing announce, as far as hours and appointments are concerned; and how
a fee is billed that somebody wants to pay."""

import functools
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from apps.accounts.models import User
from apps.billing import payables, recipients
from apps.billing.models import Payment
from apps.billing.signals import payment_received
from apps.clinical.models import Patient, Prescription
from apps.clinical.signals import patient_closing, prescription_signed
from apps.hospitals.signals import practice_changed

from . import querysets, services
from .selectors import addresses

payables.register(querysets.PAID_AS, services.bill_for_appointment)
recipients.register(addresses.postal_address)


@receiver(practice_changed, dispatch_uid="bookings.refresh_bookable")
def refresh_bookable(sender: Any, *, doctor_ids: Collection[UUID], **kwargs: Any) -> None:
    services.refresh_bookable(doctor_ids)


@receiver(patient_closing, dispatch_uid="bookings.refuse_to_close")
def refuse_to_close(sender: Any, *, patient: Patient, now: datetime, **kwargs: Any) -> None:
    """Raises AppointmentsToCome."""
    services.refuse_while_appointments_to_come(patient, now=now)


@receiver(prescription_signed, dispatch_uid="bookings.follow_prescription")
def follow_prescription(sender: Any, *, prescription: Prescription, by: User, now: datetime, **kwargs: Any) -> None:
    if prescription.subject_type == services.PRESCRIBED_IN and prescription.subject_id:
        services.prescription_given(prescription.subject_id, by=by, now=now)


@receiver(payment_received, dispatch_uid="bookings.book_what_is_paid")
def book_what_is_paid(sender: Any, *, payment: Payment, now: datetime, **kwargs: Any) -> None:
    """After the money is written for good: calendars come before bills in the order of locks. What is left undone here
    does the job `bookings.follow_money`."""
    if payment.subject_type == querysets.PAID_AS and payment.subject_id:
        book = functools.partial(services.payment_arrived, payment.subject_id, now=now)
        transaction.on_commit(book, robust=True)
