"""Everything that takes, moves or frees time, each against each: twenty threads, real commits, round after round.

Each race ends with no overlap in the database, exactly as many winners as there is room for, refusals that a person
understands, and no deadlock. Each has its control: with the guard off, the same race goes wrong.

`MEDIVOY_RACE_ROUNDS=30` runs thirty rounds of each; `-o faulthandler_timeout=0` lets them take their time.
"""

import random
import threading
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.billing import services as billing_services
from apps.billing.models import Payment
from apps.bookings import selectors, services
from apps.bookings.models import Appointment, Displacement, TimeOff
from apps.bookings.services import lapsing, taking
from apps.common import redis
from apps.common.exceptions import DomainError
from apps.common.querysets import ScopedQuerySet
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory

from .racing import APPOINTMENTS, GIVE_UP_SECONDS, at_once, deadlocks, overlaps, rounds

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20
ROUNDS = rounds(1)
#: What those who come too late are told.
TOO_LATE = {"booking.slot_taken", "booking.patient_busy", "booking.slot_not_offered", "booking.day_full"}


# --- the cast --------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _without_deadlocks(db):
    """The database has had to end nobody's transaction."""
    before = deadlocks()
    yield
    assert deadlocks() == before


@pytest.fixture
def free(schedule):
    """The doctor's free slots of a week, from three days ahead."""
    now = timezone.now()
    start = now + timedelta(days=3)
    return selectors.free_slots(schedule.doctor_id, start=start, end=start + timedelta(days=7), now=now).found


@pytest.fixture
def crowd(db):
    return PatientFactory.create_batch(THREADS)


@pytest.fixture
def wipe(db):
    """Every calendar is empty again, and nobody has asked too often."""

    def wipe():
        now = timezone.now()
        live = Appointment.objects.exclude(status="cancelled")
        live.update(status="cancelled", cancelled_at=now, cancelled_by="platform", updated_at=now)
        TimeOff.objects.all().delete()
        redis.client().flushdb()

    return wipe


@pytest.fixture
def placed(doctor, hospital):
    """`placed(patient, slot)` is an appointment there, or what is said instead."""
    affiliation = doctor.affiliations.get()

    def placed(patient, slot, **more):
        return AppointmentFactory(
            affiliation=affiliation, patient=patient,
            starts_at=slot.starts_at, ends_at=slot.ends_at, busy_until=slot.busy_until, **more,
        )  # fmt: skip

    return placed


@pytest.fixture
def calls(api, schedule, free, placed, coordinator):
    """`calls[verb](patient, slot)` is a call by which the patient takes the slot in this way."""

    def over_api(path, patient, slot):
        client, body = api(patient.user), {
            "doctor_id": str(schedule.doctor_id), "hospital_id": str(schedule.hospital_id),
            "starts_at": slot.starts_at.isoformat(),
        }  # fmt: skip
        return lambda: client.post(APPOINTMENTS + path, body)

    def move(patient, slot):
        homes = [one for one in free if one != slot]
        appointment = placed(patient, homes[len(move.made) % len(homes)])
        move.made.append(appointment)
        client, body = api(patient.user), {"starts_at": slot.starts_at.isoformat()}
        return lambda: client.post(f"{APPOINTMENTS}/{appointment.pk}/reschedule", body)

    def by_phone(patient, slot):
        client, local = Client(), slot.starts_at.astimezone(ZoneInfo(schedule.hospital.time_zone))
        client.force_login(coordinator)
        form = {
            "patient": patient.pk, "doctor": schedule.doctor_id, "hospital": schedule.hospital_id,
            "kind": "in_person", "complaint": "",
            "starts_at_0": f"{local:%Y-%m-%d}", "starts_at_1": f"{local:%H:%M:%S}",
        }  # fmt: skip
        return lambda: client.post(reverse("admin:bookings_appointment_add"), form)

    move.made = []
    return {
        "create": partial(over_api, ""),
        "hold": partial(over_api, "/hold"),
        "move": move,
        "admin": by_phone,
    }


