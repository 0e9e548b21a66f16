"""Leave over appointments is taken: whom it displaces, who is told what, until when, and what ends it again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.roles import Role
from apps.bookings import exceptions, rules, selectors, services
from apps.bookings.models import Appointment, Closure, Displacement
from apps.bookings.services import calendars, displacement
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus
from apps.common.exceptions import Forbidden
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.bookings import MONDAY_9_CHENNAI, AppointmentFactory
from tests.factories.hospitals import AffiliationFactory

START = MONDAY_9_CHENNAI
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN, SETTLED = DisplacementStatus.OPEN, DisplacementStatus.SETTLED


def told(kind, channel="email"):
    return list(Message.objects.filter(kind=f"bookings.{kind}", channel=channel))


# --- rules ---


@pytest.mark.parametrize(
    ("before_start", "time_to_choose", "urgent"),
    [
        (30 * DAY, 48 * HOUR, False),
        (60 * HOUR, 48 * HOUR, False),
        (60 * HOUR - SECOND, 48 * HOUR - SECOND, False),
        (14 * HOUR, 2 * HOUR, False),
        (13 * HOUR, HOUR, False),
        (13 * HOUR - SECOND, HOUR, True),
        (MINUTE, HOUR, True),
    ],
)
def test_a_patient_has_two_days_to_choose_but_not_beyond_twelve_hours_before_and_an_hour_at_least(
    before_start, time_to_choose, urgent
):
    now = START - before_start
    assert rules.respond_by(START, now=now) == now + time_to_choose
    assert rules.is_urgent(START, now=now) is urgent


@pytest.mark.parametrize(
    ("status", "role", "after_deadline", "expected"),
    [
        ("open", Role.PATIENT, 0 * SECOND, type(None)),
        ("open", Role.PATIENT, SECOND, exceptions.DisplacementOverdue),
        ("open", Role.COORDINATOR, DAY, type(None)),
        ("open", Role.HOSPITAL_ADMIN, DAY, type(None)),
        ("open", Role.ADMIN, DAY, type(None)),
        ("open", Role.DOCTOR, -DAY, Forbidden),
        ("open", Role.SUPPORT, -DAY, Forbidden),
        *[(status, Role.ADMIN, -DAY, exceptions.DisplacementSettled) for status in DisplacementStatus.values[1:]],
    ],
)
def test_who_chooses_and_until_when(status, role, after_deadline, expected):
    assert isinstance(rules.why_not_choose(status, START, role=role, now=START + after_deadline), expected)


# --- leave ---


@pytest.fixture
def leave(schedule):
    """`leave(first, last)`: the doctor is away from the start of one slot to the end of another."""

    def leave(first, last=None, **more):
        return services.add_time_off(
            schedule.doctor_id,
            by=schedule.doctor.user,
            starts_at=first.starts_at,
            ends_at=(last or first).ends_at,
            **more,
        )

    return leave


pytestmark = pytest.mark.django_db


def test_leave_over_an_appointment_is_taken_and_its_patient_is_asked_to_choose(leave, book, free, coordinator):
    appointment, beside = book(free[0]), book(free[1])
    away = leave(free[0])
    waiting = Displacement.objects.get()
    assert (waiting.appointment, waiting.version, waiting.time_off) == (appointment, 1, away)
    assert waiting.status == OPEN
    assert waiting.respond_by == rules.respond_by(appointment.starts_at, now=waiting.respond_by - 48 * HOUR)
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.REQUESTED
    [letter] = told("appointment_displaced")
    assert letter.recipient == appointment.patient.user
    assert [message.recipient for message in told("appointments_displaced")] == [coordinator]
    assert beside.displacements.count() == 0


def test_the_link_is_kept_as_a_hash_and_stands_in_no_message_that_stays(leave, book, free):
    book(free[0])
    leave(free[0])
    [letter] = told("appointment_displaced")
    token = letter.context["link"].rstrip("/").rpartition("/")[2]
    waiting = Displacement.objects.get()
    assert len(token) >= 43
    assert waiting.token_hash == rules.hash_of(token) != token
    assert "link" not in told("appointment_displaced", "in_app")[0].context
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM common_auditentry WHERE changes::text LIKE %s", [f"%{waiting.token_hash}%"]
        )
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("status", "is_displaced"),
    [(status, status in {"requested", "appointment_confirmed"}) for status in AppointmentStatus.values],
)
def test_only_what_is_asked_for_or_agreed_on_is_displaced(schedule, free, leave, status, is_displaced):
    cancelled = {"cancelled_by": "patient", "cancelled_at": timezone.now()} if status == "cancelled" else {}
    AppointmentFactory(
        affiliation=None, doctor=schedule.doctor, hospital=schedule.hospital, starts_at=free[0].starts_at,
        status=status, **cancelled,
    )  # fmt: skip
    leave(free[0])
    assert Displacement.objects.exists() is is_displaced


def test_what_touches_the_leave_or_has_begun_stays_and_so_does_the_buffer(schedule, free, leave, book):
    before, after = book(free[0]), book(free[2])
    Appointment.objects.filter(pk=before.pk).update(busy_until=free[1].ends_at - MINUTE)
    leave(free[1])
    assert not Displacement.objects.exists()
    leave(free[2], now=after.starts_at)
    assert not Displacement.objects.exists()


def test_another_doctor_at_the_same_time_is_not_concerned(free, leave, hospital):
    AppointmentFactory(affiliation=AffiliationFactory(hospital=hospital), starts_at=free[0].starts_at)
    leave(free[0])
    assert not Displacement.objects.exists()


def test_a_hold_in_the_way_lapses_and_its_patient_is_told_nothing(schedule, free, leave, patient):
    held = services.hold_slot(
        by=patient.user, doctor_id=schedule.doctor_id, hospital_id=schedule.hospital_id, starts_at=free[0].starts_at
    )
    leave(free[0])
    held.refresh_from_db()
    assert held.status == AppointmentStatus.LAPSED
    assert held.events.latest("at").to_status == AppointmentStatus.LAPSED
    assert not Displacement.objects.exists()
    assert not Message.objects.exists()


def test_one_digest_for_each_desk_and_the_staff_read_of_their_own_hospital_only(
    leave, book, free, other_patient, hospital_admin, other_hospital_admin, coordinator
):
    book(free[0])
    book(free[1], by=other_patient.user)
    leave(free[0], free[1])
    assert {(message.recipient, message.context["count"]) for message in told("appointments_displaced")} == {
        (coordinator, 2), (hospital_admin, 2),
    }  # fmt: skip
    assert len(told("appointment_displaced")) == 2


def test_of_what_is_near_the_coordinators_are_told_to_call_at_once_and_not_again(leave, book, free, coordinator):
    appointment = book(free[0])
    leave(free[0], now=appointment.starts_at - 12 * HOUR)
    [digest] = told("appointments_displaced")
    assert (digest.context["count"], digest.context["urgent"]) == (1, 1)
    assert told("appointment_displaced")[0].context["is_urgent"] is True
    assert services.tell_of_overdue(now=appointment.starts_at) == 0


def test_what_one_leave_has_displaced_a_second_leaves_as_it_is(leave, book, free):
    book(free[0])
    first = leave(free[0])
    kept = Displacement.objects.values().get()
    leave(free[0], free[1])
    assert Displacement.objects.values().get() == kept
    assert kept["time_off_id"] == first.pk
    assert len(told("appointment_displaced")) == 1


def test_longer_leave_displaces_what_it_now_meets_and_shorter_leave_lets_the_rest_stand(
    schedule, leave, book, free, other_patient
):
    one, other = book(free[0]), book(free[1], by=other_patient.user)
    away = leave(free[0])
    change = {"by": schedule.doctor.user, "starts_at": free[0].starts_at}
    services.change_time_off(schedule.doctor_id, away.pk, ends_at=free[1].ends_at, **change)
    assert set(Displacement.objects.filter(status=OPEN).values_list("appointment", flat=True)) == {one.pk, other.pk}
    services.change_time_off(schedule.doctor_id, away.pk, ends_at=free[0].ends_at, **change)
    assert list(Displacement.objects.filter(status=OPEN).values_list("appointment", flat=True)) == [one.pk]
    assert [letter.recipient for letter in told("appointment_stands")] == [other_patient.user]
    assert len(told("appointment_displaced")) == 2


def test_leave_that_is_removed_lets_the_appointments_stand_and_the_patients_are_told(schedule, leave, book, free):
    appointment = book(free[0])
    away = leave(free[0])
    services.end_time_off(schedule.doctor_id, away.pk, by=schedule.doctor.user)
    waiting = Displacement.objects.get()
    assert (waiting.status, waiting.settled_by, waiting.time_off) == (SETTLED, "", None)
    assert [letter.recipient for letter in told("appointment_stands")] == [appointment.patient.user]


def test_other_leave_or_a_closure_that_meets_it_keeps_it_waiting(schedule, leave, book, free):
    book(free[0])
    first, second = leave(free[0]), leave(free[0], free[1])
    services.end_time_off(schedule.doctor_id, first.pk, by=schedule.doctor.user)
    assert Displacement.objects.get(status=OPEN).time_off == second
    day = free[0].starts_at.astimezone().date()
    closed = Closure.objects.create(hospital=schedule.hospital, starts_on=day - DAY, ends_on=day + DAY)
    services.end_time_off(schedule.doctor_id, second.pk, by=schedule.doctor.user)
    assert Displacement.objects.get(status=OPEN).closure == closed
    assert not told("appointment_stands")


def test_leave_that_comes_again_asks_again_with_another_link(schedule, leave, book, free):
    book(free[0])
    away = leave(free[0])
    services.end_time_off(schedule.doctor_id, away.pk, by=schedule.doctor.user)
    before = Displacement.objects.get().token_hash
    again = leave(free[0])
    waiting = Displacement.objects.get()
    assert (waiting.status, waiting.time_off, waiting.settled_at) == (OPEN, again, None)
    assert waiting.token_hash != before
    assert len(told("appointment_displaced")) == 2


def test_a_letter_that_was_not_sent_yet_is_not_sent_once_there_is_nothing_to_choose(schedule, leave, book, free):
    appointment = book(free[0])
    away = leave(free[0])
    [first] = told("appointment_displaced")
    assert selectors.overtaken_displacements([first], timezone.now()) == {}
    services.end_time_off(schedule.doctor_id, away.pk, by=schedule.doctor.user)
    leave(free[0])
    [second] = [letter for letter in told("appointment_displaced") if letter != first]
    assert list(selectors.overtaken_displacements([first, second], timezone.now())) == [first.pk]
    services.cancel_appointment(appointment.pk, by=appointment.patient.user)
    assert set(selectors.overtaken_displacements([first, second], timezone.now())) == {first.pk, second.pk}


# --- the work list ---


def test_each_overdue_choice_is_brought_to_the_coordinators_once(leave, book, free, coordinator, other_patient):
    book(free[0])
    book(free[1], by=other_patient.user)
    leave(free[0], free[1])
    first, last = Displacement.objects.order_by("respond_by")
    Displacement.objects.filter(pk=last.pk).update(respond_by=first.respond_by + DAY)
    assert services.tell_of_overdue(now=first.respond_by - SECOND) == 0
    assert [services.tell_of_overdue(now=first.respond_by) for _ in range(2)] == [1, 0]
    assert services.tell_of_overdue(now=first.respond_by + DAY) == 1
    assert [message.context["count"] for message in told("displacements_overdue")] == [1, 1]
    assert {message.recipient for message in told("displacements_overdue")} == {coordinator}


def test_what_was_chosen_is_not_overdue(leave, book, free, patient):
    appointment = book(free[0])
    leave(free[0])
    services.choose_refund(appointment.pk, by=patient.user)
    assert services.tell_of_overdue(now=appointment.starts_at) == 0


@pytest.mark.parametrize(
    ("act", "settled_by"),
    [
        (lambda row, by: services.cancel_appointment(row.pk, by=row.patient.user), "patient"),
        (lambda row, by: services.move_appointment(row.pk, "rejected", by=row.doctor.user), "doctor"),
        (lambda row, by: services.cancel_appointment(row.pk, by=by), "platform"),
    ],
    ids=["cancelled by the patient", "declined", "cancelled by a coordinator"],
)
def test_what_is_settled_in_another_way_waits_no_more(leave, book, free, coordinator, act, settled_by):
    appointment = book(free[0])
    leave(free[0])
    act(appointment, coordinator)
    waiting = Displacement.objects.get()
    assert (waiting.status, waiting.settled_by) == (SETTLED, settled_by)
    assert waiting.settled_at is not None


def test_an_ordinary_move_settles_it_too_and_counts(leave, book, free, patient):
    appointment = book(free[0])
    leave(free[0])
    moved = services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[3].starts_at)
    assert Displacement.objects.get().status == SETTLED
    assert moved.times_moved == 1


def test_what_is_displaced_is_not_confirmed(leave, book, free, doctor):
    appointment = book(free[0])
    leave(free[0])
    with pytest.raises(exceptions.StillDisplaced):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=doctor.user)
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.REQUESTED


# --- set-wise ---


def statements(schedule, count, first):
    for number in range(count):
        AppointmentFactory(
            affiliation=None, doctor=schedule.doctor, hospital=schedule.hospital, starts_at=first + 30 * number * MINUTE
        )
    at = timezone.now()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        calendars.lock(schedule.doctor_id)
        noted = displacement.note_displaced(
            start=first, end=first + count * 30 * MINUTE, doctor_ids=[schedule.doctor_id], by=None, now=at
        )
    assert noted == count
    return len(captured)


def test_leave_costs_the_same_number_of_statements_however_many_appointments(schedule, coordinator, hospital_admin):
    UserFactory(role=Role.COORDINATOR, language="ar")
    assert statements(schedule, 2, START) == statements(schedule, 12, START + 30 * DAY)
    assert Displacement.objects.count() == 14


def test_withdrawing_costs_the_same_number_of_statements_however_many_appointments(schedule):
    def cost(count, first):
        statements(schedule, count, first)
        period = {"starts_at": first, "ends_at": first + DAY}
        away = services.add_time_off(schedule.doctor_id, by=schedule.doctor.user, **period)
        Displacement.objects.update(time_off=away)
        with CaptureQueriesContext(connection) as captured:
            assert displacement.withdraw(time_off=away, now=timezone.now()) == count
        return len(captured)

    assert cost(2, START) == cost(12, START + 30 * DAY)
