"""An appointment's moves: every declared edge passes, all others refuse; the database knows the statuses."""

import itertools

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts.roles import Role
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.workflow import APPOINTMENT, OCCUPYING, AppointmentStatus
from apps.common.exceptions import MoveNotAllowed
from tests.factories.bookings import AppointmentFactory

EDGES = {
    ("held", "requested"), ("held", "hold_lapsed"), ("hold_lapsed", "requested"),
    ("requested", "appointment_confirmed"), ("requested", "rejected"), ("requested", "cancelled"),
    ("appointment_confirmed", "awaiting_consultation"), ("appointment_confirmed", "no_show"),
    ("appointment_confirmed", "doctor_absent"), ("appointment_confirmed", "cancelled"),
    ("awaiting_consultation", "consultation_in_progress"), ("awaiting_consultation", "no_show"),
    ("awaiting_consultation", "doctor_absent"), ("awaiting_consultation", "cancelled"),
    ("consultation_in_progress", "prescription_provided"), ("consultation_in_progress", "consultation_completed"),
    ("prescription_provided", "follow_up_scheduled"), ("prescription_provided", "consultation_completed"),
    ("follow_up_scheduled", "consultation_completed"),
}  # fmt: skip


@pytest.mark.parametrize(("from_status", "to"), list(itertools.product(AppointmentStatus.values, repeat=2)))
def test_only_declared_moves_exist(from_status, to):
    refusal = APPOINTMENT.why_not_move(from_status, to)
    assert (refusal is None) == ((from_status, to) in EDGES)


def test_a_patient_calls_off_and_says_that_the_doctor_did_not_come_and_moves_nothing_else():
    for status in AppointmentStatus:
        moves = {edge.to for edge in APPOINTMENT.moves_from(status, Role.PATIENT)}
        assert moves <= {"cancelled", "hold_lapsed", "doctor_absent"}


def test_nobody_moves_a_hold_to_requested_but_by_booking_it():
    for status in ("held", "hold_lapsed"):
        assert APPOINTMENT.edge(status, "requested").roles == frozenset()


def test_only_what_will_not_take_place_frees_the_time():
    assert set(AppointmentStatus) - set(OCCUPYING) == {
        AppointmentStatus.LAPSED,
        AppointmentStatus.REJECTED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.DOCTOR_ABSENT,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("from_status", "to"), sorted(EDGES - {edge for edge in EDGES if edge[1] == "cancelled"}))
def test_a_move_is_saved_with_its_event(from_status, to, coordinator):
    appointment = AppointmentFactory(status=from_status)
    at = timezone.now()
    appointment.move_to(to, by=coordinator, at=at, note="as agreed")
    appointment.refresh_from_db()
    assert appointment.status == to
    event = AppointmentEvent.objects.get(appointment=appointment)
    assert (event.from_status, event.to_status, event.by, event.at, event.note) == (
        from_status, to, coordinator, at, "as agreed",
    )  # fmt: skip


@pytest.mark.django_db
def test_an_undeclared_move_leaves_nothing(coordinator):
    appointment = AppointmentFactory(status="cancelled", cancelled_at=timezone.now(), cancelled_by="patient")
    with pytest.raises(MoveNotAllowed):
        appointment.move_to("requested", by=coordinator, at=timezone.now())
    appointment.refresh_from_db()
    assert appointment.status == "cancelled"
    assert not AppointmentEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "done"},
        {"status": "cancelled"},
        {"cancelled_by": "patient"},
        {"fee": 5, "currency": ""},
    ],
    ids=["unknown status", "cancelled by nobody", "not cancelled but by someone", "fee without currency"],
)
def test_the_database_refuses_half_truths(wrong):
    appointment = AppointmentFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=appointment.pk).update(**wrong)


@pytest.mark.django_db
def test_the_history_is_append_only(coordinator):
    appointment = AppointmentFactory()
    appointment.move_to("appointment_confirmed", by=coordinator, at=timezone.now())
    for attack in (
        lambda: AppointmentEvent.objects.update(note="never"),
        lambda: AppointmentEvent.objects.all().delete(),
    ):
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            attack()
    assert AppointmentEvent.objects.get().note == ""


@pytest.mark.django_db
@pytest.mark.parametrize("status", OCCUPYING)
def test_the_database_refuses_an_overlap_of_the_doctor_or_the_patient(status):
    first = AppointmentFactory(status=status)
    for same in (
        {"affiliation": None, "doctor": first.doctor, "hospital": first.hospital},
        {"patient": first.patient},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            AppointmentFactory(starts_at=first.starts_at, ends_at=first.ends_at, **same)
    AppointmentFactory(
        affiliation=None, doctor=first.doctor, hospital=first.hospital, patient=first.patient,
        starts_at=first.ends_at, ends_at=first.ends_at + (first.ends_at - first.starts_at),
    )  # fmt: skip
