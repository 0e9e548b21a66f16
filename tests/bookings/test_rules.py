"""Decisions about appointments, at their boundaries."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from apps.accounts.roles import Role
from apps.bookings import exceptions, rules, slots
from apps.bookings.slots import Opening, Plan
from apps.bookings.workflow import APPOINTMENT, AppointmentStatus
from apps.common.exceptions import Forbidden, MoveNotAllowed

START = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)  # 09:30 in Kolkata, a Monday
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN = [AppointmentStatus.REQUESTED, AppointmentStatus.CONFIRMED]


def is_refused(refusal, kind):
    return refusal is None if kind is None else isinstance(refusal, kind)


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize(
    ("role", "before_start", "expected"),
    [
        (Role.PATIENT, 3 * HOUR, None),
        (Role.PATIENT, 2 * HOUR, None),
        (Role.PATIENT, 2 * HOUR - SECOND, exceptions.CancellationTooLate),
        (Role.PATIENT, SECOND, exceptions.CancellationTooLate),
        (Role.PATIENT, -SECOND, exceptions.AlreadyStarted),
        (Role.DOCTOR, SECOND, None),
        (Role.HOSPITAL_ADMIN, SECOND, None),
        (Role.COORDINATOR, SECOND, None),
        (Role.ADMIN, 0 * SECOND, exceptions.AlreadyStarted),
        (Role.SUPPORT, DAY, Forbidden),
        (Role.TRANSLATOR, DAY, Forbidden),
    ],
)
def test_when_who_may_cancel(status, role, before_start, expected):
    assert is_refused(rules.why_not_cancel(status, START, role=role, now=START - before_start), expected)
    moved = rules.why_not_move(status, AppointmentStatus.CANCELLED, START, role=role, now=START - before_start)
    assert is_refused(moved, expected)


@pytest.mark.parametrize("status", [s for s in AppointmentStatus if s not in {*OPEN, AppointmentStatus.AWAITING}])
def test_what_is_over_or_under_way_is_not_cancelled(status):
    assert isinstance(rules.why_not_cancel(status, START, role=Role.ADMIN, now=START - DAY), MoveNotAllowed)


@pytest.mark.parametrize(
    ("status", "to", "role", "now", "expected"),
    [
        ("requested", "appointment_confirmed", Role.DOCTOR, START - SECOND, None),
        ("requested", "appointment_confirmed", Role.DOCTOR, START, exceptions.AlreadyStarted),
        ("requested", "appointment_confirmed", Role.PATIENT, START - DAY, Forbidden),
        ("requested", "appointment_confirmed", Role.SUPPORT, START - DAY, Forbidden),
        ("requested", "rejected", Role.HOSPITAL_ADMIN, START + DAY, None),
        ("requested", "no_show", Role.DOCTOR, START + DAY, MoveNotAllowed),
        ("appointment_confirmed", "awaiting_consultation", Role.HOSPITAL_ADMIN, START - 12 * HOUR, None),
        ("appointment_confirmed", "awaiting_consultation", Role.ADMIN, START - 12 * HOUR - SECOND, exceptions.TooEarly),
        ("appointment_confirmed", "awaiting_consultation", Role.DOCTOR, START + DAY, None),
        ("appointment_confirmed", "no_show", Role.DOCTOR, START - SECOND, exceptions.NotYetStarted),
        ("appointment_confirmed", "no_show", Role.COORDINATOR, START, None),
        ("awaiting_consultation", "consultation_in_progress", Role.DOCTOR, START - HOUR, None),
        ("consultation_in_progress", "prescription_provided", Role.HOSPITAL_ADMIN, START, Forbidden),
        ("consultation_in_progress", "prescription_provided", Role.DOCTOR, START, None),
        ("consultation_completed", "requested", Role.ADMIN, START, MoveNotAllowed),
    ],
)  # fmt: skip
def test_each_move_in_its_time_by_its_roles(status, to, role, now, expected):
    assert is_refused(rules.why_not_move(status, to, START, role=role, now=now), expected)


@pytest.mark.parametrize(
    ("status", "role", "times", "before_start", "expected"),
    [
        ("requested", Role.PATIENT, 0, 2 * HOUR, None),
        ("appointment_confirmed", Role.PATIENT, 2, 2 * HOUR, None),
        ("appointment_confirmed", Role.PATIENT, 0, 2 * HOUR - SECOND, exceptions.RescheduleTooLate),
        ("appointment_confirmed", Role.DOCTOR, 0, SECOND, None),
        ("appointment_confirmed", Role.COORDINATOR, 0, 0 * SECOND, exceptions.AlreadyStarted),
        ("requested", Role.PATIENT, 3, DAY, exceptions.RescheduledTooOften),
        ("requested", Role.ADMIN, 3, DAY, exceptions.RescheduledTooOften),
        ("requested", Role.SUPPORT, 0, DAY, Forbidden),
        ("awaiting_consultation", Role.DOCTOR, 0, DAY, exceptions.NotReschedulable),
        ("cancelled", Role.PATIENT, 0, DAY, exceptions.NotReschedulable),
    ],
)
def test_when_who_may_move_it_to_another_time(status, role, times, before_start, expected):
    refusal = rules.why_not_reschedule(status, START, times_moved=times, role=role, now=START - before_start)
    assert is_refused(refusal, expected)


PLAN = Plan(
    UUID(int=1),
    "Asia/Kolkata",
    tuple(Opening(day, time(9), time(12)) for day in range(7)),
    timedelta(minutes=30),
    notice=2 * HOUR,
    horizon=30 * DAY,
)
SLOT = slots.find(PLAN, START)
MEETING = [(START, START + 30 * MINUTE)]
NEXT = [(START + 30 * MINUTE, START + HOUR)]
BUFFERED = replace(PLAN, buffer=30 * MINUTE, openings=tuple(Opening(day, time(9, 30), time(12)) for day in range(7)))
BUFFERED_SLOT = slots.find(BUFFERED, START)
CAPPED = replace(PLAN, daily_cap=1)
SAME_DAY, NEXT_DAY = [(UUID(int=1), START + HOUR)], [(UUID(int=1), START + DAY)]


@pytest.mark.parametrize(
    ("plan", "slot", "before_start", "busy", "expected"),
    [
        (PLAN, SLOT, DAY, {}, None),
        (PLAN, SLOT, 2 * HOUR, {}, None),
        (PLAN, SLOT, 2 * HOUR - SECOND, {}, exceptions.SlotTooSoon),
        (PLAN, SLOT, -DAY, {}, exceptions.SlotTooSoon),
        (PLAN, SLOT, 30 * DAY, {}, exceptions.SlotBeyondHorizon),
        (PLAN, SLOT, 30 * DAY - SECOND, {}, None),
        (PLAN, None, DAY, {}, exceptions.SlotNotOffered),
        (None, None, DAY, {}, exceptions.DoctorNotBookable),
        (PLAN, SLOT, DAY, {"leave": MEETING}, exceptions.SlotNotOffered),
        (PLAN, SLOT, DAY, {"doctor": MEETING}, exceptions.SlotTaken),
        (PLAN, SLOT, DAY, {"patient": MEETING}, exceptions.PatientBusy),
        (PLAN, SLOT, DAY, {"doctor": MEETING, "patient": MEETING}, exceptions.SlotTaken),
        (PLAN, SLOT, DAY, {"doctor": [(START - HOUR, START), (START + 30 * MINUTE, START + HOUR)]}, None),
        (PLAN, SLOT, DAY, {"patient": [(START + 29 * MINUTE, START + HOUR)]}, exceptions.PatientBusy),
        (BUFFERED, BUFFERED_SLOT, DAY, {"doctor": NEXT}, exceptions.SlotTaken),
        (BUFFERED, BUFFERED_SLOT, DAY, {"leave": NEXT, "patient": NEXT}, None),
        (CAPPED, SLOT, DAY, {"booked": SAME_DAY}, exceptions.DayFull),
        (CAPPED, SLOT, DAY, {"booked": NEXT_DAY}, None),
        (PLAN, SLOT, DAY, {"booked": SAME_DAY}, None),
        (CAPPED, SLOT, DAY, {"booked": SAME_DAY, "doctor": MEETING}, exceptions.SlotTaken),
        (replace(PLAN, closures=((START.date(), START.date()),)), None, DAY, {}, exceptions.SlotNotOffered),
    ],
)  # fmt: skip
def test_when_a_slot_may_be_booked(plan, slot, before_start, busy, expected):
    refusal = rules.why_not_book(plan, slot, START, now=START - before_start, busy=slots.Busy(**busy))
    assert is_refused(refusal, expected)


@pytest.mark.parametrize(
    ("role", "fields", "status", "expected"),
    [
        (Role.PATIENT, ["complaint"], "requested", None),
        (Role.PATIENT, ["complaint"], "appointment_confirmed", None),
        (Role.PATIENT, ["complaint"], "awaiting_consultation", exceptions.ComplaintClosed),
        (Role.COORDINATOR, ["complaint"], "requested", None),
        (Role.DOCTOR, ["complaint"], "requested", Forbidden),
        (Role.DOCTOR, ["notes"], "consultation_completed", None),
        (Role.PATIENT, ["notes"], "requested", Forbidden),
        (Role.PATIENT, ["complaint", "notes"], "requested", Forbidden),
        (Role.ADMIN, ["notes"], "requested", Forbidden),
        (Role.HOSPITAL_ADMIN, ["complaint"], "requested", Forbidden),
        (Role.PATIENT, [], "cancelled", None),
    ],
)
def test_who_writes_what(role, fields, status, expected):
    assert is_refused(rules.why_not_edit(status, fields, role=role), expected)


@pytest.mark.parametrize(
    ("hours", "overlap"),
    [
        ([Opening(0, time(9), time(12)), Opening(0, time(12), time(13))], False),
        ([Opening(0, time(9), time(12)), Opening(0, time(11, 59), time(13))], True),
        ([Opening(0, time(9), time(12)), Opening(1, time(9), time(12))], False),
        ([Opening(0, time(22), time(2)), Opening(1, time(1, 59), time(3))], True),
        ([Opening(0, time(22), time(2)), Opening(1, time(2), time(3))], False),
        ([Opening(6, time(22), time(2)), Opening(0, time(1), time(3))], True),
        ([Opening(6, time(22), time(0)), Opening(0, time(0), time(3))], False),
        (
            [
                Opening(0, time(9), time(12), effective_until=date(2026, 6, 30)),
                Opening(0, time(9), time(12), effective_from=date(2026, 7, 1)),
            ],
            False,
        ),
        (
            [
                Opening(0, time(9), time(12), effective_until=date(2026, 7, 1)),
                Opening(0, time(9), time(12), effective_from=date(2026, 7, 1)),
            ],
            True,
        ),
    ],
)
def test_hours_of_a_week_do_not_overlap(hours, overlap):
    assert is_refused(rules.why_not_hours(hours), exceptions.HoursOverlap if overlap else None)
    assert is_refused(rules.why_not_hours(hours[::-1]), exceptions.HoursOverlap if overlap else None)


@pytest.mark.parametrize(
    ("current", "expected", "stale"), [(2, None, False), (2, 2, False), (2, 1, True), (2, 3, True)]
)
def test_who_saw_another_version_is_stale(current, expected, stale):
    assert is_refused(rules.why_not_version(current, expected), exceptions.StaleVersion if stale else None)


@pytest.mark.parametrize(
    ("role", "by", "told"),
    [
        (Role.PATIENT, "patient", {"doctor"}),
        (Role.DOCTOR, "doctor", {"patient"}),
        (Role.HOSPITAL_ADMIN, "hospital", {"patient", "doctor"}),
        (Role.COORDINATOR, "platform", {"patient", "doctor"}),
        (Role.ADMIN, "platform", {"patient", "doctor"}),
    ],
)
def test_who_cancelled_and_who_is_told(role, by, told):
    assert rules.cancelled_by(role) == by
    assert rules.told_of_cancelling(by) == told


def test_every_offered_move_is_a_declared_one_of_that_role():
    for status in AppointmentStatus:
        for role in Role:
            offered = {edge.to for edge, _refusal in rules.moves_for(status, START, role=role, now=START)}
            assert offered == {edge.to for edge in APPOINTMENT.edges[status] if role in edge.roles}
