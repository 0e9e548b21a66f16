"""What becomes of the demo's appointments keeps to the rules of bookings, whatever the dice say."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from apps.bookings import rules, workflow
from apps.bookings.workflow import AppointmentStatus
from medivoy.demo import histories

STARTS = datetime(2026, 3, 29, 9, 30, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=30)
ROLE_OF = {histories.PATIENT: "patient", histories.DOCTOR: "doctor", histories.HOSPITAL: "hospital_admin"}
FATES = [*histories.FATES, "unanswered"]


def histories_of(fate: str, booked_at: datetime) -> list[list[histories.Step]]:
    return [
        histories.history(fate, booked_at=booked_at, starts_at=STARTS, ends_at=ENDS, chance=random.Random(seed))
        for seed in range(100)
    ]


@pytest.mark.parametrize("ahead", [timedelta(hours=4), timedelta(days=1), timedelta(days=20)])
@pytest.mark.parametrize("fate", FATES)
def test_every_step_is_one_that_its_side_may_take_at_that_time(fate: str, ahead: timedelta) -> None:
    for steps in histories_of(fate, STARTS - ahead):
        status, earlier = AppointmentStatus.REQUESTED, STARTS - ahead
        for step in steps:
            assert step.at > earlier
            assert rules.why_not_move(status, step.to, STARTS, role=ROLE_OF[step.by], now=step.at) is None
            status, earlier = AppointmentStatus(step.to), step.at


@pytest.mark.parametrize(
    ("fate", "ends_as"),
    [
        ("attended", AppointmentStatus.COMPLETED),
        ("cancelled_by_patient", AppointmentStatus.CANCELLED),
        ("cancelled_by_hospital", AppointmentStatus.CANCELLED),
        ("no_show", AppointmentStatus.NO_SHOW),
        ("declined", AppointmentStatus.REJECTED),
        ("left", AppointmentStatus.CONFIRMED),
    ],
)
def test_a_fate_ends_in_its_status(fate: str, ends_as: str) -> None:
    assert {steps[-1].to for steps in histories_of(fate, STARTS - timedelta(days=5))} == {ends_as}


def test_what_nobody_answered_has_no_steps() -> None:
    assert set(map(len, histories_of("unanswered", STARTS - timedelta(days=5)))) == {0}


def test_every_status_that_an_appointment_can_have_is_shown() -> None:
    shown = {step.to for fate in FATES for steps in histories_of(fate, STARTS - timedelta(days=5)) for step in steps}
    others = {*workflow.UNASKED, workflow.AppointmentStatus.REQUESTED, workflow.AppointmentStatus.DOCTOR_ABSENT}
    assert shown | others == set(workflow.AppointmentStatus.values)


def test_only_what_is_still_to_come_may_be_unanswered() -> None:
    chance = random.Random(1)
    past = {histories.fate_of(chance, is_to_come=False) for _ in range(500)}
    coming = {histories.fate_of(chance, is_to_come=True) for _ in range(500)}
    assert past == set(histories.FATES)
    assert coming == set(histories.FATES) | {"unanswered"}
