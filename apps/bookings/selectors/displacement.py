"""What is offered for an appointment that leave stands in the way of, and what its reader may do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Cast

from apps.accounts.models import User
from apps.bookings import rules, slots
from apps.bookings.models import Appointment, Displacement, TimeOff
from apps.bookings.workflow import DisplacementStatus
from apps.common.exceptions import DomainError, NotFound
from apps.hospitals.models import Affiliation, Doctor
from apps.notifications.models import Message

from . import calendars

#: Of so many colleagues, those who are free soonest, the calendars are looked through.
_LOOKED_AT = 12
#: What a slot can meet, and the local day on which a cap counts, lies within so far of it.
_AROUND = timedelta(days=2)


@dataclass(frozen=True)
class Colleague:
    """A doctor who could step in, and the first time that suits the patient."""

    doctor_id: UUID
    name: str
    slot: slots.Slot


@dataclass(frozen=True)
class Offers:
    """The doctor's next free times at the hospital, and colleagues; to cancel and be refunded is always offered."""

    times: Sequence[slots.Slot] = ()
    colleagues: Sequence[Colleague] = ()

    def show(self, zone: str) -> dict[str, Any]:
        """As the API shows them, with the reader's clock in `zone`."""
        return {
            "times": [slots.show(slot, zone) for slot in self.times],
            "colleagues": [
                {"doctor": {"id": each.doctor_id, "name": each.name}, **slots.show(each.slot, zone)}
                for each in self.colleagues
            ],
        }


@dataclass(frozen=True)
class DisplacementPage:
    """One displacement with its appointment, what is offered while it is open, and what stands against choosing."""

    displacement: Displacement
    why_not: DomainError | None
    offers: Offers = field(default_factory=Offers)

    @property
    def chosen(self) -> Appointment | None:
        """The appointment that takes place instead, as far as it is still to."""
        appointment = self.displacement.appointment
        if self.displacement.status == DisplacementStatus.COLLEAGUE:
            appointment = appointment.replaced_by
        elif self.displacement.status != DisplacementStatus.MOVED:
            return None
        return appointment if appointment.status in rules.OPEN else None


def displacement_of(appointment_id: UUID, *, reader: User) -> Displacement:
    """The last displacement of an appointment that the reader is party to. One query. Raises NotFound."""
    return _first(Displacement.objects.visible_to(reader).filter(appointment=appointment_id).order_by("-version"))


def displacement_by(token_hash: str) -> Displacement:
    """The displacement that a link opens, while its patient has an account. One query. Raises NotFound."""
    return _first(Displacement.objects.filter(token_hash=token_hash, appointment__patient__user__is_active=True))


def _first(rows: QuerySet[Displacement]) -> Displacement:
    related = ("appointment__doctor__user", "appointment__hospital", "appointment__patient__user")
    instead = ("appointment__replaced_by__doctor__user", "appointment__replaced_by__hospital")
    found: Displacement | None = rows.select_related(*related, *instead).first()
    if found is None:
        raise NotFound()
    return found


def displacement_page(displacement: Displacement, *, role: str, now: datetime) -> DisplacementPage:
    """What somebody in this role may still choose, and from what. Six queries while there is something to choose."""
    why_not = rules.why_not_choose(displacement.status, displacement.respond_by, role=role, now=now)
    if why_not:
        return DisplacementPage(displacement, why_not)
    return DisplacementPage(displacement, None, offers_for(displacement.appointment, now=now))


def overtaken_displacements(messages: Sequence[Message], now: datetime) -> Mapping[UUID, str]:
    """The letters with a link that opens nothing any more, and why: somebody has chosen, or it stands after all. One
    query. In the app, where there is no link, nothing waits to be sent."""
    links = {message.pk: rules.hash_of(_token(message)) for message in messages}
    waiting = Displacement.objects.filter(token_hash__in=links.values(), status=DisplacementStatus.OPEN)
    live = set(waiting.order_by().values_list("token_hash", flat=True))
    return {key: "there is nothing to choose any more" for key, link in links.items() if link not in live}


