"""What stands in the columns of a calendar's page, in words: appointments, holds, free times, leave, gaps. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.bookings import slots
from apps.bookings.models import Appointment
from apps.bookings.selectors import desk
from apps.bookings.workflow import AppointmentStatus
from apps.common import wall_time
from apps.hospitals.models import Doctor, Hospital

from .calendar_grid import Axis, Day, Span

#: How each status looks, beside its name, which always stands there too.
TONES = {
    AppointmentStatus.HELD: "held",
    AppointmentStatus.REQUESTED: "requested",
    AppointmentStatus.CONFIRMED: "confirmed",
    AppointmentStatus.AWAITING: "under-way",
    AppointmentStatus.IN_PROGRESS: "under-way",
    AppointmentStatus.PRESCRIBED: "under-way",
    AppointmentStatus.FOLLOW_UP: "under-way",
    AppointmentStatus.COMPLETED: "over",
    AppointmentStatus.NO_SHOW: "missed",
}
#: Pixels a minute has at least and at most, and how many the shortest thing on the page should have.
SCALE = (1.2, 3.2)
READABLE = 34
#: What is shorter than this, in pixels, says all in one line.
ONE_LINE = 32


@dataclass(frozen=True)
class Block:
    """One thing in a column. `when` and `what` stand in it, `label` is the whole of it in a sentence."""

    tone: str
    span: Span
    label: str
    when: str = ""
    what: str = ""
    status: str = ""
    where: str = ""
    url: str = ""
    is_video: bool = False
    is_short: bool = False


@dataclass(frozen=True)
class Column:
    """A doctor's day: behind, what covers it (leave, closures, gaps); before it, what one can read and click."""

    title: str
    url: str
    is_today: bool
    remarks: tuple[str, ...]
    backdrop: tuple[Block, ...]
    blocks: tuple[Block, ...]
    now: Span | None


@dataclass(frozen=True)
class Reader:
    """Who looks at the page: by which clock, in which language, and whether they book for patients."""

    zone: str
    language: str
    may_book: bool


def scale_of(visits: Iterable[desk.Visit], free: Iterable[slots.Slot]) -> float:
    """Pixels a minute, so that the shortest appointment can be read and a day does not become a scroll."""
    lengths = [one.ends_at - one.starts_at for one in (*visits, *free)]
    shortest = min(lengths, default=timedelta(minutes=30)) / timedelta(minutes=1)
    return round(min(max(READABLE / shortest, SCALE[0]), SCALE[1]), 2)


