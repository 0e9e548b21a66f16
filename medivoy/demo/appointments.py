"""Room: appointments of the past weeks, of today, and to come, each with the history that has happened by now."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.bookings import services as booking_services
from apps.bookings.models import Appointment

from . import casting, clock, hospitals, planning, sources, staff
from .histories import DOCTOR, HOSPITAL, PATIENT, Step

SHARE_BY_COORDINATOR = 0.2
SHARE_BY_VIDEO = 0.4
TOLD_EVERY = 50


def load(now: datetime, tell: Callable[[str], None]) -> int:
    """Every planned appointment is booked, and moved as far as its history goes by now."""
    chance = casting.dice("appointments")
    plans = planning.Planner(now, chance).everything()
    stage = Stage(chance)
    for number, plan in enumerate(plans, start=1):
        stage.play(plan, now)
        if number % TOLD_EVERY == 0:
            tell(f"{number} of {len(plans)} appointments")
    return len(plans)


class Stage:
    """Plays plans through the services, each act by the person whose it is and at its time."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._coordinators = staff.coordinators()
        self._hospital_staff = hospitals.staff_of()
        self._texts = sources.appointments()

    def play(self, plan: planning.Plan, now: datetime) -> None:
        appointment = self._book(plan)
        if plan.moved_at:
            with clock.acting(plan.patient.user, plan.moved_at):
                booking_services.reschedule_appointment(
                    appointment.pk, by=plan.patient.user, starts_at=plan.slot.starts_at
                )
        for step in plan.steps:
            if step.at <= now:
                self._move(appointment, plan, step)

    def _book(self, plan: planning.Plan) -> Appointment:
        by_coordinator = self._chance.random() < SHARE_BY_COORDINATOR
        by = self._chance.choice(self._coordinators) if by_coordinator else plan.patient.user
        by_video = plan.doctor.offers_teleconsult and self._chance.random() < SHARE_BY_VIDEO
        specialty = plan.doctor.specialty
        complaints = self._texts["complaints"][specialty.code if specialty else ""]
        with clock.acting(by, plan.booked_at):
            return booking_services.book_appointment(
                by=by,
                patient_id=plan.patient.pk if by_coordinator else None,
                doctor_id=plan.doctor.pk,
                hospital_id=plan.booked.hospital_id,
                starts_at=plan.booked.starts_at,
                kind=Appointment.Kind.TELECONSULT if by_video else Appointment.Kind.IN_PERSON,
                complaint=self._chance.choice(complaints)[plan.patient.user.language],
            )

    def _move(self, appointment: Appointment, plan: planning.Plan, step: Step) -> None:
        by = self._person(plan, step.by)
        note = self._reason(step, plan.patient.user.language)
        with clock.acting(by, step.at):
            booking_services.move_appointment(appointment.pk, step.to, by=by, note=note)

    def _person(self, plan: planning.Plan, side: str) -> User:
        people: dict[str, Any] = {
            PATIENT: plan.patient.user,
            DOCTOR: plan.doctor.user,
            HOSPITAL: self._hospital_staff[plan.slot.hospital_id],
        }
        person: User = people[side]
        return person

    def _reason(self, step: Step, language: str) -> str:
        if not step.reason:
            return ""
        reasons = self._texts[f"{step.reason}_reasons"][step.by]
        return str(self._chance.choice(reasons)[language])
