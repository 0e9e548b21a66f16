"""An appointment puts the patient into the care of its doctor and hospital, from the request until long after it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from apps.bookings import rules, services
from apps.bookings.workflow import AppointmentStatus
from apps.clinical.models import CareRelationship, Patient
from tests.factories.bookings import AppointmentFactory

END = datetime(2031, 1, 6, 4, tzinfo=UTC)
NOW = datetime(2031, 1, 6, 3, tzinfo=UTC)


def care_of(appointment):
    return CareRelationship.objects.get(subject_type="appointment", subject_id=appointment.pk)


@pytest.mark.parametrize("status", sorted(set(AppointmentStatus) - rules.CARE_OVER))
def test_care_ends_90_days_after_the_end(status):
    assert rules.care_ends_at(status, END, now=NOW) == END + timedelta(days=90)


@pytest.mark.parametrize("status", sorted(rules.CARE_OVER))
def test_care_of_what_did_not_take_place_ends_at_once(status):
    assert rules.care_ends_at(status, END, now=NOW) == NOW


@pytest.mark.django_db
def test_a_request_opens_the_care(appointment, doctor, hospital):
    care = care_of(appointment)
    assert (care.patient_id, care.doctor_id, care.hospital_id) == (appointment.patient_id, doctor.pk, hospital.pk)
    assert care.starts_at <= timezone.now()
    assert care.ends_at == appointment.ends_at + timedelta(days=90)
    assert Patient.objects.visible_to(doctor.user).get() == appointment.patient


@pytest.mark.django_db
def test_a_moved_appointment_moves_the_end_of_the_care(appointment, free):
    began = care_of(appointment).starts_at
    services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[-1].starts_at)
    care = care_of(appointment)
    assert (care.starts_at, care.ends_at) == (began, free[-1].ends_at + timedelta(days=90))


@pytest.mark.django_db
def test_cancelling_ends_the_care_at_once(appointment, doctor):
    services.cancel_appointment(appointment.pk, by=appointment.patient.user)
    assert care_of(appointment).ends_at <= timezone.now()
    assert not Patient.objects.visible_to(doctor.user).exists()


@pytest.mark.django_db
def test_declining_ends_the_care_at_once(appointment, doctor):
    services.move_appointment(appointment.pk, AppointmentStatus.REJECTED, by=doctor.user)
    assert not Patient.objects.visible_to(doctor.user).exists()


@pytest.mark.django_db
def test_confirming_leaves_the_care_as_it_is(appointment, doctor):
    before = care_of(appointment).ends_at
    services.move_appointment(appointment.pk, AppointmentStatus.CONFIRMED, by=doctor.user)
    assert care_of(appointment).ends_at == before


@pytest.mark.django_db
def test_appointments_of_before_get_their_care_from_a_migration():
    live = AppointmentFactory()
    declined = AppointmentFactory(status=AppointmentStatus.REJECTED)
    migration = MigrationLoader(connection).get_migration("bookings", "0005_care_of_appointments")
    (write,) = (operation for operation in migration.operations if isinstance(operation, migrations.RunSQL))
    with connection.cursor() as cursor:
        for _once_more in range(2):
            cursor.execute(write.sql)
    assert care_of(live).ends_at == live.ends_at + timedelta(days=90)
    assert care_of(declined).ends_at <= timezone.now()
    assert CareRelationship.objects.count() == 2
