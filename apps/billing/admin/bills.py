"""Bills: what is owed, what is due and overdue; credited and cancelled in two steps, with the figures shown between."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from apps.accounts.models import User
from apps.billing import rules, selectors, services
from apps.billing.models import Bill, BillLine, Instalment
from apps.billing.workflow import BILL, BillStatus
from apps.common import money
from apps.common.admin import ReadOnlyTabularInline, TransitionAdmin, money_display, money_html
from apps.common.admin.base import REFUSALS
from apps.common.admin.transitions import Move
from apps.common.exceptions import DomainError, Text
from apps.common.money import Money

CREDIT, CANCEL = "credit", "cancel"
_VERBS: dict[str, Text] = {
    CREDIT: pgettext_lazy("bill", "Credit"), CANCEL: pgettext_lazy("bill", "Cancel the bill"),
}  # fmt: skip
_MONTH = timedelta(days=30)


class DueFilter(admin.SimpleListFilter):
    """What is owed still and has a day, by how near that is."""

    title = gettext_lazy("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", gettext_lazy("Overdue")),
            ("week", gettext_lazy("Due within 7 days")),
            ("month", gettext_lazy("Due within 30 days")),
            ("all", gettext_lazy("Due and overdue")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.now().date()
        owed = selectors.with_a_due_day(queryset)
        if self.value() == "overdue":
            return owed.filter(due_on__lt=today)
        if self.value() in {"week", "month"}:
            last = today + (timedelta(days=7) if self.value() == "week" else _MONTH)
            return owed.filter(due_on__gte=today, due_on__lte=last)
        return owed if self.value() == "all" else queryset


class LineInline(ReadOnlyTabularInline):
    model = BillLine
    fields = ("description", "quantity", "price", "off", "tax_mode", "tax_name", "tax_percent", "without_tax",
              "tax_shown", "whole")  # fmt: skip
    readonly_fields = ("price", "off", "without_tax", "tax_shown", "whole")
    verbose_name_plural = gettext_lazy("lines")
    price = money_display(gettext_lazy("price of one"), "unit_price")
    off = money_display(gettext_lazy("discount"), "discount")
    without_tax = money_display(pgettext_lazy("bill", "net"), "net")
    tax_shown = money_display(gettext_lazy("tax"), "tax")
    whole = money_display(gettext_lazy("total"), "total")


class InstalmentInline(ReadOnlyTabularInline):
    model = Instalment
    fields = ("kind", "due_on", "whole", "left")
    readonly_fields = ("whole", "left")
    verbose_name_plural = gettext_lazy("instalments")
    whole = money_display(gettext_lazy("amount"), "amount")
    left = money_display(gettext_lazy("still owed"), "owed")


class ActForm(forms.Form):
    """Why, and of a credit how much."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount that is owed no more"), max_digits=money.MAX_DIGITS,
        decimal_places=money.DECIMAL_PLACES, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=gettext_lazy("Read by staff only."),
    )  # fmt: skip
    #: The bill's figures as they were shown: where they are others now, nothing happens.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def hide(self) -> None:
        for field in self.fields.values():
            field.widget = forms.HiddenInput()