def _token(message: Message) -> str:
    return str(message.context["link"]).rstrip("/").rpartition("/")[2]


def offers_for(appointment: Appointment, *, now: datetime) -> Offers:
    """Times from that of the appointment on, where there are none then earlier ones; all of them suit the patient."""
    times = calendars.alternatives(
        appointment.doctor_id,
        appointment.hospital_id,
        appointment.starts_at,
        patient_id=appointment.patient_id,
        now=now,
        apart_from=appointment.pk,
    )
    return Offers(times[: rules.OFFERED_TIMES], _free_colleagues(appointment, now))


def colleagues_of(appointment: Appointment, now: datetime) -> QuerySet[Doctor]:
    """Listed doctors of the same primary specialty who practise at the hospital, by video where that was agreed on."""
    doctor = appointment.doctor
    if doctor.specialty_id is None:
        return Doctor.objects.none()
    there = Affiliation.objects.active().filter(hospital=appointment.hospital_id)
    colleagues = (
        Doctor.objects.listed(now.date())
        .filter(specialty=doctor.specialty_id, pk__in=there.values("doctor"))
        .exclude(pk=doctor.pk)
    )
    by_video = appointment.kind == Appointment.Kind.TELECONSULT
    return colleagues.filter(offers_teleconsult=True) if by_video else colleagues


def _free_colleagues(appointment: Appointment, now: datetime) -> list[Colleague]:
    """Those who are free soonest after the appointment's time; four queries, however many there are."""
    soonest = (
        colleagues_of(appointment, now).select_related("user").order_by(F("next_free_at").asc(nulls_last=True), "pk")
    )
    people: dict[UUID, Doctor] = {doctor.pk: doctor for doctor in soonest[:_LOOKED_AT]}
    if not people:
        return []
    known = calendars.calendars_of(people, now=now)
    plans_of = {key: calendar.at(appointment.hospital_id).plans for key, calendar in known.items()}
    until = slots.horizon_of((plan for plans in plans_of.values() for plan in plans), now)
    busy = _busy_of(plans_of, appointment, now, until)
    found = []
    for key, plans in plans_of.items():
        start = max(appointment.starts_at, now)
        free = slots.first_free(plans, start, until, busy[key], count=1, now=now)
        free = free or slots.first_free(plans, now, start, busy[key], count=1, now=now)
        found += [Colleague(key, str(people[key]), slot) for slot in free]
    found.sort(key=lambda each: (each.slot.starts_at, each.doctor_id))
    return found[: rules.OFFERED_COLLEAGUES]


def _busy_of(
    doctors: Mapping[UUID, Any], appointment: Appointment, start: datetime, end: datetime
) -> dict[UUID, slots.Busy]:
    """What stands against times of each of these doctors, and of the patient; the appointment in question does not."""
    since, until = start - _AROUND, end + _AROUND
    taken = Appointment.objects.occupying(start).overlapping(since, until).exclude(pk=appointment.pk).order_by()
    patients = list(taken.filter(patient=appointment.patient_id).values_list("starts_at", "ends_at"))
    busy = {key: slots.Busy(patient=patients) for key in doctors}
    leave = TimeOff.objects.filter(doctor__in=doctors, starts_at__lt=until, ends_at__gt=since).order_by()
    nowhere = Cast(Value(None), Appointment._meta.get_field("id"))
    rows: Any = (
        taken.filter(doctor__in=doctors)
        .values_list("doctor", "hospital", "starts_at", "busy_until")
        .union(leave.values_list("doctor", nowhere, "starts_at", "ends_at"), all=True)
    )
    for key, hospital_id, busy_from, busy_until in rows:
        if hospital_id is None:
            busy[key].leave.append((busy_from, busy_until))
        else:
            busy[key].doctor.append((busy_from, busy_until))
            busy[key].booked.append((hospital_id, busy_from))
    return busy