def pay(appointment, by):
    return billing_services.record_payment(
        payer=appointment.patient.user, amount=Decimal(1500), currency="INR", method="cash",
        received_on=timezone.now().date(), by=by, subject_type="appointment", subject_id=appointment.pk,
    )  # fmt: skip


def told(response):
    """The status and the code of an answer; a page of the admin has none: it is shown again, or leads on."""
    if "json" in response["Content-Type"]:
        return response.status_code, response.json().get("code", "")
    return response.status_code, ""


def winners(responses):
    """How many got what they asked for. Nobody of the others is told anything but that they came too late."""
    answers = [told(response) for response in responses]
    lost = {answer for answer in answers if answer[0] not in {201, 302} and answer != (200, "")}
    assert lost <= {(409, code) for code in TOO_LATE}
    shown_again = sum(1 for response in responses if told(response) == (200, "") and is_page(response))
    return len(answers) - shown_again - sum(1 for answer in answers if answer[0] == 409)


def is_page(response):
    return "html" in response["Content-Type"]


def taken(slot):
    return Appointment.objects.occupying().filter(starts_at=slot.starts_at).count()


# --- two ways of taking one slot -------------------------------------------------------------------------------------

PAIRS = [
    ("create", "create"), ("create", "move"), ("move", "move"), ("hold", "hold"), ("hold", "create"),
    ("admin", "create"), ("admin", "move"),
]  # fmt: skip
pairs = pytest.mark.parametrize(("one", "other"), PAIRS, ids=[" x ".join(pair) for pair in PAIRS])


def crowd_at(slot, crowd, calls, one, other):
    return [calls[one if number % 2 else other](patient, slot) for number, patient in enumerate(crowd)]


@pairs
def test_of_twenty_who_take_one_slot_in_two_ways_one_gets_it(calls, crowd, free, wipe, one, other):
    for slot in free[:ROUNDS]:
        responses = at_once(*crowd_at(slot, crowd, calls, one, other))
        assert (winners(responses), taken(slot), overlaps()) == (1, 1, 0)
        wipe()


@pairs
def test_control_with_both_guards_off_all_twenty_get_it(
    calls, crowd, free, without_locks, without_constraints, all_look_before_any_books, one, other
):
    all_look_before_any_books(THREADS)
    responses = at_once(*crowd_at(free[0], crowd, calls, one, other))
    assert (winners(responses), taken(free[0])) == (THREADS, THREADS)
    assert overlaps() == THREADS * (THREADS - 1) / 2


def test_one_patient_who_holds_twenty_slots_at_once_holds_one(calls, crowd, free, wipe):
    patient = crowd[0]
    for _ in range(ROUNDS):
        responses = at_once(*[calls["hold"](patient, slot) for slot in free[:THREADS]])
        assert [told(response) for response in responses] == [(201, "")] * THREADS
        assert Appointment.objects.filter(patient=patient, status="held").count() == 1
        assert Appointment.objects.filter(patient=patient, status="hold_lapsed").count() == THREADS - 1
        wipe()


def test_control_without_the_locks_only_the_database_keeps_the_patient_to_one_hold(
    calls, crowd, free, without_locks, all_look_before_any_books
):
    all_look_before_any_books(8)
    responses = at_once(*[calls["hold"](crowd[0], slot) for slot in free[:8]])
    assert sorted(told(response) for response in responses) == [(201, "")] + [(409, "booking.patient_busy")] * 7


def test_who_holds_and_books_the_same_slot_at_once_has_it_once(calls, crowd, free, wipe):
    for slot in free[:ROUNDS]:
        at_once(*[calls["hold" if number % 2 else "create"](crowd[0], slot) for number in range(8)])
        assert (taken(slot), overlaps()) == (1, 0)
        wipe()


# --- a day's cap -----------------------------------------------------------------------------------------------------