@admin.register(Bill)
class BillAdmin(TransitionAdmin):
    """They are opened by whoever sells, and follow the ledger; here they are read, credited and cancelled."""

    workflow = BILL
    status_colours: ClassVar = {
        BillStatus.OPEN: "warning",
        BillStatus.PARTLY_PAID: "info",
        BillStatus.PAID: "success",
        BillStatus.OVERPAID: "danger",
    }
    list_display = ("number", "payer", "hospital", "subject_label", "whole", "owed", "due_on", "age", "status_badge")
    list_select_related = ("payer", "hospital")
    list_filter = (DueFilter, "status", "hospital")
    list_before_template = "billing/admin/due_sums.html"
    search_fields = ("number",)
    search_help_text = gettext_lazy("A bill's number, or the beginning of the payer's e-mail address.")
    inlines = (LineInline, InstalmentInline)
    whole = money_display(gettext_lazy("total"), "total")
    net_shown = money_display(pgettext_lazy("bill", "net"), "net")
    discount_shown = money_display(gettext_lazy("discount"), "discount")
    tax_shown = money_display(gettext_lazy("tax"), "tax")
    credited_shown = money_display(gettext_lazy("credited"), "credited")
    paid_shown = money_display(gettext_lazy("paid"), "paid")
    owed = money_display(gettext_lazy("balance"), "balance")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("number", "payer"), ("subject_label", "purpose"), ("hospital", "begins_at"),
                    ("due_on", "age"), ("created_at", "opened_by"),
                )
            },
        ),
        (
            gettext_lazy("Figures"),
            {
                "fields": (
                    ("net_shown", "discount_shown"), ("tax_shown", "whole"), ("credited_shown", "paid_shown"), "owed",
                )
            },
        ),
        (
            gettext_lazy("As the payer was shown it"),
            {"fields": (("shown_currency", "shown_rate"), ("rate_on", "rate_source"), "terms_version")},
        ),
    )  # fmt: skip
    _shown = (
        "whole", "net_shown", "discount_shown", "tax_shown", "credited_shown", "paid_shown", "owed", "age",
        "created_at",
    )  # fmt: skip

    @admin.display(description=gettext_lazy("age"), empty_value="–")
    def age(self, bill: Bill) -> str | None:
        """How long it is overdue, or how soon it is due."""
        return age_of(bill.due_on, timezone.now().date())

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:
        """What has waited longest comes first where days are looked at."""
        return ("due_on", "id") if request.GET.get(DueFilter.parameter_name) else ("-created_at", "-id")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            payers = User.objects.visible_to(request.user).filter(email__startswith=word.lower())
            queryset = queryset.filter(Q(number=word.upper()) | Q(payer__in=payers.values("pk")))
        return queryset, False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Above the list stands what is overdue and what is due next, by currency."""
        context = extra_context or {}
        if request.GET.get(DueFilter.parameter_name):
            user, today = request.user, timezone.now().date()
            context |= {
                "overdue": money_html(selectors.owed_by_currency(selectors.overdue(user, today=today))),
                "due_soon": money_html(selectors.owed_by_currency(selectors.due_within(user, 30, today=today))),
                "is_due_list": True,
            }  # fmt: skip
        return super().changelist_view(request, context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), *self._shown]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sells opens bills."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was owed stays in the books."""
        return False

    # --- credit and cancel ---

    def moves(self, obj: Bill, user: Any) -> list[Move]:
        story = reverse(f"{self.admin_site.name}:billing_bill_story", args=[obj.pk])
        acts = [
            Move(act, str(_VERBS[act]), self._act_url(obj, act), act == CANCEL, self._reason(obj, act, user))
            for act in (CREDIT, CANCEL)
        ]
        invoice = reverse(f"{self.admin_site.name}:billing_invoice_issue", args=[obj.pk])
        may_issue = rules.why_not_issue(role=user.role) is None
        invoices = [Move("invoice", _("Invoice of this bill"), invoice, False)] if may_issue else []
        return [Move("story", _("Explain this balance"), story, False), *invoices, *acts]

    def _act_url(self, obj: Bill, act: str) -> str:
        return reverse(f"{self.admin_site.name}:billing_bill_act", args=[obj.pk, act])

    def _reason(self, obj: Bill, act: str, user: Any) -> str:
        refusal = self._why_not(obj, act, user)
        return refusal.text if refusal else ""

    def _why_not(self, obj: Bill, act: str, user: Any) -> DomainError | None:
        left = obj.figure("total") - obj.figure("credited")
        return rules.why_not_change_bill(obj.status, left=left, role=user.role, needs_left=act == CREDIT)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.act_view)
        return [path("<path:object_id>/act/<slug:act>/", view, name="billing_bill_act"), *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, act: str) -> HttpResponse:
        """First how much and why, then the figures as they will be, then it is done."""
        bill = self.get_object(request, unquote(object_id))
        if bill is None or act not in _VERBS:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, bill):
            raise PermissionDenied
        refusal = self._why_not(bill, act, request.user)
        if refusal is not None:
            messages.error(request, refusal.text)
            return HttpResponseRedirect(self.page_of(bill.pk))
        form = ActForm(request.POST or None)
        if act == CANCEL:
            del form.fields["amount"]
        if request.method != "POST" or not form.is_valid() or not self._is_possible(form, bill, act):
            return self._page(request, bill, act, form)
        if request.POST.get("step") == "confirm" and form.cleaned_data["seen"] == _seen(bill):
            return self._done(request, bill, act, form.cleaned_data)
        shown = ActForm(initial=form.cleaned_data | {"seen": _seen(bill)})
        if act == CANCEL:
            del shown.fields["amount"]
        shown.hide()
        return self._page(request, bill, act, shown, credit=self._credit(bill, act, form.cleaned_data))

    def _is_possible(self, form: ActForm, bill: Bill, act: str) -> bool:
        if act == CANCEL:
            return True
        given = form.cleaned_data["amount"]
        refusal = rules.why_wrong_amount(given, bill.currency) or rules.why_not_credit(
            Money(given, bill.currency), total=bill.figure("total"), credited=bill.figure("credited"), role=None,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        for name, texts in (refusal.errors if refusal else {}).items():
            form.add_error(name, [str(text) for text in texts])
        return refusal is None

    def _credit(self, bill: Bill, act: str, data: dict[str, Any]) -> Money:
        whole = bill.figure("total") - bill.figure("credited")
        return whole if act == CANCEL else Money(data["amount"], bill.currency)

    def _done(self, request: HttpRequest, bill: Bill, act: str, data: dict[str, Any]) -> HttpResponse:
        user: Any = request.user
        try:
            if act == CANCEL:
                services.cancel_bill(bill.pk, by=user, reason=data["reason"])
            else:
                amount, credited = self._credit(bill, act, data), bill.figure("credited")
                services.credit_bill(bill.pk, amount, by=user, reason=data["reason"], credited=credited)
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
        else:
            messages.success(request, _("Bill %(number)s has been changed.") % {"number": bill.number})
        return HttpResponseRedirect(self.page_of(bill.pk))

    def _page(
        self, request: HttpRequest, bill: Bill, act: str, form: ActForm, *, credit: Money | None = None
    ) -> HttpResponse:
        figures = {"total": bill.figure("total"), "credited": bill.figure("credited"), "paid": bill.figure("paid")}
        nothing = Money.zero(bill.currency)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{_VERBS[act]}: {bill}",
            "verb": _VERBS[act],
            "opts": self.opts,
            "original": bill,
            "bill": bill,
            "figures": {name: money_html(value) for name, value in figures.items()},
            "balance": money_html(bill.balance),
            "credit": money_html(credit),
            "owed_then": money_html(max(bill.balance - credit, nothing)) if credit else None,
            "over_then": money_html(credit - bill.balance) if credit and credit > bill.balance else None,
            "is_cancelled": act == CANCEL,
            "form": form,
            "back": self.page_of(bill.pk),
            "media": self.media,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "billing/admin/bill_act.html", context)


def _seen(bill: Bill) -> str:
    return f"{bill.status} {bill.figure('credited')} {bill.figure('paid')}"


def age_of(due_on: date | None, today: date) -> str | None:
    """“12 days overdue”, “due today”, “due in 3 days”; None for what has no day."""
    if due_on is None:
        return None
    days = (due_on - today).days
    if days < 0:
        return ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}
    if days == 0:
        return _("due today")
    return ngettext("due in %(days)s day", "due in %(days)s days", days) % {"days": days}
