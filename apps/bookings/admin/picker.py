"""Choosing a time in a form: a doctor's free times of a week as buttons, by the hospital's and the patient's clocks.

A button fills the start in. Without JavaScript it is sent with the form, which comes back filled in and unsaved; typing
a time by hand is always possible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSplitDateTimeWidget, UnfoldAdminTimeWidget

from apps.accounts.models import User
from apps.bookings import rules, slots
from apps.bookings.models import DoctorSchedule
from apps.bookings.selectors import desk
from apps.clinical.models import Patient
from apps.common import wall_time
from apps.common.exceptions import DomainError, NotFound
from apps.hospitals.models import Doctor, Hospital

#: The buttons that send the form without saving it: one for another week, one for a time.
LOOK, CHOOSE = "_look", "_choose"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Start:
    """A start as given: typed by the hospital's clock, and chosen as an instant where a button was pressed."""

    wall: datetime
    chosen: datetime | None = None

    def at(self, zone: str) -> datetime:
        """The instant. A button's choice tells the two apart where the clock shows the typed time twice."""
        clock = ZoneInfo(zone)
        if self.chosen and self.chosen.astimezone(clock).replace(tzinfo=None, second=0, microsecond=0, fold=0) == (
            self.wall.replace(second=0, microsecond=0)
        ):
            return self.chosen
        return self.wall.replace(tzinfo=clock)


class StartWidget(UnfoldAdminSplitDateTimeWidget):
    """Day, time, and unseen the instant that a button stands for; the free times beneath."""

    #: The free times as they stand there at first.
    free_times = ""
    #: For whom they are, as the query of their address; fields of the form of these names go before.
    given: Mapping[str, str] = {}

    class Media:
        css = {"all": ("medivoy/desk.css",)}
        js = (forms.Script("medivoy/booking.js", defer=True),)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets = [UnfoldAdminDateWidget(), UnfoldAdminTimeWidget(), forms.HiddenInput({"data-pick-instant": ""})]
        forms.MultiWidget.__init__(self, widgets, attrs)

    def decompress(self, value: Any) -> list[Any]:
        return [value.date(), value.time(), ""] if isinstance(value, datetime) else [None, None, ""]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """Day and time as everywhere in the admin; Django's own templates are found by the form's renderer only."""
        shown = self.get_context(name, value, attrs)["widget"]["subwidgets"][2]
        context = {
            "fields": super().render(name, value, attrs, renderer),
            "instant": self.widgets[2].render(shown["name"], shown["value"], shown["attrs"], renderer),
            "free_times": self.free_times,
            "address": reverse("admin:bookings_appointment_free"),
            "given": self.given,
        }
        return render_to_string("admin/bookings/start.html", context)


class StartField(forms.MultiValueField):
    """A day and a time as they are typed: they are read by the hospital's clock, so the reader's own has no say."""

    widget = StartWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = (forms.DateField(), forms.TimeField(), forms.CharField(required=False))
        super().__init__(fields, require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[Any]) -> Start | None:
        if not data_list or data_list[0] in self.empty_values or data_list[1] in self.empty_values:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        wall = datetime.combine(data_list[0], data_list[1])
        if not rules.FIRST_DAY <= wall.date() <= rules.LAST_DAY:
            raise forms.ValidationError(rules.OUT_OF_RANGE)
        return Start(wall, read_instant(data_list[2]))


def read_instant(text: str | None) -> datetime | None:
    """An instant as a button or an address gives it; None for anything else."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo and rules.FIRST_DAY <= at.date() <= rules.LAST_DAY else None


def filled_in(at: datetime, zone: str) -> list[Any]:
    """The field's parts for an instant, as the hospital's clock shows it."""
    local = at.astimezone(ZoneInfo(zone))
    return [local.date(), local.time().replace(second=0, microsecond=0), at.isoformat()]


def is_pressed(request: HttpRequest) -> bool:
    """Whether the form was sent by one of the picker's buttons, and so is not to be saved."""
    return request.method == "POST" and (LOOK in request.POST or CHOOSE in request.POST)


def initial(reader: User, given: Mapping[str, Any]) -> dict[str, Any]:
    """The form filled in: from the calendar's address, or from what was typed before a button was pressed."""
    found = {name: given[name] for name in ("kind", "complaint") if given.get(name)}
    found |= {name: str(pk) for name in ("patient", "doctor", "hospital") if (pk := _id(given.get(name)))}
    at = read_instant(given.get(CHOOSE) or given.get("starts_at"))
    hospital = hospital_of(reader, given.get("hospital"))
    if at and hospital:
        found["starts_at"] = filled_in(at, hospital.time_zone)
    elif given.get("starts_at_0") or given.get("starts_at_1"):
        found["starts_at"] = [given.get("starts_at_0"), given.get("starts_at_1"), given.get("starts_at_2")]
    return found | {"day": given.get(LOOK)}


def alternatives_of(refusal: DomainError | None) -> list[datetime]:
    """The fresh free times that a refusal offers."""
    return [slot["starts_at"] for slot in (refusal.data or {}).get("alternatives", [])] if refusal else []


# --- the free times ---


