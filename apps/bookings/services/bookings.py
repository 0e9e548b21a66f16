"""Treatment bookings: a hospital is asked, and a request is withdrawn."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import exceptions, notifications, rules
from apps.bookings.models import Booking, BookingEvent
from apps.bookings.workflow import BookingStatus
from apps.clinical import services as clinical_services
from apps.common.exceptions import Invalid, NotFound, raise_if
from apps.hospitals.models import Hospital, Offer, Package

from . import money
from .people import patient_for

SUBJECT = "booking"


@transaction.atomic
def request_booking(
    *,
    by: User,
    hospital_id: UUID,
    treatment_id: UUID | None = None,
    package_id: UUID | None = None,
    patient_id: UUID | None = None,
    preferred_from: date | None = None,
    preferred_until: date | None = None,
    companions: int = 0,
    message: str = "",
    now: datetime | None = None,
) -> Booking:
    """The hospital is asked for the treatment or the package, and its care for the patient begins: what the patient has
    consented to let it see it sees from now on. The patient is told that the request has arrived.

    A patient asks for themself; coordinators and admins name `patient_id`. Days are calendar days at the hospital.
    Raises Forbidden, NotFound, Invalid, NotOffered, AlreadyRequested.
    """
    now = now or timezone.now()
    patient = patient_for(by, patient_id)
    if (treatment_id is None) == (package_id is None):
        raise Invalid(errors={"treatment_id": [_("Ask for a treatment or for a package.")]})
    hospital = Hospital.objects.listed().filter(pk=hospital_id).first()
    if hospital is None or not _is_offered(hospital_id, treatment_id, package_id):
        raise exceptions.NotOffered(errors={"hospital_id": [exceptions.NotOffered.message]})
    today = now.astimezone(ZoneInfo(hospital.time_zone)).date()
    raise_if(rules.why_not_preferred(preferred_from, preferred_until, today=today))
    try:
        with transaction.atomic():
            booking = Booking.objects.create(
                type=Booking.Type.TREATMENT if treatment_id else Booking.Type.PACKAGE,
                patient=patient,
                hospital=hospital,
                treatment_id=treatment_id,
                package_id=package_id,
                preferred_from=preferred_from,
                preferred_until=preferred_until,
                companions=companions,
                message=message.strip(),
                booked_by=by,
            )
    except IntegrityError as error:
        if Booking.objects.filter(
            patient=patient, hospital=hospital, treatment=treatment_id, package=package_id, status="requested"
        ).exists():
            raise exceptions.AlreadyRequested() from error
        raise
    BookingEvent.objects.create(booking=booking, to_status=BookingStatus.REQUESTED, by=by, at=now)
    clinical_services.open_care(
        patient=patient, doctor=None, hospital=hospital, subject_type=SUBJECT, subject_id=booking.pk, starts_at=now,
        by=by,
    )  # fmt: skip
    notifications.booking_requested(booking)
    return booking


@transaction.atomic
def withdraw_booking(booking_id: UUID, *, by: User, reason: str = "", now: datetime | None = None) -> Booking:
    """The request is withdrawn, and the hospital's care, and with it all sight of the record, ends at once. What was
    paid goes back by the terms of its bill.

    Raises NotFound, MoveNotAllowed, Forbidden.
    """
    now = now or timezone.now()
    try:
        booking: Booking = Booking.objects.visible_to(by).lock(booking_id)
    except Booking.DoesNotExist:
        raise NotFound() from None
    raise_if(booking.workflow.why_not_move(booking.status, BookingStatus.CANCELLED, by.role))
    booking.move_to(BookingStatus.CANCELLED, by=by, at=now, note=reason.strip())
    clinical_services.end_care(subject_type=SUBJECT, subject_id=booking.pk, at=now)
    money.give_back_booking(booking, called_off_by=rules.cancelled_by(by.role), by=by, now=now)
    return booking


def _is_offered(hospital_id: UUID, treatment_id: UUID | None, package_id: UUID | None) -> bool:
    found: Any
    if treatment_id is not None:
        found = Offer.objects.listed().filter(hospital=hospital_id, treatment=treatment_id)
    else:
        found = Package.objects.listed().filter(pk=package_id, hospitals=hospital_id)
    return bool(found.exists())
