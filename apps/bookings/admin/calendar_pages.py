"""The calendars: a hospital's day with a column a doctor, and a doctor's week; by the hospital's clock, the reader's
own beside it. They show what the lists show, to whom the lists show it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.bookings import rules, slots
from apps.bookings.models import Appointment, DoctorSchedule
from apps.bookings.selectors import desk
from apps.common import wall_time
from apps.hospitals.models import Doctor, Hospital

from . import calendar_blocks, calendar_grid

#: Columns of a hospital's day; more doctors are on the next page.
PER_PAGE = 7
WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)


class ChoiceForm(forms.Form):
    """Whose calendar: looked up as in the booking form, in the same scope."""

    hospital: Any = forms.ModelChoiceField(
        queryset=Hospital.objects.none(), required=False, label=gettext_lazy("Hospital")
    )
    doctor: Any = forms.ModelChoiceField(queryset=Doctor.objects.none(), required=False, label=gettext_lazy("Doctor"))

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, model in (("hospital", Hospital), ("doctor", Doctor)):
            field: Any = self.fields[name]
            field.queryset = model.objects.visible_to(reader)
            field.widget = AutocompleteSelect(Appointment._meta.get_field(name), admin.site)
            field.widget.choices = field.choices


def may_open(user: Any) -> bool:
    """Whoever sees appointments sees them on the calendars."""
    return bool(user.has_perm("bookings.view_appointment"))


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Whose calendar one wants to see. Staff of one hospital are there at once."""
    reader = _reader(request)
    given = ChoiceForm(request.GET, reader=reader)
    if given.is_valid():
        doctor, hospital = given.cleaned_data["doctor"], given.cleaned_data["hospital"]
        if doctor:
            return HttpResponseRedirect(_doctor_address(doctor.pk, hospital=hospital.pk if hospital else None))
        if hospital:
            return HttpResponseRedirect(_hospital_address(hospital.pk))
    hospitals = list(Hospital.objects.visible_to(reader).order_by("name", "pk")[:2])
    if len(hospitals) == 1 and not request.GET:
        return HttpResponseRedirect(_hospital_address(hospitals[0].pk))
    context = _context(request, _("Calendar"), form=ChoiceForm(reader=reader))
    return TemplateResponse(request, "admin/bookings/calendar_choose.html", context)


@require_GET
def hospital_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A hospital's day: a column for each doctor who works on it, or on request for each who has hours there at all."""
    reader, now = _reader(request), timezone.now()
    hospital = Hospital.objects.visible_to(reader).filter(pk=pk).first()
    if hospital is None:
        raise Http404
    today = slots.day_of(now, hospital.time_zone)
    on, is_all = _day_given(request, today), request.GET.get("all") == "1"
    page = Paginator(desk.doctors_at(hospital, reader=reader, day=None if is_all else on), PER_PAGE).get_page(
        request.GET.get("p")
    )
    doctors = list(page.object_list)
    board = desk.board([doctor.pk for doctor in doctors], hospital, on, on, reader=reader, now=now)
    day = calendar_grid.read_day(on, hospital.time_zone)
    axis, scale = _axis(board, [day])
    builder = calendar_blocks.Builder(board, hospital, axis, scale, _as_reads(reader))
    columns = [
        builder.column(
            doctor,
            day,
            now,
            title=str(doctor),
            url=_doctor_address(doctor.pk, day=on, hospital=hospital.pk),
        )
        for doctor in doctors
    ]

    def at(other: date) -> str:
        return _hospital_address(hospital.pk, day=other, all="1" if is_all else None)

    context = _page(request, hospital, on, today, axis, scale, columns, reader, at, ONE_DAY) | {
        "title": str(hospital),
        "heading": wall_time.day_of_week(on, _language()),
        "is_day": True,
        "remarks": calendar_blocks.remarks_on(day, board),
        "page": page,
        "pages": [{"title": _names(page, number), "number": number} for number in page.paginator.page_range],
        "all_url": "" if is_all else _hospital_address(hospital.pk, day=on, all="1"),
        "day_value": on.isoformat(),
        "is_all": is_all,
        "tabs": [],
    }
    return TemplateResponse(request, "admin/bookings/calendar.html", context)