@dataclass(frozen=True)
class Button:
    """One free time by both clocks."""

    instant: str
    day: str
    time: str
    shown: str
    beside: str


def buttons(starts: Sequence[datetime], zone: str, patient_zone: str | None) -> list[tuple[str, list[Button]]]:
    """The times by day of the hospital's calendar."""
    language = get_language() or "en"

    def day(at: datetime) -> date:
        return slots.day_of(at, zone)

    return [
        (wall_time.weekday(on, language), [_button(at, on, zone, patient_zone, language) for at in group])
        for on, group in groupby(sorted(starts), day)
    ]


def _button(at: datetime, on: date, zone: str, patient_zone: str | None, language: str) -> Button:
    local = at.astimezone(ZoneInfo(zone))
    beside = ""
    if patient_zone and wall_time.offset(at, patient_zone) != wall_time.offset(at, zone):
        days = (slots.day_of(at, patient_zone) - on).days
        beside = wall_time.time_of_day(at, patient_zone, language) + (f" {days:+d}" if days else "")
    return Button(
        instant=at.astimezone(UTC).isoformat(),
        day=f"{on:%Y-%m-%d}",
        time=f"{local:%H:%M}",
        shown=wall_time.time_of_day(at, zone, language),
        beside=beside,
    )


@require_GET
def free_times(request: HttpRequest) -> HttpResponse:
    """The picker's inside, for the doctor, hospital, patient and week in the address."""
    reader = cast("User", request.user)
    if not (reader.has_perm("bookings.add_appointment") or reader.has_perm("bookings.change_appointment")):
        raise PermissionDenied
    return HttpResponse(show(reader, request.GET))


def show(reader: User, given: Mapping[str, Any], *, refused: Sequence[datetime] = ()) -> str:
    """The free times of a week, of what the reader sees; what is missing is asked for. After a refusal, the fresh
    alternatives first."""
    now = timezone.now()
    doctor = _one(Doctor.objects.visible_to(reader), given.get("doctor"))
    if doctor is None:
        return render_to_string("admin/bookings/free_times.html", {"asks": _("Choose the doctor to see free times.")})
    schedules = DoctorSchedule.objects.visible_to(reader).filter(doctor=doctor).select_related("hospital")
    hospitals = [schedule.hospital for schedule in schedules.order_by("created_at", "pk")]
    hospital = next((one for one in hospitals if str(one.pk) == str(given.get("hospital"))), None)
    context: dict[str, Any] = {"doctor": doctor, "by_video": doctor.offers_teleconsult}
    if hospital is None:
        asks = _("Choose the hospital to see free times.") if hospitals else _("This doctor has no consulting hours.")
        return render_to_string("admin/bookings/free_times.html", context | {"asks": asks, "hospitals": hospitals})
    patient = _one(Patient.objects.visible_to(reader).select_related("user"), given.get("patient"))
    today = slots.day_of(now, hospital.time_zone)
    first, last = desk.week_of(max(_day(given.get("day"), today), today))
    patient_zone = patient.user.time_zone if patient else None
    try:
        offer = desk.offer(doctor, hospital, first, reader=reader, now=now, patient_id=patient.pk if patient else None)
    except NotFound:
        asks = _("This doctor takes no appointments now.")
        return render_to_string("admin/bookings/free_times.html", context | {"asks": asks})
    language = get_language() or "en"
    zone = hospital.time_zone
    days = buttons([slot.starts_at for slot in offer.found], zone, patient_zone)
    differs = any(one.beside for _day, times in days for one in times)
    context |= {
        "heading": f"{wall_time.day(first, language)} – {wall_time.day(last, language)}",
        "hospital_clock": wall_time.city(zone, language),
        "patient_clock": wall_time.city(patient_zone, language) if patient_zone and differs else "",
        "is_same": bool(patient_zone and days and not differs),
        "days": days,
        "refused": buttons(refused, zone, patient_zone),
        "reason": offer.reason.label if offer.reason else "",
        "next_day": f"{slots.day_of(offer.next_one.starts_at, zone):%Y-%m-%d}" if offer.next_one else "",
        "next_at": wall_time.read(offer.next_one.starts_at, zone, language) if offer.next_one else "",
        "previous": f"{first - WEEK:%Y-%m-%d}" if first > today else "",
        "following": f"{first + WEEK:%Y-%m-%d}",
        "look": LOOK,
        "choose": CHOOSE,
    }
    return render_to_string("admin/bookings/free_times.html", context)


def _one(rows: Any, pk: Any) -> Any:
    """The visible row of that id; None for what is no id too."""
    known = _id(pk)
    return rows.filter(pk=known).first() if known else None


def _id(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _day(text: Any, today: date) -> date:
    """The day of a button, or as it is typed in the reader's language; today where there is none that can be shown."""
    try:
        day = forms.DateField(required=False).clean(text) or today
    except forms.ValidationError:
        return today
    return day if rules.FIRST_DAY + WEEK <= day <= rules.LAST_DAY - WEEK else today


def hospital_of(reader: User, pk: Any) -> Hospital | None:
    """The hospital of that id that the reader sees."""
    hospital: Hospital | None = _one(Hospital.objects.visible_to(reader), pk)
    return hospital
