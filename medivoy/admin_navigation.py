"""The admin's sidebar, by task, and what its pages wear: badge, icon, styles."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from apps.accounts.models import User
from apps.bookings.models import Appointment, DoctorSchedule, TimeOff
from apps.clinical.models import Patient
from apps.common.exceptions import Text
from apps.common.models import AuditEntry
from apps.hospitals.models import Affiliation, Doctor, Hospital, Specialty
from apps.notifications.models import CaughtEmail, Message


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar: a model's list, perhaps narrowed by a query."""

    title: Text
    icon: str
    model: type[models.Model]
    query: str = ""


GROUPS: tuple[tuple[Text, tuple[Entry, ...]], ...] = (
    (
        _("Appointments"),
        (
            Entry(_("Requests"), "inbox", Appointment, "when=requests"),
            Entry(_("Today's appointments"), "today", Appointment, "when=today"),
            Entry(_("All appointments"), "event", Appointment),
            Entry(_("Consulting hours"), "schedule", DoctorSchedule),
            Entry(_("Time off"), "beach_access", TimeOff),
        ),
    ),
    (
        _("People"),
        (
            Entry(_("Patients"), "personal_injury", Patient),
            Entry(_("Accounts"), "group", User),
        ),
    ),
    (
        _("Directory"),
        (
            Entry(_("Hospitals"), "local_hospital", Hospital),
            Entry(_("Doctors"), "stethoscope", Doctor),
            Entry(_("Affiliations"), "handshake", Affiliation),
            Entry(_("Specialties"), "category", Specialty),
        ),
    ),
    (
        _("Messages"),
        (
            Entry(_("Outbox"), "outbox", Message),
            Entry(_("Mailbox"), "mail", CaughtEmail),
        ),
    ),
    (
        _("Platform"),
        (
            Entry(_("Audit trail"), "policy", AuditEntry),
            Entry(_("Jobs"), "timer", PeriodicTask),
        ),
    ),
)


def list_url(model: type[models.Model], query: str = "") -> str:
    opts = model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{address}?{query}" if query else address


def may_see(request: HttpRequest, model: type[models.Model]) -> bool:
    """Whether the person's role opens this model's list."""
    if not admin.site.is_registered(model):
        return False
    return admin.site.get_model_admin(model).has_view_or_change_permission(request)


def _is_offered(request: HttpRequest, entry: Entry) -> bool:
    if entry.model is CaughtEmail and not settings.EMAIL_BACKEND.startswith("apps.notifications."):
        return False
    return may_see(request, entry.model)


def _line(request: HttpRequest, entry: Entry, narrowed: set[str]) -> dict[str, Any]:
    address = list_url(entry.model)
    query = request.META.get("QUERY_STRING", "")
    on_model = request.path.startswith(address)
    if entry.query:
        active = request.path == address and entry.query in query
    else:
        active = on_model and not (request.path == address and any(other in query for other in narrowed))
    return {
        "title": entry.title,
        "icon": entry.icon,
        "link": list_url(entry.model, entry.query),
        "active": active,
    }


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    index = reverse("admin:index")
    today = {"title": _("Today"), "icon": "home", "link": index, "active": request.path == index}
    groups: list[dict[str, Any]] = [{"items": [today]}]
    for title, entries in GROUPS:
        narrowed = {entry.query for entry in entries if entry.query}
        items = [_line(request, entry, narrowed) for entry in entries if _is_offered(request, entry)]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def environment(request: HttpRequest) -> list[Any] | None:
    return [settings.ENVIRONMENT_LABEL, "warning"] if settings.ENVIRONMENT_LABEL else None


def subheader(request: HttpRequest) -> str:
    """The reader's role under the name of the house."""
    user: Any = request.user
    return user.get_role_display() if user.is_authenticated else ""


def icon(request: HttpRequest) -> str:
    return static("medivoy/icon.svg")


def stylesheet(request: HttpRequest) -> str:
    return static("medivoy/admin.css")


def mirrored_stylesheet(request: HttpRequest) -> str:
    """Corrections for pages written from right to left."""
    return static("medivoy/rtl.css")


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"title": _("Your sign-in and second factor"), "link": reverse("admin:security")},
        {"title": _("Change password"), "link": reverse("admin:password_change")},
    ]
