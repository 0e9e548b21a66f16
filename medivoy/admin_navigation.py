"""The admin's sidebar, by task, and what its pages wear: badge, icon, styles."""

from collections.abc import Callable
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
from apps.accounts.roles import Role
from apps.billing.admin.reconciliation import reads_ledger
from apps.billing.models import (
    Bill,
    CancellationPolicy,
    CommissionRate,
    Coupon,
    Dispute,
    Invoice,
    InvoiceIssuer,
    InvoiceSeries,
    InvoicingNews,
    LedgerEntry,
    MoneyTask,
    Payment,
    Refund,
    Settlement,
    SettlementRun,
    Subscription,
    SubscriptionPlan,
    WebhookEvent,
)
from apps.bookings import rules as booking_rules
from apps.bookings.admin import calendar_pages
from apps.bookings.models import (
    Appointment,
    Booking,
    CalendarFeed,
    Displacement,
    DoctorSchedule,
    PublicHoliday,
    Review,
    TimeOff,
)
from apps.bookings.models import Closure as HospitalClosure
from apps.clinical.models import (
    CareRelationship,
    ConsentGrant,
    ConsentText,
    EmergencyAccess,
    InsurancePolicy,
    InsuranceProvider,
    Laboratory,
    LabTest,
    MedicalRecord,
    Patient,
    Prescription,
    ReadEntry,
)
from apps.common.exceptions import Text
from apps.common.models import AuditEntry, ExchangeRate
from apps.hospitals.admin import verification
from apps.hospitals.models import (
    Accreditation,
    AccreditationBody,
    Affiliation,
    BankAccount,
    Doctor,
    Hospital,
    HospitalImage,
    Licence,
    Offer,
    Package,
    Procedure,
    Qualification,
    Specialty,
    Treatment,
    TreatmentCategory,
)
from apps.hospitals.selectors import verification as waiting_list
from apps.interop.models import Closure, DataExport, LegalHold
from apps.media.models import StoredFile
from apps.notifications.models import CaughtEmail, Message

#: Beyond this a badge says “99+”.
BADGE = 99


@dataclass(frozen=True)
class Entry:
    """A line of the sidebar: a model's list, perhaps narrowed by a query, for whose roles it is of any use."""

    title: Text
    icon: str
    model: type[models.Model]
    query: str = ""
    is_for: Callable[[str], bool] = lambda role: True


@dataclass(frozen=True)
class Page:
    """A line of the sidebar that is a page of its own, with the number of what waits there, if anything can."""

    title: Text
    icon: str
    address: str
    is_offered: Callable[[Any], bool]
    count: Callable[[Any, int], int] = lambda user, most: 0


