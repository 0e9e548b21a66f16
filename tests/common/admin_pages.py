"""A small admin of its own for the tests of the bases: real models, the plainest pages, no service of any app."""

from django.contrib import admin
from django.urls import include, path
from django.utils import timezone

from apps.accounts.admin_site import MedivoyAdminSite
from apps.accounts.models import User
from apps.bookings.models import Appointment, AppointmentEvent, TimeOff
from apps.bookings.workflow import APPOINTMENT, AppointmentStatus
from apps.common.admin import (
    BaseModelAdmin,
    ReadOnlyAdminMixin,
    ReadOnlyTabularInline,
    ScopedTabularInline,
    TransitionAdmin,
    language_tabs,
)
from apps.common.exceptions import Conflict
from apps.common.models import IdempotencyKey
from apps.hospitals.models import Affiliation, Doctor, Hospital, Specialty


class Site(MedivoyAdminSite):
    def get_sidebar_list(self, request):
        return []


site = Site(name="admin")


class AffiliationInline(ScopedTabularInline):
    model = Affiliation
    fields = ("doctor", "department", "status")


@admin.register(Hospital, site=site)
class HospitalPages(BaseModelAdmin):
    list_display = ("name_en", "city_en")
    list_filter = ("verification",)
    search_fields = ("name_en",)
    fieldsets = (
        (None, {"fields": ("type", "country", "time_zone", "currency", "beds")}),
        *language_tabs("name", "city"),
    )
    inlines = (AffiliationInline,)

    def save_model(self, request, obj, form, change):
        if obj.beds == 13:
            raise Conflict("Thirteen beds are bad luck.", errors={"beds": ["Not thirteen."]})
        super().save_model(request, obj, form, change)


@admin.register(Doctor, site=site)
class DoctorPages(BaseModelAdmin):
    search_fields = ("user__last_name",)


@admin.register(Specialty, site=site)
class SpecialtyPages(BaseModelAdmin):
    fields = ("code", "name_en", "practitioner_en")


@admin.register(Affiliation, site=site)
class AffiliationPages(BaseModelAdmin):
    list_display = ("doctor", "hospital", "status")
    list_filter = ("status", "hospital", "doctor")
    fields = ("doctor", "hospital", "department")


@admin.register(TimeOff, site=site)
class TimeOffPages(BaseModelAdmin):
    fields = ("doctor", "starts_at", "ends_at")


class EventInline(ReadOnlyTabularInline):
    model = AppointmentEvent
    fields = ("to_status", "note")


@admin.register(Appointment, site=site)
class AppointmentPages(TransitionAdmin):
    workflow = APPOINTMENT
    list_display = ("number", "status_badge")
    list_filter = ("status",)
    fields = ("number", "complaint", "status")
    readonly_fields = ("number",)
    inlines = (EventInline,)
    note_required_for = frozenset({AppointmentStatus.REJECTED})
    danger_statuses = frozenset({AppointmentStatus.REJECTED, AppointmentStatus.CANCELLED})

    def why_not(self, obj, to_status, user):
        if to_status == AppointmentStatus.CANCELLED:
            return Conflict("It is too late to cancel.")
        return None

    def preview(self, obj, to_status, user):
        return ["The patient is told."]

    def perform(self, obj, to_status, user, note):
        if note == "explode":
            raise Conflict("The service refuses.")
        obj.move_to(to_status, by=user, at=timezone.now(), note=note)


@admin.register(User, site=site)
class UserPages(ReadOnlyAdminMixin, BaseModelAdmin):
    fields = ("email",)
    list_display = ("email",)


@admin.register(IdempotencyKey, site=site)
class UnscopedPages(BaseModelAdmin):
    """A model whose queryset has no `visible_to`."""

    def has_view_permission(self, request, obj=None):
        return True


urlpatterns = [path("admin/", site.urls), path("i18n/", include("django.conf.urls.i18n"))]
