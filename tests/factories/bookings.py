"""Consulting hours and appointments."""

from datetime import UTC, datetime, time, timedelta

import factory
from django.utils import timezone

from apps.bookings import models
from apps.bookings.workflow import AppointmentStatus

from .catalogue import TreatmentFactory
from .clinical import PatientFactory
from .hospitals import AffiliationFactory, HospitalFactory

#: A Monday far enough ahead that no test meets it: 09:00 in Chennai.
MONDAY_9_CHENNAI = datetime(2031, 1, 6, 3, 30, tzinfo=UTC)


class DoctorScheduleFactory(factory.django.DjangoModelFactory):
    """A doctor with an active affiliation: half-hour slots, Monday to Friday, 9 to 13 by the hospital's clock."""

    class Meta:
        model = models.DoctorSchedule
        skip_postgeneration_save = True
        exclude = ("affiliation",)

    affiliation = factory.SubFactory(AffiliationFactory)
    doctor = factory.SelfAttribute("affiliation.doctor")
    hospital = factory.SelfAttribute("affiliation.hospital")
    slot_minutes = 30
    minimum_notice_minutes = 120
    horizon_days = 60

    @factory.post_generation
    def weekly_hours(self, create, extracted, **kwargs):
        for weekday in range(5) if extracted is None else ():
            models.WeeklyHours.objects.create(schedule=self, weekday=weekday, starts=time(9), ends=time(13))


class AppointmentFactory(factory.django.DjangoModelFactory):
    """Requested, or as said; a hold lasts ten minutes."""

    class Meta:
        model = models.Appointment
        exclude = ("affiliation",)

    affiliation = factory.SubFactory(AffiliationFactory)
    patient = factory.SubFactory(PatientFactory)
    doctor = factory.SelfAttribute("affiliation.doctor")
    hospital = factory.SelfAttribute("affiliation.hospital")
    starts_at = factory.Sequence(lambda n: MONDAY_9_CHENNAI + timedelta(minutes=30 * n))
    ends_at = factory.LazyAttribute(lambda o: o.starts_at + timedelta(minutes=30))
    busy_until = factory.LazyAttribute(lambda o: o.ends_at)
    status = AppointmentStatus.REQUESTED
    held_until = factory.LazyAttribute(
        lambda o: timezone.now() + timedelta(minutes=10) if o.status == AppointmentStatus.HELD else None
    )


class ReviewFactory(factory.django.DjangoModelFactory):
    """Of a completed consultation in the past; it waits to be verified."""

    class Meta:
        model = models.Review
        exclude = ("affiliation",)

    affiliation = factory.SubFactory(AffiliationFactory)
    appointment = factory.SubFactory(
        AppointmentFactory,
        affiliation=factory.SelfAttribute("..affiliation"),
        status=AppointmentStatus.COMPLETED,
    )
    patient = factory.SelfAttribute("appointment.patient")
    doctor = factory.SelfAttribute("appointment.doctor")
    hospital = factory.SelfAttribute("appointment.hospital")
    rating = 5
    text = "Every question was answered."
    language = "en"


class BookingFactory(factory.django.DjangoModelFactory):
    """A patient has asked a hospital for a treatment."""

    class Meta:
        model = models.Booking

    type = "treatment"
    patient = factory.SubFactory(PatientFactory)
    hospital = factory.SubFactory(HospitalFactory)
    treatment = factory.SubFactory(TreatmentFactory)
    booked_by = factory.SelfAttribute("patient.user")
