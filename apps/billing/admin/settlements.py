"""Settlements with hospitals: rates of commission, drafts to approve and pay out, and runs with their progress."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from apps.accounts.roles import Role
from apps.billing import rules, services
from apps.billing.documents import settlements as documents
from apps.billing.models import (
    CommissionRate,
    Settlement,
    SettlementLine,
    SettlementRun,
    SettlementRunItem,
)
from apps.billing.workflow import SETTLEMENT, SettlementStatus
from apps.common import money
from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline, TransitionAdmin
from apps.common.admin.amounts import money_display
from apps.common.admin.transitions import MoveForm
from apps.common.exceptions import DomainError

Status, Outcome = SettlementStatus, SettlementRunItem.Outcome


class NotChangedMixin:
    """What was entered stays: there is another row for what is said anew."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CommissionRate)
class CommissionRateAdmin(NotChangedMixin, BaseModelAdmin):
    list_display = ("hospital", "percent", "from_on", "entered_by", "created_at")
    list_filter = ("hospital",)
    list_select_related = ("hospital", "entered_by")
    ordering = ("-created_at", "-id")
    fieldsets = ((None, {"fields": ("hospital", ("percent", "from_on"))}),)

    def save_model(self, request: HttpRequest, obj: CommissionRate, form: Any, change: bool) -> None:
        by: Any = request.user
        saved = services.set_commission_rate(obj.hospital, percent=obj.percent, from_on=obj.from_on, by=by)
        obj.pk, obj._state.adding = saved.pk, False