class Builder:
    """Makes the columns of one page."""

    def __init__(self, board: desk.Board, hospital: Hospital, axis: Axis, scale: float, reader: Reader) -> None:
        self._board, self._hospital, self._axis = board, hospital, axis
        self._scale, self._reader = scale, reader

    def column(self, doctor: Doctor, day: Day, now: datetime, *, title: str, url: str) -> Column:
        blocks = [*self._visits(doctor, day), *self._free(doctor, day)]
        holiday = self._board.holidays.get(day.on)
        is_closed = self._board.is_closed(doctor.pk, day.on)
        return Column(
            title=title,
            url=url,
            is_today=day.on == slots.day_of(now, day.zone),
            remarks=(*remarks_on(day, self._board), *((_("Closed"),) if is_closed else ())),
            backdrop=tuple(self._backdrop(doctor, day, is_closed=is_closed, holiday=holiday)),
            blocks=tuple(sorted(blocks, key=lambda block: block.span.top)),
            now=self._axis.span(day, now, now + timedelta(minutes=1)),
        )

    def _time(self, at: datetime) -> str:
        return wall_time.time_of_day(at, self._hospital.time_zone, self._reader.language)

    def _said(self, start: datetime, *parts: str) -> str:
        """Everything of a block in one line, its start by both clocks."""
        clocks = [wall_time.read(start, self._hospital.time_zone, self._reader.language)]
        readers = wall_time.read(start, self._reader.zone, self._reader.language)
        if readers.offset != clocks[0].offset:
            clocks.append(readers)
        return " · ".join([*(part for part in parts if part), *map(str, clocks)])

    def _is_short(self, span: Span) -> bool:
        return span.length * self._scale < ONE_LINE

    # --- before ---

    def _visits(self, doctor: Doctor, day: Day) -> Iterator[Block]:
        for visit in self._board.visits.get(doctor.pk, ()):
            span = self._axis.span(day, visit.starts_at, visit.ends_at)
            if span:
                yield self._visit(visit, span)
            kept = self._axis.span(day, visit.ends_at, visit.busy_until) if visit.busy_until > visit.ends_at else None
            if kept:
                yield Block("buffer", kept, label=_("Kept free after the appointment"))

    def _visit(self, visit: desk.Visit, span: Span) -> Block:
        when, is_short = self._time(visit.starts_at), self._is_short(span)
        if visit.is_held:
            status = str(AppointmentStatus.HELD.label)
            label = self._said(visit.starts_at, status)
            return Block("held", span, label, when, status=status, is_short=is_short)
        if visit.pk is None:
            status = _("Busy elsewhere")
            return Block("elsewhere", span, self._said(visit.starts_at, status), when, status=status, is_short=is_short)
        status = str(AppointmentStatus(visit.status).label)
        where = visit.hospital if visit.hospital_id != self._hospital.pk else ""
        kind = str(Appointment.Kind(visit.kind).label)
        return Block(
            tone=TONES[AppointmentStatus(visit.status)],
            span=span,
            label=self._said(visit.starts_at, status, visit.patient, visit.number, kind, where),
            when=when,
            what=visit.patient,
            status=status,
            where=where,
            url=reverse("admin:bookings_appointment_change", args=(visit.pk,)),
            is_video=visit.kind == Appointment.Kind.TELECONSULT,
            is_short=is_short,
        )

    def _free(self, doctor: Doctor, day: Day) -> Iterator[Block]:
        for slot in self._board.free.get(doctor.pk, ()):
            span = self._axis.span(day, slot.starts_at, slot.ends_at)
            # What begins on the day before stands there.
            if span and slots.day_of(slot.starts_at, day.zone) == day.on:
                label = self._said(slot.starts_at, _("Free"), str(doctor))
                url = self._booking_form(doctor.pk, slot.starts_at) if self._reader.may_book else ""
                yield Block(
                    "free",
                    span,
                    label,
                    self._time(slot.starts_at),
                    status=_("Free"),
                    url=url,
                    is_short=self._is_short(span),
                )

    def _booking_form(self, doctor_id: UUID, starts_at: datetime) -> str:
        given = {"doctor": doctor_id, "hospital": self._hospital.pk, "starts_at": starts_at.isoformat()}
        return f"{reverse('admin:bookings_appointment_add')}?{urlencode(given)}"

    # --- behind ---

    def _backdrop(self, doctor: Doctor, day: Day, *, is_closed: bool, holiday: str | None) -> Iterator[Block]:
        whole = Span(0, self._axis.minutes)
        if holiday and not is_closed:
            yield Block("holiday", whole, holiday)
        if is_closed:
            yield Block("closed", whole, _("Closed"), status=_("Closed"))
        for start, end in self._board.leave.get(doctor.pk, ()):
            span = self._axis.span(day, start, end)
            if span:
                yield Block("away", span, self._said(start, _("Away")), status=_("Away"))
        for gap in self._axis.gaps(day):
            yield Block("gap", gap, _("This hour is not there on this day: the clocks change."))


def remarks_on(day: Day, board: desk.Board) -> tuple[str, ...]:
    """What is to be said of a day, whoever works on it."""
    holiday = board.holidays.get(day.on)
    return ((holiday,) if holiday else ()) + ((_("The clocks change"),) if day.changes_clock else ())


def legend() -> list[dict[str, str]]:
    """What the colours say, in words."""
    said = [
        ("free", _("Free")),
        ("requested", AppointmentStatus.REQUESTED.label),
        ("confirmed", AppointmentStatus.CONFIRMED.label),
        ("under-way", _("Under way")),
        ("over", AppointmentStatus.COMPLETED.label),
        ("missed", AppointmentStatus.NO_SHOW.label),
        ("held", AppointmentStatus.HELD.label),
        ("away", _("Away or closed")),
    ]
    return [{"tone": tone, "title": str(title)} for tone, title in said]