@pytest.fixture
def capped_day(schedule, free):
    """At most three appointments a day; the slots of one day."""
    schedule.daily_cap = 3
    schedule.save()
    zone = ZoneInfo(schedule.hospital.time_zone)
    days = [slot.starts_at.astimezone(zone).date() for slot in free]
    return [slot for slot, day in zip(free, days, strict=True) if day == days[len(days) // 2]]


def test_of_twenty_who_book_a_day_of_three_three_get_in(calls, crowd, capped_day, wipe):
    for _ in range(ROUNDS):
        slots = [capped_day[number % len(capped_day)] for number in range(THREADS)]
        responses = at_once(*[calls["create"](patient, slot) for patient, slot in zip(crowd, slots, strict=True)])
        assert (winners(responses), Appointment.objects.occupying().count(), overlaps()) == (3, 3, 0)
        wipe()


def test_control_without_the_locks_a_day_of_three_takes_everybody(
    calls, crowd, capped_day, without_locks, all_look_before_any_books
):
    number = len(capped_day)
    all_look_before_any_books(number)
    responses = at_once(*[calls["create"](crowd[place], slot) for place, slot in enumerate(capped_day)])
    assert winners(responses) == number > 3


# --- confirming ------------------------------------------------------------------------------------------------------


@pytest.fixture
def confirmers(api, doctor, hospital_admin, coordinator, platform_admin):
    """Twenty calls by which those who may confirm an appointment do."""

    def confirmers(appointment):
        people = [doctor.user, hospital_admin, coordinator, platform_admin]
        url, body = f"{APPOINTMENTS}/{appointment.pk}/status", {"status": "appointment_confirmed"}
        return [partial(api(people[number % 4]).patch, url, body) for number in range(THREADS)]

    return confirmers


def confirmations(appointment):
    return appointment.events.filter(to_status="appointment_confirmed").count()


def test_of_twenty_who_confirm_one_does(confirmers, placed, crowd, free, wipe):
    for slot in free[:ROUNDS]:
        appointment = placed(crowd[0], slot)
        answers = sorted(told(response) for response in at_once(*confirmers(appointment)))
        assert answers == [(200, "")] + [(409, "workflow.move_not_allowed")] * (THREADS - 1)
        assert confirmations(appointment) == 1
        wipe()


def test_control_without_the_rows_lock_all_twenty_confirm(confirmers, placed, crowd, free, monkeypatch):
    everyone = threading.Barrier(THREADS)

    def look_and_wait(self, pk):
        row = self.get(pk=pk)
        everyone.wait(GIVE_UP_SECONDS)
        return row

    appointment = placed(crowd[0], free[0])
    race = confirmers(appointment)
    monkeypatch.setattr(ScopedQuerySet, "lock", look_and_wait)
    assert {told(response) for response in at_once(*race)} == {(200, "")}
    assert confirmations(appointment) == THREADS


# --- leave -----------------------------------------------------------------------------------------------------------


def take_leave(doctor, slots):
    return services.add_time_off(
        doctor.pk, by=doctor.user, starts_at=slots[0].starts_at, ends_at=slots[-1].ends_at, reason=""
    )


def left_behind():
    """Live appointments that leave stands in the way of and that nobody was asked about."""
    waiting = Displacement.objects.filter(status="open").values("appointment")
    found = 0
    for away in TimeOff.objects.all():
        meeting = Appointment.objects.occupying().meeting(away.starts_at, away.ends_at).filter(doctor=away.doctor)
        found += meeting.exclude(pk__in=waiting).count()
    return found


def test_leave_beside_nineteen_bookings_leaves_nobody_behind(calls, crowd, free, doctor, wipe):
    for number in range(ROUNDS):
        slots = free[3 * number : 3 * number + 3]
        booking = [
            calls["hold" if place % 4 == 3 else "create"](crowd[place], slots[place % 3])
            for place in range(THREADS - 1)
        ]
        random.Random(number).shuffle(booking)
        away, *responses = at_once(partial(take_leave, doctor, slots), *booking)
        assert away.pk
        winners(responses)
        assert max(taken(slot) for slot in slots) <= 1
        assert (left_behind(), overlaps()) == (0, 0)
        assert not Appointment.objects.filter(status="held").exists()
        wipe()


def test_control_without_the_locks_somebody_is_booked_into_leave_and_nobody_knows(
    calls, crowd, free, doctor, without_locks, monkeypatch
):
    looked, gone, claim = threading.Event(), threading.Event(), taking.claim

    def claim_and_wait(*args, **kwargs):
        slot = claim(*args, **kwargs)
        looked.set()
        assert gone.wait(GIVE_UP_SECONDS)
        return slot

    def leave_meanwhile():
        assert looked.wait(GIVE_UP_SECONDS)
        take_leave(doctor, free[:1])
        gone.set()

    monkeypatch.setattr(taking, "claim", claim_and_wait)
    response, _left = at_once(calls["create"](crowd[0], free[0]), leave_meanwhile)
    assert (response.status_code, left_behind()) == (201, 1)


# --- a hold that lapses while its payment arrives --------------------------------------------------------------------


@pytest.fixture
def overdue(placed, crowd):
    """`overdue(slot)` is what a patient has held a second too long."""

    def overdue(slot):
        return placed(crowd[0], slot, status="held", held_until=timezone.now() - timedelta(seconds=1))

    return overdue


def test_a_payment_beside_the_sweep_and_seventeen_bookings_is_never_lost(
    calls, crowd, free, overdue, coordinator, wipe
):
    for number, slot in enumerate(free[:ROUNDS]):
        held = overdue(slot)
        race = [partial(pay, held, coordinator), services.lapse_holds, services.lapse_holds]
        race += [calls["create" if place % 2 else "hold"](crowd[place], slot) for place in range(1, THREADS - 2)]
        shuffled = random.Random(number).sample(range(THREADS), THREADS)
        answers = dict(zip(shuffled, at_once(*[race[place] for place in shuffled]), strict=True))
        assert isinstance(answers[0], Payment)
        held.refresh_from_db()
        has_time = held.status == "requested"
        is_on_the_list = Appointment.objects.paid_without_time().filter(pk=held.pk).exists()
        assert has_time != is_on_the_list
        assert winners([answers[place] for place in range(3, THREADS)]) + has_time == 1
        assert (taken(slot), overlaps()) == (1, 0)
        wipe()


def test_a_payment_beside_sweeps_alone_always_books(free, overdue, coordinator, wipe):
    for slot in free[:ROUNDS]:
        held = overdue(slot)
        at_once(partial(pay, held, coordinator), *[services.lapse_holds] * 7)
        held.refresh_from_db()
        assert (held.status, taken(slot)) == ("requested", 1)
        wipe()


def meanwhile(call):
    """Starts the call in a thread of its own; gives a function that waits for its end."""
    results = []

    def run():
        try:
            results.append(call())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()

    def done():
        thread.join(GIVE_UP_SECONDS)
        assert not thread.is_alive()
        return results[0]

    return done


def test_the_sweep_is_first_the_payment_waits_for_it_and_claims_the_time_again(free, overdue, coordinator):
    held = overdue(free[0])
    with transaction.atomic():
        assert services.lapse_holds() == 1
        paying = meanwhile(partial(pay, held, coordinator))
        wait_until_somebody_waits()
    paying()
    held.refresh_from_db()
    assert held.status == "requested"
    assert list(held.events.order_by("id").values_list("to_status", flat=True)) == ["hold_lapsed", "requested"]


def test_the_payment_is_first_the_sweep_passes_over_it(free, overdue):
    held = overdue(free[0])
    with transaction.atomic():
        services.payment_arrived(held.pk)  # as it does once the money is written
        assert meanwhile(services.lapse_holds)() == 0
    held.refresh_from_db()
    assert held.status == "requested"
    assert services.lapse_holds() == 0


def test_control_a_sweep_without_the_rows_lock_takes_back_what_was_paid(free, overdue, coordinator, monkeypatch):
    held = overdue(free[0])
    looked, paid, lapse = threading.Event(), threading.Event(), lapsing.lapse

    def lapse_late(found, *, by, now):
        looked.set()
        assert paid.wait(GIVE_UP_SECONDS)
        lapse(found, by=by, now=now)

    monkeypatch.setattr(lapsing, "lapse", lapse_late)
    with monkeypatch.context() as guard:
        guard.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)
        sweeping = meanwhile(services.lapse_holds)
        assert looked.wait(GIVE_UP_SECONDS)
    monkeypatch.setattr(lapsing, "lapse", lapse)
    pay(held, coordinator)
    paid.set()
    sweeping()
    held.refresh_from_db()
    assert held.status == "hold_lapsed"
    assert list(held.events.order_by("id").values_list("to_status", flat=True)) == ["requested", "hold_lapsed"]


def wait_until_somebody_waits():
    """Until another connection waits for a row of ours."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    deadline = timezone.now() + timedelta(seconds=GIVE_UP_SECONDS)
    with connection.cursor() as cursor:
        while timezone.now() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


# --- everything at once ----------------------------------------------------------------------------------------------


@pytest.fixture
def doctors(schedule):
    """Three doctors who share their patients, each with the same hours."""
    others = [DoctorScheduleFactory(affiliation=AffiliationFactory(), weekly_hours=[]) for _ in range(2)]
    for other in others:
        for opening in schedule.weekly_hours.all():
            other.weekly_hours.create(weekday=opening.weekday, starts=opening.starts, ends=opening.ends)
    return [schedule, *others]


def test_whatever_twenty_people_do_at_once_nothing_overlaps_and_nobody_is_ended(
    doctors, crowd, free, coordinator, wipe
):
    """Holds belong to two calendars: what three doctors and ten patients do crosses all of them."""
    for number in range(ROUNDS):
        chance = random.Random(number)
        at = [slot.starts_at for slot in free[:4]]
        for patient, schedule in zip(crowd, doctors, strict=False):
            AppointmentFactory(
                patient=patient, affiliation=schedule.doctor.affiliations.get(), starts_at=at[0],
                status="held", held_until=timezone.now() - timedelta(seconds=1),
            )  # fmt: skip
        found = at_once(*[partial(acts, chance.random(), doctors, crowd[:10], at, coordinator) for _ in range(THREADS)])
        assert sum(found) > 0
        assert overlaps() == 0
        held = Appointment.objects.filter(status="held").values_list("patient", flat=True)
        assert len(held) == len(set(held))
        wipe()


def acts(seed, doctors, patients, times, coordinator):
    """One person does six things, by chance; how many of them succeeded. Refusals are ours, or the test fails."""
    chance, done = random.Random(seed), 0
    for _ in range(6):
        patient, schedule = chance.choice(patients), chance.choice(doctors)
        where = {"doctor_id": schedule.doctor_id, "hospital_id": schedule.hospital_id}
        mine = list(Appointment.objects.filter(patient=patient).exclude(status="cancelled"))
        some = chance.choice(mine) if mine else None
        verb = chance.choice(["hold", "hold", "book", "move", "cancel", "pay", "sweep"])
        with suppress(DomainError):
            if verb == "hold":
                services.hold_slot(by=patient.user, starts_at=chance.choice(times), **where)
            elif verb == "book":
                services.book_appointment(by=patient.user, starts_at=chance.choice(times), **where)
            elif verb == "move" and some:
                services.reschedule_appointment(some.pk, by=patient.user, starts_at=chance.choice(times))
            elif verb == "cancel" and some:
                services.cancel_appointment(some.pk, by=patient.user)
            elif verb == "pay" and some:
                pay(some, coordinator)
            else:
                services.lapse_holds()
            done += 1
    return done