GROUPS: tuple[tuple[Text, tuple[Entry | Page, ...]], ...] = (
    (
        _("Appointments"),
        (
            Page(_("Calendar"), "calendar_view_week", "calendar:choose", calendar_pages.may_open),
            Entry(_("Requests"), "inbox", Appointment, "when=requests"),
            Entry(_("Today's appointments"), "today", Appointment, "when=today"),
            Entry(_("Displaced appointments"), "event_repeat", Displacement),
            Entry(_("Unresolved"), "event_note", Appointment, "when=unresolved"),
            Entry(_("Paid without a time"), "event_upcoming", Appointment, "when=unplaced", booking_rules.may_book),
            Entry(_("Licence lapsed"), "event_busy", Appointment, "when=unlicensed"),
            Entry(_("All appointments"), "event", Appointment),
            Entry(_("Consulting hours"), "schedule", DoctorSchedule),
            Entry(_("Time off"), "beach_access", TimeOff),
            Entry(_("Calendar feeds"), "rss_feed", CalendarFeed),
            Entry(_("Closures"), "door_front", HospitalClosure),
            Entry(_("Public holidays"), "celebration", PublicHoliday),
            Entry(_("Reviews to verify"), "rate_review", Review, "status__exact=pending", booking_rules.may_moderate),
            Entry(_("Treatment bookings"), "flight_takeoff", Booking),
            Entry(_("All reviews"), "reviews", Review),
        ),
    ),
    (
        _("People"),
        (
            Entry(_("Patients"), "personal_injury", Patient),
            Entry(_("Insurance to verify"), "health_and_safety", InsurancePolicy, "verification__exact=requested"),
            Entry(_("All policies"), "contract", InsurancePolicy),
            Entry(_("Insurers"), "shield_with_heart", InsuranceProvider),
            Entry(_("Accounts"), "group", User),
        ),
    ),
    (
        _("Money"),
        (
            Entry(_("Bills"), "request_quote", Bill),
            Entry(_("Due and overdue"), "schedule", Bill, "due=all"),
            Entry(_("Payments"), "payments", Payment),
            Entry(_("Coupons"), "confirmation_number", Coupon),
            Entry(_("Ledger"), "menu_book", LedgerEntry),
            Page(_("Our books and the gateways'"), "balance", "admin:billing_reconciliation", reads_ledger),
            Entry(_("Webhooks"), "webhook", WebhookEvent),
            Entry(_("Invoices"), "receipt_long", Invoice),
            Entry(_("Numbers of invoices"), "format_list_numbered", InvoiceSeries),
            Entry(_("Issuers of invoices"), "business_center", InvoiceIssuer),
            Entry(_("Not invoiced yet"), "pending_actions", InvoicingNews),
            Entry(
                _("Overdue subscriptions"),
                "running_with_errors",
                Subscription,
                "status__exact=past_due",
                lambda role: role == Role.ADMIN,
            ),
            Entry(_("Subscriptions"), "card_membership", Subscription),
            Entry(_("Plans"), "loyalty", SubscriptionPlan),
            Entry(_("Settlements with hospitals"), "account_balance", Settlement),
            Entry(_("Settlement runs"), "playlist_play", SettlementRun),
            Entry(_("Rates of commission"), "percent", CommissionRate),
            Entry(_("Tasks about money"), "assignment_late", MoneyTask),
            Entry(_("Refunds"), "currency_exchange", Refund),
            Entry(_("Disputes"), "gavel", Dispute),
            Entry(_("Cancellation terms"), "event_busy", CancellationPolicy),
        ),
    ),
    (
        _("Patients' records"),
        (
            Entry(_("Medical records"), "description", MedicalRecord),
            Entry(_("Prescriptions"), "prescriptions", Prescription),
            Entry(_("Laboratory tests"), "labs", LabTest),
            Entry(_("Laboratories"), "biotech", Laboratory),
        ),
    ),
    (
        _("Consent and privacy"),
        (
            Entry(_("Emergencies to review"), "e911_emergency", EmergencyAccess, "review=to_review"),
            Entry(_("All emergency accesses"), "emergency_home", EmergencyAccess),
            Entry(_("Consents"), "verified_user", ConsentGrant),
            Entry(_("Care relationships"), "diversity_1", CareRelationship),
            Entry(_("Read log"), "visibility", ReadEntry),
            Entry(_("Consent texts"), "gavel", ConsentText),
        ),
    ),
    (
        _("Data rights"),
        (
            Entry(_("Copies of data"), "folder_zip", DataExport),
            Entry(_("Closed accounts"), "person_off", Closure),
            Entry(_("Erasure holds"), "gavel", LegalHold),
        ),
    ),
    (
        _("Directory"),
        (
            Page(
                _("Verification"),
                "verified_user",
                "verification:queue",
                verification.may_verify,
                waiting_list.count_waiting,
            ),
            Entry(_("Hospitals"), "local_hospital", Hospital),
            Entry(_("Doctors"), "stethoscope", Doctor),
            Entry(_("Affiliations"), "handshake", Affiliation),
            Entry(_("Licences"), "badge", Licence),
            Entry(_("Qualifications"), "school", Qualification),
            Entry(_("Accreditations"), "workspace_premium", Accreditation),
            Entry(_("Gallery"), "photo_library", HospitalImage),
            Entry(_("Bank accounts"), "account_balance_wallet", BankAccount),
        ),
    ),
    (
        _("Catalogue"),
        (
            Entry(_("Treatments"), "healing", Treatment),
            Entry(_("Offers"), "sell", Offer),
            Entry(_("Packages"), "luggage", Package),
            Entry(_("Treatment categories"), "shelves", TreatmentCategory),
            Entry(_("Specialties"), "category", Specialty),
            Entry(_("Procedures"), "surgical", Procedure),
            Entry(_("Accreditation bodies"), "account_balance", AccreditationBody),
            Entry(_("Media library"), "photo_library", StoredFile),
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
            Entry(_("Exchange rates"), "currency_exchange", ExchangeRate),
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


def _is_offered(request: HttpRequest, entry: Entry | Page) -> bool:
    if isinstance(entry, Page):
        return entry.is_offered(request.user)
    if entry.model is CaughtEmail and not settings.EMAIL_BACKEND.startswith("apps.notifications."):
        return False
    user: Any = request.user
    return may_see(request, entry.model) and entry.is_for(user.role)


def _page_line(request: HttpRequest, page: Page) -> dict[str, Any]:
    address = reverse(page.address)
    line: dict[str, Any] = {
        "title": page.title,
        "icon": page.icon,
        "link": address,
        "active": request.path.startswith(address),
    }
    count = page.count(request.user, BADGE)
    if count:
        line |= {"badge": f"{BADGE}+" if count > BADGE else str(count), "badge_variant": "warning"}
    return line


def _line(request: HttpRequest, entry: Entry | Page, narrowed: set[str]) -> dict[str, Any]:
    if isinstance(entry, Page):
        return _page_line(request, entry)
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
        narrowed = {entry.query for entry in entries if isinstance(entry, Entry) and entry.query}
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
