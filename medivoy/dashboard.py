"""The admin's first page: what waits for this person today. Every number is counted to a bound, by an index."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from apps.accounts.roles import Role
from apps.billing import selectors as billing_selectors
from apps.billing.models import Bill, MoneyTask
from apps.billing.workflow import OWING
from apps.bookings import rules as booking_rules
from apps.bookings.models import Appointment, Displacement
from apps.bookings.workflow import AppointmentStatus, DisplacementStatus
from apps.clinical.models import EmergencyAccess, InsurancePolicy, Patient
from apps.common import texts, wall_time
from apps.common.exceptions import Text
from apps.common.models import AuditEntry
from apps.hospitals.admin import verification
from apps.hospitals.models import Affiliation, Hospital, Offer, Package, Treatment
from apps.hospitals.selectors import verification as waiting_list
from apps.hospitals.workflow import AffiliationStatus
from apps.notifications.models import Message

from .admin_navigation import list_url, may_see

#: What translators begin with: the model, its name, and its texts.
TRANSLATED: tuple[tuple[Any, Text, str, tuple[str, ...]], ...] = (
    (Treatment, gettext_lazy("Treatments"), "healing", ("name", "description", "recovery")),
    (Hospital, gettext_lazy("Hospitals"), "local_hospital", ("name", "city", "description")),
    (Offer, gettext_lazy("Offers"), "sell", ("inclusions", "exclusions")),
    (Package, gettext_lazy("Packages"), "luggage", ("name", "city", "description", "inclusions", "exclusions")),
)
#: Beyond this a card says “999+”.
COUNTED = 999
ROWS = 8


@dataclass(frozen=True)
class Card:
    """A number with its link. `tone` colours it when the number is not zero."""

    title: str
    number: str
    note: str
    url: str
    icon: str
    tone: str = ""


@dataclass(frozen=True)
class Row:
    """An appointment in a list of the page, its time as the hospital's clock shows it."""

    number: str
    url: str
    day: str
    time: str
    patient: str
    doctor: str
    hospital: str
    status: str


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's hook for the index page."""
    now = timezone.now()
    context["cards"] = [card for make in CARDS for card in make(request, now)]
    if may_see(request, Appointment):
        context["next_rows"] = _rows(_coming(request, now).order_by("starts_at"))
        context["waiting_rows"] = _rows(_requests(request, now).order_by("created_at"))
        context["requests_url"] = list_url(Appointment, "when=requests")
        context["appointments_url"] = list_url(Appointment)
    return context


def count(rows: QuerySet) -> int:
    return rows.order_by()[: COUNTED + 1].count()


def _card(title: Text, found: int, note: str, url: str, icon: str, tone: str = "") -> Card:
    number = str(found) if found <= COUNTED else f"{COUNTED}+"
    return Card(str(title), number, note, url, icon, tone if found else "")


def _visible(request: HttpRequest, model: Any) -> Any:
    return model._default_manager.visible_to(request.user)


