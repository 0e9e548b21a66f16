"""A patient's care on one page: what was, what is agreed, by month; narrowed by kind, paged by time, and to print."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from babel import dates
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.bookings import slots
from apps.clinical.admin import tabs
from apps.clinical.models import LabResult, Patient, ReadEntry
from apps.clinical.selectors.timeline import KIND_LABELS, Entry, Kind
from apps.common import wall_time
from apps.common.exceptions import Invalid, NotFound
from apps.interop.selectors import timeline as selectors

ICONS = {
    "appointment": "event",
    "booking": "flight_takeoff",
    "record": "description",
    "prescription": "prescriptions",
    "test_requested": "labs",
    "result": "lab_profile",
    "consent_given": "verified_user",
    "consent_revoked": "remove_moderator",
    "emergency": "e911_emergency",
    "onboarding": "how_to_reg",
}


@dataclass(frozen=True)
class Clock:
    """An instant on one wall clock: “14:30 (Chennai, UTC+05:30)”."""

    day: str
    time: str
    place: str
    offset: str


@dataclass(frozen=True)
class Line:
    """An entry as the page shows it."""

    entry: Entry
    icon: str
    url: str
    day: str
    is_to_come: bool
    hospital_clock: Clock | None
    patient_clock: Clock | None


@require_GET
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the reader has sight of; each entry of the record is logged as read, or as printed."""
    reader = cast(User, request.user)
    if not reader.has_perm("clinical.view_patient"):
        raise PermissionDenied
    kind, is_print = request.GET.get("kind", ""), request.GET.get("print") == "1"
    now = timezone.now()
    try:
        found = selectors.timeline(
            pk,
            reader=reader,
            now=now,
            kind=kind,
            before=request.GET.get("before", ""),
            act=ReadEntry.Act.PRINTED if is_print else ReadEntry.Act.LISTED,
            place="admin",
            limit=selectors.MOST if is_print else selectors.PAGE,
        )
    except (NotFound, Invalid) as error:
        raise Http404 from error
    here = reverse("timeline:patient", args=(pk,))
    zone = found.patient.user.time_zone
    lines = [_line(entry, zone, now) for entry in found.entries]
    context = {
        **admin.site.each_context(request),
        "title": _("Care of %(patient)s") % {"patient": found.patient},
        "patient": found.patient,
        "months": _months(lines, zone),
        "notice": found.notice,
        "tabs": tabs.of(request, found.patient, "timeline"),
        "kinds": _kinds(here, kind),
        "older_url": _with(here, kind=kind, before=found.older) if found.older else "",
        "newest_url": _with(here, kind=kind) if request.GET.get("before") else "",
        "print_url": _with(here, kind=kind, print="1"),
        "is_print": is_print,
        "printed_at": now,
        "reader": reader,
    }
    request.current_app = admin.site.name  # type: ignore[attr-defined]
    name = "interop/admin/timeline_print.html" if is_print else "interop/admin/timeline.html"
    return TemplateResponse(request, name, context)


def _with(address: str, **query: str | None) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{address}?{urlencode(given)}" if given else address


def _kinds(here: str, chosen: str) -> list[dict[str, Any]]:
    every = [{"title": _("Everything"), "url": here, "is_active": not chosen}]
    return every + [
        {"title": KIND_LABELS[kind], "url": _with(here, kind=kind), "is_active": chosen == kind} for kind in Kind
    ]


def _months(lines: list[Line], zone: str) -> list[tuple[str, list[Line]]]:
    """Lines by month of the patient's calendar, with its name: “November 2026”."""
    language = get_language() or "en"

    def month(line: Line) -> date:
        return (line.entry.on or slots.day_of(line.entry.at, zone)).replace(day=1)

    return [
        (dates.format_skeleton("yMMMM", first, locale=language), list(group)) for first, group in groupby(lines, month)
    ]


def _line(entry: Entry, patient_zone: str, now: Any) -> Line:
    language = get_language() or "en"
    hospital = _clock(entry, entry.zone, language) if entry.on is None and entry.zone else None
    patient = _clock(entry, patient_zone, language) if entry.on is None else None
    is_same = hospital is not None and patient is not None and hospital.offset == patient.offset
    return Line(
        entry=entry,
        icon=ICONS[entry.event],
        url=_page_of(entry),
        day=dates.format_date(entry.on or slots.day_of(entry.at, patient_zone), format="full", locale=language),
        is_to_come=entry.kind == Kind.APPOINTMENT and entry.at > now,
        hospital_clock=hospital,
        patient_clock=None if is_same else patient,
    )


def _clock(entry: Entry, zone: str, language: str) -> Clock:
    read = wall_time.read(entry.at, zone, language)
    return Clock(day=read.date, time=read.time, place=read.place, offset=read.offset)


def _page_of(entry: Entry) -> str:
    """Where the entry's row has its own page; a result, its test's."""
    row = entry.row.lab_test if isinstance(entry.row, LabResult) else entry.row
    if isinstance(row, Patient):
        return ""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))
    except NoReverseMatch:
        return ""


def _tab(request: HttpRequest, patient: Patient) -> str:
    return reverse("timeline:patient", args=(patient.pk,))


tabs.register("timeline", gettext_lazy("Timeline"), "timeline", _tab, place=10)

app_name = "timeline"
urlpatterns = [path("<uuid:pk>/timeline/", admin.site.admin_view(show), name="patient")]
