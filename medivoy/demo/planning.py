"""Who sees which doctor when: chosen from the slots that the doctors really offer, past, today and to come."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.bookings import selectors, slots
from apps.bookings.models import TimeOff
from apps.clinical.models import Patient
from apps.clinical.rules import is_minor
from apps.hospitals.models import Doctor

from . import doctors as doctor_room
from . import histories, patients
from .histories import Step

PAST = timedelta(days=75)
COMING = timedelta(days=32)
TODAY = timedelta(hours=10)
#: How many a doctor has: fewest and most.
PAST_COUNT = (2, 5)
COMING_COUNT = (1, 3)
#: Whether a doctor has one within TODAY before or after now.
SHARE_WITH_ONE_TODAY = 0.6
#: The shown doctor has so many before now and as many after; of each, so many with the shown patient, who has no other.
SHOWN_COUNT = 4
SHOWN_TOGETHER = 2
#: Appointments that the patient moves to another time before it comes.
SHARE_MOVED = 0.05
BOOKED_AHEAD_DAYS = (2, 20)
SHORTEST_NOTICE = timedelta(hours=4)
MEAN_AGE_OF_COMING = timedelta(days=3)
#: A patient's appointments are so far apart that no journey is absurd.
APART = timedelta(hours=30)


@dataclass(frozen=True)
class Plan:
    """One appointment to be played: first booked for `booked`, held at `slot` (another one when it was moved)."""

    doctor: Doctor
    patient: Patient
    booked: slots.Slot
    slot: slots.Slot
    booked_at: datetime
    moved_at: datetime | None
    steps: tuple[Step, ...]


class Planner:
    """Plans until no patient is at two places and no slot is used twice."""

    def __init__(self, now: datetime, chance: random.Random) -> None:
        self._now = now
        self._chance = chance
        everyone = patients.everyone()
        self._shown = next(patient for patient in everyone if patient.user.email == patients.SHOWN)
        others = [patient for patient in everyone if patient is not self._shown]
        self._children = [patient for patient in others if is_minor(patient, today=now.date())]
        self._patients = [patient for patient in others if patient not in self._children]
        self._diary: dict[Any, list[datetime]] = {}
        self._leave: dict[Any, list[slots.Interval]] = {}
        for leave in TimeOff.objects.all():
            self._leave.setdefault(leave.doctor_id, []).append((leave.starts_at, leave.ends_at))

    def everything(self) -> list[Plan]:
        """All plans in the order in which they were booked."""
        found: list[Plan] = []
        for doctor in doctor_room.bookable():
            found += self._of(doctor)
        return sorted(found, key=lambda plan: plan.booked_at)

    def _of(self, doctor: Doctor) -> Iterable[Plan]:
        now = self._now
        offered = self._offered(doctor)
        past = [slot for slot in offered if slot.ends_at < now - TODAY]
        today = [slot for slot in offered if now - TODAY <= slot.ends_at and slot.starts_at < now + TODAY]
        coming = [slot for slot in offered if now + TODAY <= slot.starts_at]
        is_shown = doctor.user.email == doctor_room.SHOWN
        counts = (
            (past, SHOWN_COUNT if is_shown else self._chance.randint(*PAST_COUNT)),
            (today, int(is_shown or self._chance.random() < SHARE_WITH_ONE_TODAY)),
            (coming, SHOWN_COUNT if is_shown else self._chance.randint(*COMING_COUNT)),
        )
        for period, count in counts:
            for number in range(count):
                together = is_shown and period is not today and number < SHOWN_TOGETHER
                plan = self._plan(doctor, period, patient=self._shown if together else None, is_first=number == 0)
                if plan:
                    yield plan

    def _offered(self, doctor: Doctor) -> list[slots.Slot]:
        start, end = self._now - PAST, self._now + COMING
        calendar = selectors.calendar_of(doctor.pk, now=start)  # with the holidays that are over by now
        every_slot = sorted(slot for plan in calendar.plans for slot in slots.expand(plan, start, end))
        return slots.free(every_slot, self._leave.get(doctor.pk, []))

    def _plan(
        self, doctor: Doctor, period: list[slots.Slot], *, patient: Patient | None, is_first: bool
    ) -> Plan | None:
        slot = self._take(period)
        if slot is None:
            return None
        booked_at = self._booked_at(slot)
        patient = self._patient(slot, booked_at, [patient] if patient else self._fitting(doctor))
        if patient is None or slot.starts_at - booked_at < SHORTEST_NOTICE:
            return None
        is_to_come = slot.starts_at > self._now
        fate = histories.fate_of(self._chance, is_to_come=is_to_come)
        if patient is self._shown:  # what is shown first: one request to answer, one confirmed, two that took place
            fate = "unanswered" if is_to_come and is_first else "attended"
            booked_at = min(booked_at, self._now - histories.LONGEST_ANSWER)
        booked, moved_at = slot, None
        if fate == "attended" and patient is not self._shown and self._chance.random() < SHARE_MOVED:
            booked, moved_at = self._moved(period, slot, booked_at, self._diary[patient.pk])
        steps = histories.history(
            fate,
            booked_at=moved_at or booked_at,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            chance=self._chance,
        )
        return Plan(doctor, patient, booked, slot, booked_at, moved_at, tuple(steps))

    def _take(self, period: list[slots.Slot]) -> slots.Slot | None:
        return period.pop(self._chance.randrange(len(period))) if period else None

    def _booked_at(self, slot: slots.Slot) -> datetime:
        earliest = slot.starts_at - timedelta(days=BOOKED_AHEAD_DAYS[1])
        if slot.starts_at > self._now + timedelta(days=1):
            age = timedelta(seconds=self._chance.expovariate(1 / MEAN_AGE_OF_COMING.total_seconds()))
            # COMING and this together stay within the horizon of every schedule.
            return self._now - min(age, timedelta(days=15)) - timedelta(minutes=5)
        ahead = timedelta(days=self._chance.uniform(BOOKED_AHEAD_DAYS[0], BOOKED_AHEAD_DAYS[1]))
        return max(earliest, slot.starts_at - ahead)

    def _moved(
        self, period: list[slots.Slot], slot: slots.Slot, booked_at: datetime, diary: list[datetime]
    ) -> tuple[slots.Slot, datetime | None]:
        """Another slot that was booked first, and when it was given up for `slot`; none is no move."""
        moved_at = booked_at + timedelta(hours=self._chance.randint(2, 20))
        earliest, latest = moved_at + APART, booked_at + COMING
        others = [
            other
            for other in period
            if other.hospital_id == slot.hospital_id
            and earliest < other.starts_at < latest
            and all(abs(other.starts_at - at) >= APART for at in diary)
        ]
        if not others or moved_at > min(self._now, slot.starts_at - SHORTEST_NOTICE):
            return slot, None
        other = self._chance.choice(others)
        period.remove(other)
        diary.append(other.starts_at)
        return other, moved_at

    def _fitting(self, doctor: Doctor) -> list[Patient]:
        """Some who may see a doctor of this specialty: children those for children, women those for women."""
        specialty = doctor.specialty.code if doctor.specialty else ""
        found = self._children if specialty.startswith("paediatric") else self._patients
        if specialty == "obstetrics-gynaecology":
            found = [patient for patient in found if patient.gender == Patient.Gender.FEMALE]
        return self._chance.sample(found, min(50, len(found)))

    def _patient(self, slot: slots.Slot, booked_at: datetime, candidates: Iterable[Patient]) -> Patient | None:
        """Who was registered by then and is nowhere else around that time; None when nobody is found soon."""
        for patient in candidates:
            diary = self._diary.setdefault(patient.pk, [])
            is_known = patient.user.created_at < booked_at
            if is_known and all(abs(slot.starts_at - other) >= APART for other in diary):
                diary.append(slot.starts_at)
                return patient
        return None