class ConfirmForm(MoveForm):
    """The second confirmation: whoever signs has read the total, and says it again."""

    confirmed = forms.DecimalField(
        label=_("The total once more"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES,
        help_text=_("As on the settlement's page, to confirm that you have read it."),
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip


class TransferForm(ConfirmForm):
    """What the bank says of the transfer."""

    reference = forms.CharField(label=_("Reference at the bank"), max_length=140, widget=UnfoldAdminTextInputWidget)
    paid_on = forms.DateField(label=_("Paid out on"), widget=UnfoldAdminDateWidget)


class LineInline(ReadOnlyTabularInline):
    """What came in and went back of each bill."""

    model = SettlementLine
    fields = ("bill", "collected_shown", "returned_shown", "percent", "commission_shown", "total_shown")
    readonly_fields = fields
    ordering = ("position",)
    per_page = 50
    collected_shown = money_display(_("collected"), "collected")
    returned_shown = money_display(_("returned to payers"), "returned")
    commission_shown = money_display(_("commission"), "commission")
    total_shown = money_display(_("owed to the hospital"), "total")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("bill")


@admin.register(Settlement)
class SettlementAdmin(TransitionAdmin):
    """A hospital's staff see their own once it is approved; admins approve, and enter the transfer."""

    workflow = SETTLEMENT
    danger_statuses = frozenset({Status.DISCARDED})
    note_required_for = frozenset({Status.DISCARDED})
    status_colours: ClassVar = {Status.DRAFT: "warning", Status.APPROVED: "info", Status.PAID: "success"}
    list_display = (
        "number", "hospital", "until_on", "status_badge", "collected_shown", "returned_shown", "commission_shown",
        "total_shown",
    )  # fmt: skip
    list_filter = ("status", "hospital")
    list_select_related = ("hospital",)
    search_fields = ("number__iexact",)
    search_help_text = _("A settlement's number.")
    ordering = ("-created_at", "-id")
    inlines = (LineInline,)
    fieldsets = (
        (None, {"fields": (("number", "hospital", "until_on"), ("explained", "statement"))}),
        (_("Approved and paid out"), {"fields": (("approved_at", "approved_by"), ("paid_on", "reference"))}),
    )
    collected_shown = money_display(_("collected"), "collected")
    returned_shown = money_display(_("returned to payers"), "returned")
    commission_shown = money_display(_("commission"), "commission")
    total_shown = money_display(_("owed to the hospital"), "total")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They are prepared by a run."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "explained", "statement"]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | nothing_to_save, *args, **kwargs)

    @admin.display(description=_("how it adds up"))
    def explained(self, settlement: Settlement) -> str:
        rows = documents.sums(settlement, get_language() or "en")
        cells = format_html_join(
            "",
            '<tr><td>{}</td><td><span class="mv-money"><bdi>{}</bdi></span></td></tr>',
            ((words, sum) for words, sum in rows),
        )
        return format_html('<table class="mv-table">{}</table>', cells)

    @admin.display(description=_("statement"))
    def statement(self, settlement: Settlement) -> str:
        url = reverse(f"{self.admin_site.name}:billing_settlement_statement", args=[settlement.pk])
        return format_html('<a class="mv-link" href="{}">{}</a>', url, f"{settlement.number}.pdf")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.statement_view)
        return [path("<uuid:pk>/statement.pdf", view, name="billing_settlement_statement"), *super().get_urls()]

    def statement_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        settlement = self.get_queryset(request).select_related("hospital").filter(pk=pk).first()
        if settlement is None or not self.has_view_permission(request, settlement):
            raise Http404
        pdf = documents.settlement_pdf(settlement, get_language() or "en")
        name = f'attachment; filename="{settlement.number}.pdf"'
        return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name})

    # --- the moves ---

    def why_not(self, obj: Settlement, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_settle(by=user)

    def preview(self, obj: Settlement, to_status: str, user: Any) -> list[Any]:
        if to_status == Status.DISCARDED:
            return [_("What stands in this draft can be settled anew.")]
        if to_status == Status.APPROVED:
            return [
                _("Medivoy's debt to the hospital and its commission are entered into the ledger, for good."),
                _("The hospital's staff see the settlement."),
            ]
        return [
            _("The transfer is entered into the ledger, for good."),
            _("The hospital's staff get the statement by e-mail."),
        ]

    def move_form(self, to_status: str) -> type[MoveForm]:
        forms_of: dict[str, type[MoveForm]] = {Status.APPROVED: ConfirmForm, Status.PAID: TransferForm}
        return forms_of.get(to_status, MoveForm)

    def takes_note(self, to_status: str) -> bool:
        return to_status == Status.DISCARDED

    def perform_with(self, obj: Settlement, to_status: str, user: Any, data: Mapping[str, Any]) -> None:
        if to_status == Status.APPROVED:
            services.approve_settlement(obj, confirmed=data["confirmed"], by=user)
        elif to_status == Status.PAID:
            services.pay_settlement(
                obj, reference=data["reference"], paid_on=data["paid_on"], confirmed=data["confirmed"], by=user
            )
        else:
            services.discard_settlement(obj, note=data["note"], by=user)


class ItemInline(ReadOnlyTabularInline):
    """Each hospital's currency, and what came of it."""

    model = SettlementRunItem
    fields = ("hospital", "currency", "outcome", "amount_shown", "settlement", "code")
    readonly_fields = fields
    ordering = ("id",)
    per_page = 50
    amount_shown = money_display(_("amount"), "amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("hospital", "settlement")


@admin.register(SettlementRun)
class SettlementRunAdmin(NotChangedMixin, BaseModelAdmin):
    """A job works it off; the page says how far it has come."""

    list_display = ("until_on", "created_at", "started_by", "progress", "failed", "finished_at")
    list_select_related = ("started_by",)
    ordering = ("-created_at", "-id")
    inlines = (ItemInline,)
    fieldsets = ((None, {"fields": ("until_on",)}),)
    _shown = (
        (None, {"fields": (("until_on", "started_by", "created_at"), ("progress", "failed", "finished_at"))}),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._shown if obj is not None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else [*(field.name for field in self.opts.fields), "progress"]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and getattr(request.user, "role", "") == Role.ADMIN

    @admin.display(description=_("progress"))
    def progress(self, run: SettlementRun) -> str:
        worked = run.done + run.failed
        label = _("%(worked)d of %(total)d") % {"worked": worked, "total": run.total}
        return format_html('<progress max="{}" value="{}">{}</progress> {}', run.total or 1, worked, label, label)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The month before this one."""
        last = timezone.now().date().replace(day=1) - timedelta(days=1)
        return {"until_on": last} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: SettlementRun, form: Any, change: bool) -> None:
        by: Any = request.user
        started = services.start_settlement_run(obj.until_on, by=by)
        obj.pk, obj._state.adding = started.pk, False
