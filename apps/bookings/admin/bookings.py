"""Treatment bookings: what was asked of whom, and withdrawing a request."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.bookings import services
from apps.bookings.models import Booking
from apps.bookings.workflow import BOOKING, BookingStatus
from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError, Text


@admin.register(Booking)
class BookingAdmin(TransitionAdmin):
    """Requests come over the API; here they are read, and withdrawn for a patient on the phone."""

    workflow = BOOKING
    note_required_for = frozenset({BookingStatus.CANCELLED})
    danger_statuses = frozenset({BookingStatus.CANCELLED})
    status_colours: ClassVar = {BookingStatus.REQUESTED: "warning", BookingStatus.CANCELLED: "danger"}
    list_display = ("number", "created_at", "patient", "hospital", "type", "preferred_from", "status_badge")
    list_select_related = ("patient__user", "hospital")
    list_filter = ("status", "type", "hospital")
    extra_lookups = frozenset({"patient"})
    search_fields = ("number__iexact",)
    search_help_text = _("A booking's number.")
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": (("number", "type"), ("patient", "hospital"), ("treatment", "package"))}),
        (_("The journey"), {"fields": (("preferred_from", "preferred_until", "companions"), "message")}),
        (_("Booking"), {"fields": (("booked_by", "created_at"),)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [field.name for field in self.opts.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Bookings are withdrawn; their history stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Booking, form: Any, change: bool) -> None:
        """Nothing of it is changed here."""

    def why_not(self, obj: Booking, to_status: str, user: Any) -> DomainError | None:
        return BOOKING.why_not_move(obj.status, to_status, user.role)

    def perform(self, obj: Booking, to_status: str, user: Any, note: str) -> None:
        services.withdraw_booking(obj.pk, by=user, reason=note)

    def preview(self, obj: Booking, to_status: str, user: Any) -> Sequence[Text]:
        return [_("The hospital's sight of the patient's record, as far as it rests on this request, ends at once.")]