def _today(request: HttpRequest, now: datetime) -> tuple[datetime, datetime]:
    """The reader's own day, as two instants."""
    user: Any = request.user
    zone = ZoneInfo(user.time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return midnight, midnight + timedelta(days=1)


def _requests(request: HttpRequest, now: datetime) -> QuerySet:
    """Requests that can still be answered."""
    return _visible(request, Appointment).filter(status=AppointmentStatus.REQUESTED, starts_at__gt=now)


def _coming(request: HttpRequest, now: datetime) -> QuerySet:
    _begins, ends = _today(request, now)
    active = [AppointmentStatus.CONFIRMED, AppointmentStatus.AWAITING, AppointmentStatus.IN_PROGRESS]
    return _visible(request, Appointment).filter(status__in=active, starts_at__gte=now, starts_at__lt=ends)


def _rows(appointments: QuerySet) -> list[Row]:
    found = appointments.select_related("patient__user", "doctor__user", "hospital")[:ROWS]
    return [_row(appointment) for appointment in found]


def _row(appointment: Appointment) -> Row:
    seen = wall_time.read(appointment.starts_at, appointment.hospital.time_zone, get_language() or "en")
    return Row(
        number=appointment.number,
        url=f"{list_url(Appointment)}{appointment.pk}/change/",
        day=seen.date,
        time=f"{seen.time} ({seen.place})",
        patient=str(appointment.patient),
        doctor=str(appointment.doctor),
        hospital=str(appointment.hospital),
        status=appointment.get_status_display(),
    )


def _appointments(request: HttpRequest, now: datetime) -> list[Card]:
    if not may_see(request, Appointment):
        return []
    waiting = _requests(request, now)
    begins, ends = _today(request, now)
    today = _visible(request, Appointment).occupying().filter(starts_at__gte=begins, starts_at__lt=ends)
    late = count(waiting.filter(created_at__lt=now - timedelta(days=1)))
    note = _("%(count)s for more than a day") % {"count": late} if late else _("none for more than a day")
    url = list_url(Appointment, "when=requests")
    return [
        _card(_("Requests waiting"), count(waiting), note, url, "inbox", "danger" if late else "warning"),
        _card(_("Appointments today"), count(today), _("by your clock"), list_url(Appointment, "when=today"), "event"),
    ]


def _queues(request: HttpRequest, now: datetime) -> list[Card]:
    """What else of the appointments waits for somebody who may do something about it."""
    user: Any = request.user
    if not user.has_perm("bookings.change_appointment") or not may_see(request, Appointment):
        return []
    rows = _visible(request, Appointment)
    open_ones = _visible(request, Displacement).filter(status=DisplacementStatus.OPEN)
    displaced, late = count(open_ones), count(open_ones.filter(respond_by__lte=now))
    note = _("the patients are choosing") if displaced else _("nobody waits for another time")
    note = _("%(count)s past the patient's deadline") % {"count": late} if late else note
    unresolved, unlicensed = count(rows.unresolved(now)), count(rows.unlicensed(now))
    url = list_url(Appointment, "when=unresolved")
    cards = [
        _card(_("Displaced"), displaced, note, list_url(Displacement), "event_repeat", "danger" if late else ""),
        _card(_("Unresolved"), unresolved, _("over, and nobody said how it went"), url, "event_note", "warning"),
    ]
    if booking_rules.may_book(user.role):
        url = list_url(Appointment, "when=unplaced")
        unplaced = count(rows.paid_without_time())
        cards.append(_card(_("Paid without a time"), unplaced, _("to be moved"), url, "event_upcoming", "danger"))
    if unlicensed:
        url = list_url(Appointment, "when=unlicensed")
        cards.append(_card(_("Licence lapsed"), unlicensed, _("before the appointment"), url, "event_busy", "danger"))
    return cards


def _verification(request: HttpRequest, now: datetime) -> list[Card]:
    user: Any = request.user
    if not verification.may_verify(user):
        return []
    found = waiting_list.waiting(user)
    days = (now - found[0].since).days if found else 0
    note = ngettext("the oldest for %(days)s day", "the oldest for %(days)s days", days) % {"days": days}
    url = reverse("verification:queue")
    return [_card(_("To verify"), len(found), note if found else _("nothing new"), url, "verified_user", "warning")]


def _affiliations(request: HttpRequest, now: datetime) -> list[Card]:
    if not request.user.has_perm("hospitals.add_affiliation") or not may_see(request, Affiliation):
        return []
    waiting = count(_visible(request, Affiliation).filter(status=AffiliationStatus.PENDING))
    url = list_url(Affiliation, f"status__exact={AffiliationStatus.PENDING}")
    return [_card(_("Affiliations to answer"), waiting, _("doctors who wish to join"), url, "handshake", "warning")]


def _messages(request: HttpRequest, now: datetime) -> list[Card]:
    if not request.user.has_perm("notifications.view_message") or not may_see(request, Message):
        return []
    dead = count(_visible(request, Message).filter(status=Message.Status.DEAD))
    url = list_url(Message, f"status__exact={Message.Status.DEAD}")
    return [_card(_("Messages given up"), dead, _("can be sent again"), url, "unsubscribe", "danger")]


def _failed_sign_ins(request: HttpRequest, now: datetime) -> list[Card]:
    if not may_see(request, AuditEntry):
        return []
    failed = _visible(request, AuditEntry).filter(action="sign_in.failed", at__gte=now - timedelta(days=1))
    url = list_url(AuditEntry, "q=sign_in.failed&since=day")
    return [_card(_("Failed sign-ins"), count(failed), _("in the last 24 hours"), url, "policy")]


def _texts(request: HttpRequest, now: datetime) -> list[Card]:
    """What is missing in the translator's own language; one who reads English begins with Arabic."""
    user: Any = request.user
    if user.role != Role.TRANSLATOR:
        return []
    language = user.language if user.language != texts.SOURCE else "ar"
    own_name = dict(settings.LANGUAGES)[language]
    cards = []
    for model, title, icon, names in TRANSLATED:
        if may_see(request, model):
            missing = texts.with_status(_visible(request, model), language, texts.TextStatus.MISSING, names)
            note = _("%(language)s: texts missing") % {"language": own_name}
            url = list_url(model, f"texts={language}.missing")
            cards.append(_card(title, count(missing), note, url, icon, "warning"))
    return cards


def _patients(request: HttpRequest, now: datetime) -> list[Card]:
    if not request.user.has_perm("clinical.view_patient") or not may_see(request, Patient):
        return []
    week = count(_visible(request, Patient).filter(created_at__gte=now - timedelta(days=7)))
    return [_card(_("New patients"), week, _("in the last 7 days"), list_url(Patient), "personal_injury")]


def _emergencies(request: HttpRequest, now: datetime) -> list[Card]:
    """Records that doctors opened without consent, for a privacy reviewer to judge."""
    if not request.user.has_perm("clinical.change_emergencyaccess") or not may_see(request, EmergencyAccess):
        return []
    waiting = _visible(request, EmergencyAccess).to_review()
    late = count(waiting.filter(starts_at__lt=now - timedelta(days=1)))
    note = _("%(count)s for more than a day") % {"count": late} if late else _("none for more than a day")
    url = list_url(EmergencyAccess, "review=to_review")
    return [_card(_("Emergencies to review"), count(waiting), note, url, "e911_emergency", "danger")]


def _insurance(request: HttpRequest, now: datetime) -> list[Card]:
    if not request.user.has_perm("clinical.change_insurancepolicy") or not may_see(request, InsurancePolicy):
        return []
    waiting = count(_visible(request, InsurancePolicy).filter(verification=InsurancePolicy.Verification.REQUESTED))
    url = list_url(InsurancePolicy, "verification__exact=requested")
    return [_card(_("Insurance to verify"), waiting, _("ask the insurer"), url, "health_and_safety", "warning")]


def _money_tasks(request: HttpRequest, now: datetime) -> list[Card]:
    """Overpayments, disputes, refunds that failed: what about money needs a person."""
    if not request.user.has_perm("billing.change_moneytask") or not may_see(request, MoneyTask):
        return []
    waiting = billing_selectors.open_tasks(request.user)
    late = count(waiting.filter(due_at__lte=now))
    note = _("%(count)s past their day") % {"count": late} if late else _("refunds, disputes, overpayments")
    tone = "danger" if late else "warning"
    return [_card(_("Tasks about money"), count(waiting), note, list_url(MoneyTask), "assignment_late", tone)]


def _due(request: HttpRequest, now: datetime) -> list[Card]:
    """Bills of which a part was due and is not paid."""
    if not request.user.has_perm("billing.change_bill") or not may_see(request, Bill):
        return []
    late = count(_visible(request, Bill).filter(status__in=OWING, due_on__lt=now.date()))
    note = _("longest overdue first") if late else _("everybody has paid in time")
    return [_card(_("Bills overdue"), late, note, list_url(Bill, "due=overdue"), "schedule", "warning")]


CARDS: tuple[Callable[[HttpRequest, datetime], list[Card]], ...] = (
    _appointments,
    _queues,
    _emergencies,
    _verification,
    _insurance,
    _money_tasks,
    _due,
    _affiliations,
    _messages,
    _patients,
    _failed_sign_ins,
    _texts,
)
