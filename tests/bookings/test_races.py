"""Many at once, each with its own connection and real commits: one slot has one taker, nobody gets a 500.

Two guards stand behind that: sorted advisory locks with a second look, and the database's exclusion constraints. Each
alone is enough, and with both off the same race books a slot many times over (the control).

What else happens at once, each against each, is in test_fault_matrix.py; `MEDIVOY_RACE_ROUNDS=30` runs more rounds.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.bookings import exceptions, selectors, services
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.services import calendars, lapsing
from apps.clinical import services as clinical_services
from apps.common import redis
from apps.common.exceptions import NotFound
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory

from .racing import APPOINTMENTS, GIVE_UP_SECONDS, at_once, codes, overlaps, rounds

PARALLEL = 50
ROUNDS = rounds(2)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(db):
    return [patient.user for patient in PatientFactory.create_batch(PARALLEL)]


def test_of_fifty_who_book_one_slot_one_gets_it_and_the_others_get_alternatives(post, free, crowd):
    for slot in free[:ROUNDS]:
        responses = at_once(*[post(user, slot) for user in crowd])

        assert codes(responses) == {(201, ""): 1, (409, "booking.slot_taken"): PARALLEL - 1}
        for response in responses:
            if response.status_code == 409:
                starts = [entry["starts_at"] for entry in response.json()["data"]["alternatives"]]
                assert len(starts) == 3
                assert slot.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ") not in starts
    assert overlaps() == 0
    assert Appointment.objects.count() == AppointmentEvent.objects.count() == min(ROUNDS, len(free))
    assert Message.objects.filter(channel="email").count() == 2 * Appointment.objects.count()


def test_control_with_both_guards_off_the_same_race_double_books(
    post, free, crowd, without_locks, without_constraints, all_look_before_any_books
):
    bookers = crowd[:10]
    all_look_before_any_books(len(bookers))
    responses = at_once(*[post(user, free[0]) for user in bookers])
    assert codes(responses) == {(201, ""): 10}
    assert overlaps() == 10 * 9 / 2


def test_the_constraint_alone_is_enough(post, free, crowd, without_locks, all_look_before_any_books):
    bookers = crowd[:10]
    all_look_before_any_books(len(bookers))
    responses = at_once(*[post(user, free[0]) for user in bookers])
    assert codes(responses) == {(201, ""): 1, (409, "booking.slot_taken"): 9}
    assert overlaps() == 0


def test_the_locks_alone_are_enough(post, free, crowd, without_constraints):
    for slot in free[:ROUNDS]:
        responses = at_once(*[post(user, slot) for user in crowd[:20]])
        assert codes(responses) == {(201, ""): 1, (409, "booking.slot_taken"): 19}
    assert overlaps() == 0


def test_one_patient_at_two_doctors_at_the_same_time_gets_one(post, free, patient):
    for slot in free[:ROUNDS]:
        schedules = [DoctorScheduleFactory(affiliation=AffiliationFactory(), weekly_hours=[]) for _ in range(8)]
        opens, closes = (at.astimezone(ZoneInfo(slot.zone)) for at in (slot.starts_at, slot.ends_at))
        for schedule in schedules:
            schedule.weekly_hours.create(weekday=opens.weekday(), starts=opens.time(), ends=closes.time())
        responses = at_once(*[post(patient.user, slot, schedule) for schedule in schedules])
        assert codes(responses) == {(201, ""): 1, (409, "booking.patient_busy"): 7}
    assert overlaps() == 0


def test_the_same_request_twenty_times_with_one_key_books_once(api, schedule, free, patient):
    client = api(patient.user)
    body = {
        "doctor_id": str(schedule.doctor_id),
        "hospital_id": str(schedule.hospital_id),
        "starts_at": free[0].starts_at.isoformat(),
    }
    responses = at_once(
        *[lambda: client.post(APPOINTMENTS, body, headers={"Idempotency-Key": "once"}) for _ in range(20)]
    )
    assert set(codes(responses)) <= {(201, ""), (409, "idempotency.in_progress")}
    assert len({response.json()["data"]["id"] for response in responses if response.status_code == 201}) == 1
    assert Appointment.objects.count() == 1


def test_booking_against_cancelling_leaves_one_live_appointment_at_most(post, api, book, free, crowd):
    for slot in free[:ROUNDS]:
        taken = book(slot)
        owner = api(taken.patient.user)
        cancelled, *responses = at_once(
            partial(owner.delete, f"{APPOINTMENTS}/{taken.pk}"),
            *[post(user, slot) for user in crowd[:8]],
        )
        assert cancelled.status_code == 204
        outcome = codes(responses)
        assert outcome[201, ""] <= 1
        assert outcome[201, ""] + outcome[409, "booking.slot_taken"] == 8
    assert overlaps() == 0


def test_of_two_who_move_to_one_slot_one_gets_it(move, book, free, crowd):
    for number in range(min(ROUNDS, len(free) // 3)):
        one, other = (book(free[3 * number + i], by=crowd[2 * number + i]) for i in (0, 1))
        responses = at_once(move(one, free[3 * number + 2]), move(other, free[3 * number + 2]))
        assert codes(responses) == {(200, ""): 1, (409, "booking.slot_taken"): 1}
    assert overlaps() == 0


def test_two_who_swap_their_slots_do_not_lock_each_other_out_for_ever(move, book, free, crowd):
    one, other = book(free[0], by=crowd[0]), book(free[1], by=crowd[1])
    for _ in range(ROUNDS):
        responses = at_once(move(one, free[1]), move(other, free[0]))
        assert codes(responses) == {(409, "booking.slot_taken"): 2}
    assert overlaps() == 0


def test_moving_against_booking_gives_the_slot_to_one(move, post, book, free, crowd):
    for number in range(min(ROUNDS, len(free) // 2)):
        appointment = book(free[2 * number], by=crowd[-1 - number])
        responses = at_once(
            move(appointment, free[2 * number + 1]), *[post(user, free[2 * number + 1]) for user in crowd[:8]]
        )
        outcome = codes(responses)
        assert outcome[200, ""] + outcome[201, ""] == 1
        assert outcome[409, "booking.slot_taken"] + outcome[409, "booking.patient_busy"] == 8
    assert overlaps() == 0


def test_an_appointment_that_is_confirmed_twenty_times_is_confirmed_once(api, book, free, doctor):
    for slot in free[:ROUNDS]:
        appointment = book(slot)
        redis.client().flushdb()  # thirty rounds of twenty are the general limit of one caller
        client = api(doctor.user)
        url, body = f"{APPOINTMENTS}/{appointment.pk}/status", {"status": "appointment_confirmed"}
        responses = at_once(*[partial(client.patch, url, body)] * 20)
        assert codes(responses) == {(200, ""): 1, (409, "workflow.move_not_allowed"): 19}
        assert appointment.events.filter(to_status="appointment_confirmed").count() == 1


def test_confirming_against_moving_confirms_a_time_that_the_doctor_has_seen(api, move, book, free, doctor):
    for number in range(min(ROUNDS, len(free) // 2)):
        appointment = book(free[2 * number])
        client = api(doctor.user)
        url, body = f"{APPOINTMENTS}/{appointment.pk}/status", {"status": "appointment_confirmed", "version": 1}
        confirmed, moved = at_once(partial(client.patch, url, body), move(appointment, free[2 * number + 1]))
        assert moved.status_code == 200
        appointment.refresh_from_db()
        if confirmed.status_code == 200:
            assert appointment.status == "appointment_confirmed"
        else:
            assert confirmed.json()["code"] == "booking.stale_version"
            assert appointment.status == "requested"
        assert appointment.version == 2


def test_leave_against_booking_never_books_after_the_leave_is_seen(post, schedule, free, crowd, doctor):
    slot = free[0]
    leave, *responses = at_once(
        lambda: services.add_time_off(
            doctor.pk, by=doctor.user, starts_at=slot.starts_at, ends_at=slot.starts_at + timedelta(hours=1)
        ),
        *[post(user, slot) for user in crowd[:8]],
    )
    assert leave.pk
    assert set(codes(responses)) <= {
        (201, ""), (409, "booking.slot_taken"), (409, "booking.slot_not_offered"),
    }  # fmt: skip
    late = post(crowd[8], slot)()
    assert late.status_code == 409
    now = timezone.now()
    assert slot not in selectors.free_slots(schedule.doctor_id, start=now, end=slot.ends_at, now=now).found


def test_an_account_is_not_closed_beside_a_booking_that_is_under_way(book, patient, platform_admin):
    def closing():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '300ms'")
            clinical_services.close_patient(patient, by=platform_admin)
        except OperationalError as waited:
            return str(waited)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        book()
        assert "lock timeout" in str(pool.submit(closing).result(GIVE_UP_SECONDS))
    with pytest.raises(exceptions.AppointmentsToCome):
        clinical_services.close_patient(patient, by=platform_admin)


def test_whoever_waited_while_the_account_was_closed_books_nothing(book, patient, platform_admin, monkeypatch):
    lock = calendars.lock

    def closed_meanwhile(*owners):
        lock(*owners)
        type(patient.user).objects.filter(pk=patient.user_id).update(is_active=False)

    monkeypatch.setattr(calendars, "lock", closed_meanwhile)
    with pytest.raises(NotFound):
        book(by=platform_admin, patient_id=patient.pk)
    assert not Appointment.objects.exists()


# --- holds belong to two calendars -----------------------------------------------------------------------------------


@pytest.fixture
def crossing(schedule, free, crowd):
    """Two doctors and two patients, each with a hold that is over; two calls by which each patient books the other's
    doctor, so that both have to let both holds lapse, while neither holds a calendar of the other."""
    other = DoctorScheduleFactory(affiliation=AffiliationFactory(), weekly_hours=[])
    for opening in schedule.weekly_hours.all():
        other.weekly_hours.create(weekday=opening.weekday, starts=opening.starts, ends=opening.ends)
    ways = [(schedule, crowd[0], crowd[1]), (other, crowd[1], crowd[0])]

    def crossing(slot, later):
        held = [
            AppointmentFactory(
                affiliation=one.doctor.affiliations.get(), patient=holder.patient, starts_at=slot.starts_at,
                status="held", held_until=timezone.now() - timedelta(seconds=1),
            )
            for one, holder, _booker in ways
        ]  # fmt: skip
        calls = [
            partial(
                services.book_appointment, by=booker, doctor_id=one.doctor_id, hospital_id=one.hospital_id,
                starts_at=later.starts_at,
            )
            for one, _holder, booker in ways
        ]  # fmt: skip
        return held, calls

    return crossing


def test_who_books_across_anothers_expired_hold_waits_for_nobody_in_a_circle(crossing, free):
    for number in range(min(5 * ROUNDS, len(free) // 2)):
        held, calls = crossing(free[2 * number], free[2 * number + 1])
        assert [booked.status for booked in at_once(*calls)] == ["requested", "requested"]
        assert set(Appointment.objects.filter(pk__in=[one.pk for one in held]).values_list("status")) == {
            ("hold_lapsed",)
        }
    assert overlaps() == 0


def test_control_locked_one_after_the_other_the_holds_end_one_of_the_two(crossing, free, monkeypatch):
    both = threading.Barrier(2)

    def one_after_the_other(doctor_id, patient_id, *, now, apart_from=None):
        over = Appointment.objects.filter(status="held").select_for_update(no_key=True)
        found = list(over.filter(patient=patient_id).values_list("pk", flat=True))
        both.wait(GIVE_UP_SECONDS)
        found += over.filter(doctor=doctor_id).values_list("pk", flat=True)
        lapsing.lapse(found, by=None, now=now)

    def ended(call):
        try:
            return call().status
        except exceptions.SlotTaken as refusal:
            return type(refusal.__cause__.__cause__).__name__

    monkeypatch.setattr(lapsing, "clear_expired", one_after_the_other)
    _held, calls = crossing(free[0], free[1])
    assert sorted(at_once(*[partial(ended, call) for call in calls])) == ["DeadlockDetected", "requested"]
