"""Displaced appointments: who has not chosen yet, by when they should have, and choosing for them on the phone."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules, selectors, services, slots
from apps.bookings.models import Displacement
from apps.bookings.serializers import displacement as shapes
from apps.bookings.workflow import DisplacementChoice, DisplacementStatus
from apps.common import wall_time
from apps.common.admin import BaseModelAdmin
from apps.common.admin.base import REFUSALS
from apps.common.exceptions import Text

_LINK = '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>'
_COLOURS = {
    DisplacementStatus.OPEN: "warning",
    DisplacementStatus.MOVED: "success",
    DisplacementStatus.COLLEAGUE: "success",
    DisplacementStatus.REFUND: "danger",
}

#: What the button of each choice says, and where it leads.
_VERBS: dict[DisplacementChoice, tuple[Text, DisplacementStatus]] = {
    DisplacementChoice.TIME: (_("Move to this time"), DisplacementStatus.MOVED),
    DisplacementChoice.COLLEAGUE: (_("Ask the colleague"), DisplacementStatus.COLLEAGUE),
    DisplacementChoice.REFUND: (_("Cancel and refund"), DisplacementStatus.REFUND),
}


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


class StateFilter(admin.SimpleListFilter):
    """What waits comes first; the deadline that ends first, first."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("The patient has not chosen in time")), ("settled", _("Settled"))]

    def choices(self, changelist: Any) -> Any:
        of_all, *others = super().choices(changelist)
        yield of_all | {"display": _("Waiting")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "settled":
            return queryset.exclude(status=DisplacementStatus.OPEN)
        waiting = queryset.filter(status=DisplacementStatus.OPEN)
        return waiting.filter(respond_by__lte=timezone.now()) if self.value() == "overdue" else waiting


class SeenForm(forms.Form):
    """The status that whoever chooses has seen."""

    seen = forms.CharField(widget=forms.HiddenInput)


@admin.register(Displacement)
class DisplacementAdmin(BaseModelAdmin):
    """Nothing is typed here: what is offered stands as buttons above the page, and is chosen for the patient."""

    list_display = ("appointment", "at", "doctor", "hospital", "patient", "chooses_until", "status_badge")
    list_select_related = ("appointment__doctor__user", "appointment__hospital", "appointment__patient__user")
    list_filter = (StateFilter, "appointment__hospital", "appointment__doctor")
    extra_lookups = frozenset({"appointment"})
    search_fields = ("appointment__number__iexact",)
    search_help_text = _("An appointment's number.")
    ordering = ("respond_by", "id")
    fields = (
        ("appointment_link", "patient"), ("doctor", "hospital"), ("hospital_time", "patient_time"),
        ("cause", "deadline"), ("escalated_at",), ("settled_at", "settled_by"), ("instead",),
    )  # fmt: skip
    readonly_fields = (
        "appointment_link", "patient", "doctor", "hospital", "hospital_time", "patient_time", "cause", "deadline",
        "escalated_at", "settled_at", "settled_by", "instead",
    )  # fmt: skip
    change_form_outer_before_template = "bookings/admin/displaced_offers.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come of leave and closures."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are settled, and stay."""
        return False

    def save_model(self, request: HttpRequest, obj: Displacement, form: Any, change: bool) -> None:
        """Nothing of it is changed in the form."""

    # --- the list ---

    @admin.display(description=_("time at the hospital"))
    def at(self, row: Displacement) -> str:
        return wall_time.stamp(row.appointment.starts_at, row.appointment.hospital.time_zone)

    @admin.display(description=_("the patient chooses until"), ordering="respond_by")
    def chooses_until(self, row: Displacement) -> str:
        return wall_time.stamp(row.respond_by, row.appointment.hospital.time_zone)

    # --- the page ---

    @admin.display(description=_("appointment"))
    def appointment_link(self, row: Displacement) -> str:
        page = reverse(f"{self.admin_site.name}:bookings_appointment_change", args=[row.appointment_id])
        return format_html(_LINK, page, row.appointment)

    @admin.display(description=_("time at the hospital"))
    def hospital_time(self, row: Displacement) -> str:
        return self._read(row.appointment.starts_at, row.appointment.hospital.time_zone)

    @admin.display(description=_("time at the patient's"))
    def patient_time(self, row: Displacement) -> str:
        return self._read(row.appointment.starts_at, row.appointment.patient.user.time_zone)

    @admin.display(description=_("doctor"))
    def doctor(self, row: Displacement) -> str:
        return str(row.appointment.doctor)

    @admin.display(description=_("hospital"))
    def hospital(self, row: Displacement) -> str:
        return str(row.appointment.hospital)

    @admin.display(description=_("patient"))
    def patient(self, row: Displacement) -> str:
        return str(row.appointment.patient)

    @admin.display(description=_("the patient chooses until"))
    def deadline(self, row: Displacement) -> str:
        return self._read(row.respond_by, row.appointment.hospital.time_zone)

    @admin.display(description=_("because of"))
    def cause(self, row: Displacement) -> str:
        if row.closure_id:
            return str(_("The hospital is closed"))
        return str(_("The doctor is away")) if row.time_off_id else "–"

    @admin.display(description=_("takes place instead"))
    def instead(self, row: Displacement) -> str:
        page = selectors.DisplacementPage(row, None)
        if page.chosen is None:
            return "–"
        where = reverse(f"{self.admin_site.name}:bookings_appointment_change", args=[page.chosen.pk])
        at = self._read(page.chosen.starts_at, page.chosen.hospital.time_zone)
        return format_html(f"{_LINK}: {{}}, {{}}", where, page.chosen, page.chosen.doctor, at)

    @admin.display(description=_("status"))
    def status_badge(self, row: Displacement) -> str:
        return self._badge(row)

    @staticmethod
    def _badge(row: Displacement) -> str:
        colour = _COLOURS.get(DisplacementStatus(row.status), "")
        return render_to_string("unfold/helpers/label.html", {"text": row.get_status_display(), "type": colour})

    @staticmethod
    def _read(at: Any, zone: str) -> str:
        return str(wall_time.read(at, zone, translation.get_language() or "en"))

    # --- choosing for the patient ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.choose_view)
        return [path("<uuid:pk>/choose/", view, name="bookings_displacement_choose"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None:
            now, user = timezone.now(), _user(request)
            may_choose = self.has_change_permission(request, row)
            page = selectors.displacement_page(row, role=user.role, now=now) if may_choose else None
            context |= {
                "displaced_badge": self._badge(row),
                "displaced_offers": self._buttons(row, page.offers) if page and page.why_not is None else None,
                "is_overdue": row.status == DisplacementStatus.OPEN and row.respond_by < now,
                "show_save": False,
                "show_save_and_continue": False,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _buttons(self, row: Displacement, offers: selectors.Offers) -> dict[str, Any]:
        zone = row.appointment.hospital.time_zone
        name = f"{self.admin_site.name}:bookings_displacement_choose"

        def button(slot: slots.Slot, choice: str, **more: Any) -> dict[str, str]:
            query = urlencode({"choice": choice, "starts_at": slot.starts_at.isoformat(), **more})
            return {"url": f"{reverse(name, args=[row.pk])}?{query}", "time": self._read(slot.starts_at, zone)}

        return {
            "times": [button(slot, "time") for slot in offers.times],
            "colleagues": [
                button(each.slot, "colleague", doctor_id=each.doctor_id) | {"doctor": each.name}
                for each in offers.colleagues
            ],
            "refund": f"{reverse(name, args=[row.pk])}?{urlencode({'choice': 'refund'})}",
        }

    def choose_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask, then do. What stands in the way is said on the page, beside what is offered now."""
        row = self.get_object(request, unquote(str(pk)))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        here = HttpResponseRedirect(self.page_of(row.pk))
        given = self._given(request)
        user = _user(request)
        refusal = rules.why_not_choose(row.status, row.respond_by, role=user.role, now=timezone.now())
        if given is None or refusal:
            messages.error(request, refusal.text if refusal else _("Please choose one of these."))
            return here
        form = SeenForm(request.POST or None, initial={"seen": row.status})
        if request.method != "POST" or not form.is_valid():
            return self._confirmation(request, row, given, form)
        try:
            services.choose(row.appointment_id, by=user, **given)
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
        else:
            messages.success(request, _("Saved. The patient is told."))
        return here

    @staticmethod
    def _given(request: HttpRequest) -> dict[str, Any] | None:
        """The choice and what it needs, as the button's address says; None for an address that somebody made up."""
        shape = shapes.ChooseInput(data=request.GET)
        return shape.validated_data if shape.is_valid() else None

    def _confirmation(
        self, request: HttpRequest, row: Displacement, given: dict[str, Any], form: SeenForm
    ) -> HttpResponse:
        sentences: list[Text] = []
        if "doctor_id" in given:
            colleagues = selectors.colleagues_of(row.appointment, timezone.now())
            sentences.append(str(colleagues.filter(pk=given["doctor_id"]).first() or "–"))
        if "starts_at" in given:
            sentences.append(self._read(given["starts_at"], row.appointment.hospital.time_zone))
        verb, to = _VERBS[DisplacementChoice(given["choice"])]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb}: {row.appointment}",
            "verb": verb,
            "object": row.appointment,
            "opts": self.opts,
            "kind": self.opts.verbose_name,
            "from_status": {"label": row.get_status_display(), "colour": _COLOURS[DisplacementStatus.OPEN]},
            "to_status": {"label": to.label, "colour": _COLOURS[to]},
            "is_danger": to == DisplacementStatus.REFUND,
            "preview": [*sentences, _("The patient is told.")],
            "form": form,
            "back": self.page_of(row.pk),
            "media": self.media,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/move_confirmation.html", context)
