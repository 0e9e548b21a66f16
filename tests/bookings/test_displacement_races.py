"""Leave, those who choose and those who cancel at once: one of them is first, and nobody is left behind."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from apps.bookings import exceptions, rules, services
from apps.bookings.models import Appointment, Displacement
from apps.bookings.services import choosing
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus
from apps.notifications.models import Message
from tests.factories.clinical import PatientFactory

from .racing import GIVE_UP_SECONDS, at_once, codes, overlaps, rounds

pytestmark = pytest.mark.django_db(transaction=True)

#: The ninth slot is the first one that is wished for instead.
ROUNDS = min(rounds(2), 8)


def outcome(call):
    """What came of it: the verb's result, or the refusal's kind."""
    try:
        return call()
    except exceptions.DisplacementSettled as refusal:
        return type(refusal)


@pytest.fixture
def leave(schedule):
    def leave(slot):
        return services.add_time_off(
            schedule.doctor_id, by=schedule.doctor.user, starts_at=slot.starts_at, ends_at=slot.ends_at
        )

    return leave


def events_of(appointment):
    return appointment.events.filter(to_status=AppointmentStatus.CANCELLED).count()


def test_of_ten_who_choose_one_does(book, free, leave, coordinator):
    for slot, other in zip(free[:ROUNDS], free[8 : 8 + ROUNDS], strict=True):
        appointment = book(slot)
        leave(slot)
        patient = appointment.patient.user
        results = at_once(
            *[
                partial(outcome, partial(services.choose_time, appointment.pk, by=by, starts_at=other.starts_at))
                for by in (patient, coordinator) * 2
            ],
            *[
                partial(outcome, partial(services.choose_refund, appointment.pk, by=by))
                for by in (patient, coordinator) * 3
            ],
        )
        assert results.count(exceptions.DisplacementSettled) == 9
        chosen = Displacement.objects.get(appointment=appointment)
        appointment.refresh_from_db()
        assert (chosen.status == DisplacementStatus.REFUND) == (appointment.status == AppointmentStatus.CANCELLED)
        assert events_of(appointment) + appointment.events.exclude(moved_to_at=None).count() == 1
    assert overlaps() == 0


def test_control_with_the_second_look_off_an_appointment_is_cancelled_twice(
    book, free, leave, coordinator, monkeypatch
):
    appointment = book(free[0])
    leave(free[0])
    everyone = threading.Barrier(2)

    def look_without_lock(appointment_id, by, now):
        row = Appointment.objects.select_related("doctor").get(pk=appointment_id)
        waiting = Displacement.objects.get(appointment=row)
        everyone.wait(GIVE_UP_SECONDS)
        return row, waiting

    monkeypatch.setattr(choosing, "_locked", look_without_lock)
    at_once(*[partial(services.choose_refund, appointment.pk, by=by) for by in (appointment.patient.user, coordinator)])
    assert events_of(appointment) == 2


def test_a_time_that_is_chosen_and_booked_at_once_is_somebodys_alone(book, free, leave, post, api):
    crowd = [patient.user for patient in PatientFactory.create_batch(8)]
    for slot, wanted in zip(free[:ROUNDS], free[8 : 8 + ROUNDS], strict=True):
        appointment = book(slot)
        leave(slot)
        path = f"/api/v1/appointments/{appointment.pk}/displacement"
        client, body = api(appointment.patient.user), {"choice": "time", "starts_at": wanted.starts_at.isoformat()}
        chosen, *booked = at_once(partial(client.post, path, body), *[post(user, wanted) for user in crowd])
        winners = codes([chosen])[200, ""] + codes(booked)[201, ""]
        assert winners == 1
        assert codes([chosen, *booked])[409, "booking.slot_taken"] == 8
        if chosen.status_code == 409:
            assert chosen.json()["data"]["offers"]["times"]
            services.choose_refund(appointment.pk, by=appointment.patient.user)
    assert overlaps() == 0


def test_leave_that_is_withdrawn_while_somebody_chooses_either_stands_or_is_chosen(book, free, leave, schedule):
    for slot in free[:ROUNDS]:
        appointment = book(slot)
        away = leave(slot)
        Message.objects.all().delete()
        _ended, chosen = at_once(
            partial(services.end_time_off, schedule.doctor_id, away.pk, by=schedule.doctor.user),
            partial(outcome, partial(services.choose_refund, appointment.pk, by=appointment.patient.user)),
        )
        appointment.refresh_from_db()
        told = Message.objects.filter(kind="bookings.appointment_stands").exists()
        stands = chosen is exceptions.DisplacementSettled
        assert told is stands
        assert (appointment.status == AppointmentStatus.REQUESTED) is stands
        status = Displacement.objects.get(appointment=appointment).status
        assert status == (DisplacementStatus.SETTLED if stands else DisplacementStatus.REFUND)


@pytest.fixture
def cancelled_in_between(monkeypatch):
    """`cancelled_in_between(appointment)`: its patient cancels as soon as leave has looked which appointments it meets,
    and before it has noted them. Gives the thread that does."""

    def arrange(appointment):
        respond_by, threads = rules.respond_by, []

        def cancel():
            try:
                services.cancel_appointment(appointment.pk, by=appointment.patient.user)
            finally:
                connection.close()

        def interrupted(*args, **kwargs):
            if not threads:
                threads.append(threading.Thread(target=cancel))
                threads[0].start()
                threads[0].join(1)  # it is done, or waits for us
            return respond_by(*args, **kwargs)

        monkeypatch.setattr(rules, "respond_by", interrupted)
        return threads

    return arrange


def test_what_is_cancelled_while_leave_is_entered_does_not_wait_for_ever(book, free, leave, cancelled_in_between):
    appointment = book(free[0])
    threads = cancelled_in_between(appointment)
    leave(free[0])
    threads[0].join(GIVE_UP_SECONDS)
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CANCELLED
    assert Displacement.objects.get().status == DisplacementStatus.SETTLED


def test_control_without_the_rows_lock_it_would(book, free, leave, cancelled_in_between, monkeypatch):
    appointment = book(free[0])
    threads = cancelled_in_between(appointment)
    queryset = type(Appointment.objects.all())
    lock = queryset.select_for_update
    monkeypatch.setattr(queryset, "select_for_update", lambda rows, **kwargs: lock(rows, **kwargs) if threads else rows)
    leave(free[0])
    threads[0].join(GIVE_UP_SECONDS)
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CANCELLED
    assert Displacement.objects.get().status == DisplacementStatus.OPEN


def test_two_runs_of_the_job_tell_of_each_overdue_choice_once(book, free, leave, coordinator):
    for slot in free[:3]:
        book(slot)
        leave(slot)
    late = Displacement.objects.latest("respond_by").respond_by + timedelta(seconds=1)
    counted = at_once(*[partial(services.tell_of_overdue, now=late)] * 4)
    assert sum(counted) == 3
    letters = Message.objects.filter(kind="bookings.displacements_overdue", channel="email")
    assert sum(message.context["count"] for message in letters) == 3