@require_GET
def doctor_week(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A doctor's week at one hospital; what takes the doctor's time elsewhere stands there too."""
    reader, now = _reader(request), timezone.now()
    doctor = Doctor.objects.visible_to(reader).select_related("user").filter(pk=pk).first()
    if doctor is None:
        raise Http404
    schedules = DoctorSchedule.objects.visible_to(reader).filter(doctor=doctor).select_related("hospital")
    hospitals = [schedule.hospital for schedule in schedules.order_by("created_at", "pk")]
    if not hospitals:
        context = _context(request, str(doctor), form=ChoiceForm(reader=reader), doctor=doctor)
        context["may_add_hours"] = reader.has_perm("bookings.add_doctorschedule")
        return TemplateResponse(request, "admin/bookings/calendar_choose.html", context)
    hospital = next((one for one in hospitals if str(one.pk) == request.GET.get("hospital")), hospitals[0])
    today = slots.day_of(now, hospital.time_zone)
    on = _day_given(request, today)
    first, last = desk.week_of(on)
    board = desk.board([doctor.pk], hospital, first, last, reader=reader, now=now)
    days = [calendar_grid.read_day(first + number * ONE_DAY, hospital.time_zone) for number in range(WEEK.days)]
    axis, scale = _axis(board, days)
    builder = calendar_blocks.Builder(board, hospital, axis, scale, _as_reads(reader))
    columns = [
        builder.column(
            doctor,
            day,
            now,
            title=wall_time.weekday(day.on, _language()),
            url=_hospital_address(hospital.pk, day=day.on),
        )
        for day in days
    ]

    def at(other: date) -> str:
        return _doctor_address(doctor.pk, day=other, hospital=hospital.pk)

    context = _page(request, hospital, on, today, axis, scale, columns, reader, at, WEEK) | {
        "title": str(doctor),
        "heading": f"{wall_time.day(first, _language())} – {wall_time.day(last, _language())}",
        "is_day": False,
        "remarks": (),
        "day_value": on.isoformat(),
        "tabs": [
            {
                "title": str(one),
                "url": _doctor_address(doctor.pk, day=on, hospital=one.pk),
                "is_active": one == hospital,
            }
            for one in hospitals
        ],
        "hospital_url": _hospital_address(hospital.pk, day=on),
    }
    return TemplateResponse(request, "admin/bookings/calendar.html", context)


# --- what both pages share ---


def _reader(request: HttpRequest) -> User:
    reader = cast("User", request.user)
    if not may_open(reader):
        raise PermissionDenied
    return reader


def _as_reads(reader: User) -> calendar_blocks.Reader:
    may_book = reader.has_perm("bookings.add_appointment") and rules.may_book(reader.role)
    return calendar_blocks.Reader(reader.time_zone, _language(), may_book)


def _language() -> str:
    return get_language() or "en"


def _context(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    request.current_app = admin.site.name  # type: ignore[attr-defined]
    return {**admin.site.each_context(request), "title": title, **more}


def _day_given(request: HttpRequest, today: date) -> date:
    """The day in the address; today where there is none that can be shown."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return day if rules.FIRST_DAY + WEEK <= day <= rules.LAST_DAY - WEEK else today


def _axis(board: desk.Board, days: Sequence[calendar_grid.Day]) -> tuple[calendar_grid.Axis, float]:
    visits = [visit for of_doctor in board.visits.values() for visit in of_doctor]
    free = [slot for of_doctor in board.free.values() for slot in of_doctor]
    times = [(one.starts_at, one.ends_at) for one in (*visits, *free)]
    axis = calendar_grid.Axis(days, calendar_grid.window_of(board.hours, days, times))
    return axis, calendar_blocks.scale_of(visits, free)


def _page(
    request: HttpRequest,
    hospital: Hospital,
    on: date,
    today: date,
    axis: calendar_grid.Axis,
    scale: float,
    columns: Sequence[calendar_blocks.Column],
    reader: User,
    at: Any,
    step: timedelta,
) -> dict[str, Any]:
    language = _language()
    labels = axis.labels(reader.time_zone, language)
    instants = [at for day in axis.days for at in day.begins] or [timezone.now()]
    clocks = [_clock(instants[0], instants[-1], zone, language) for zone in (hospital.time_zone, reader.time_zone)]
    return _context(request, "") | {
        "hospital": hospital,
        "columns": columns,
        "labels": labels,
        "minutes": axis.minutes,
        "scale": f"{scale}px",
        "hospital_clock": clocks[0],
        "reader_clock": clocks[1] if any(label.time != label.readers for label in labels) else "",
        "previous_url": at(on - step),
        "next_url": at(on + step),
        "today_url": at(today),
        "is_now": any(column.is_today for column in columns),
        "legend": calendar_blocks.legend(),
        "form": ChoiceForm(reader=reader),
        "printed_at": timezone.now(),
    }


def _clock(first: datetime, last: datetime, zone: str, language: str) -> str:
    """A clock in words, with both its offsets where it changes in between."""
    offsets = dict.fromkeys(f"UTC{wall_time.offset(at, zone)}" for at in (first, last))
    return f"{wall_time.city(zone, language)}, {' / '.join(offsets)}"


def _names(page: Page, number: int) -> str:
    """“Doctors 8 to 14”, for a page of them."""
    first = (number - 1) * PER_PAGE + 1
    last = min(number * PER_PAGE, page.paginator.count)
    return _("Doctors %(first)s to %(last)s") % {"first": first, "last": last}


def _hospital_address(pk: UUID, *, day: date | None = None, **query: str | None) -> str:
    return _with(reverse("calendar:hospital", args=(pk,)), day=day.isoformat() if day else None, **query)


def _doctor_address(pk: UUID, *, day: date | None = None, hospital: UUID | None = None) -> str:
    given = {"hospital": str(hospital) if hospital else None, "day": day.isoformat() if day else None}
    return _with(reverse("calendar:doctor", args=(pk,)), **given)


def _with(address: str, **query: str | None) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{address}?{urlencode(given)}" if given else address


app_name = "calendar"
urlpatterns = [
    path("", admin.site.admin_view(choose), name="choose"),
    path("hospitals/<uuid:pk>/", admin.site.admin_view(hospital_day), name="hospital"),
    path("doctors/<uuid:pk>/", admin.site.admin_view(doctor_week), name="doctor"),
]
