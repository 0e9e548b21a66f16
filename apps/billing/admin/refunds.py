"""Refunds and disputes; and the page on which a person gives money back, in two steps.

A refund is prepared on the page of its payment: the figures as they are and as they will be, and then the amount once
more in the person's own hand. What was shown goes along, and where it is not so any more nothing happens.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.billing import rules, selectors, services
from apps.billing.models import Dispute, GatewayCode, MoneyTask, Payment, Refund
from apps.billing.workflow import REFUND, RefundStatus
from apps.common import money
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin, TransitionAdmin, money_display, money_html
from apps.common.admin.base import REFUSALS
from apps.common.admin.transitions import MoveForm
from apps.common.exceptions import DomainError, Text
from apps.common.money import Money


class PaidOutForm(MoveForm):
    """How staff paid out what no gateway gives back."""

    reference = forms.CharField(
        label=gettext_lazy("Reference"), max_length=140, help_text=gettext_lazy("As on the bank statement."),
        widget=UnfoldAdminTextInputWidget,
    )  # fmt: skip
    paid_out_on = forms.DateField(label=gettext_lazy("Paid out on"), widget=UnfoldAdminDateWidget)


class RefundForm(forms.Form):
    """How much is to be given back, and why."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount to give back"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=gettext_lazy("Read by staff only."),
    )  # fmt: skip


class ConfirmForm(RefundForm):
    """The same, shown no more, with what was seen as left, and the amount once more."""

    amount = forms.DecimalField(
        max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, widget=forms.HiddenInput
    )
    reason = forms.CharField(max_length=300, widget=forms.HiddenInput)
    left = forms.DecimalField(
        max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES, widget=forms.HiddenInput
    )
    repeated = forms.DecimalField(
        label=gettext_lazy("Type the amount once more"), max_digits=money.MAX_DIGITS,
        decimal_places=money.DECIMAL_PLACES, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "repeated" in data and "amount" in data and data["repeated"] != data["amount"]:
            self.add_error("repeated", _("This is not the amount above."))
        return data


@admin.register(Refund)
class RefundAdmin(TransitionAdmin):
    """What was given back, is on its way, or has failed. They are asked for on the payment's page."""

    workflow = REFUND
    note_required_for = frozenset({RefundStatus.CANCELLED})
    danger_statuses = frozenset({RefundStatus.CANCELLED})
    status_colours: ClassVar = {
        RefundStatus.REQUESTED: "warning",
        RefundStatus.SENT: "info",
        RefundStatus.SUCCEEDED: "success",
        RefundStatus.FAILED: "danger",
    }
    list_display = ("number", "payment", "price", "gateway", "cause", "status_badge", "created_at", "requested_by")
    list_select_related = ("payment", "requested_by")
    list_filter = ("status",)
    extra_lookups = frozenset({"payment"})
    search_fields = ("number",)
    search_help_text = gettext_lazy("The number of a refund or of a payment.")
    ordering = ("-created_at", "-id")
    price = money_display(gettext_lazy("amount"), "value")
    fieldsets = (
        (None, {"fields": (("number", "payment"), ("price", "gateway"), ("cause", "requested_by"), "reason")}),
        (
            gettext_lazy("At the gateway"),
            {"fields": (("gateway_reference", "failure_code"), ("attempts", "next_attempt_at"))},
        ),
        (gettext_lazy("Paid out by staff"), {"fields": (("paid_out_on", "reference"),)}),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "price", "status"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            payments = Payment.objects.visible_to(request.user).filter(number=word.upper()).values("pk")
            queryset = queryset.filter(Q(number=word.upper()) | Q(payment__in=payments))
        return queryset, False

    # --- moves ---

    def why_not(self, obj: Refund, to_status: str, user: Any) -> DomainError | None:
        if to_status == RefundStatus.SUCCEEDED:
            return rules.why_not_paid_out_by_staff(obj.gateway)
        return rules.why_not_give_back(role=user.role)

    def move_form(self, to_status: str) -> type[MoveForm]:
        return PaidOutForm if to_status == RefundStatus.SUCCEEDED else MoveForm

    def perform_with(self, obj: Refund, to_status: str, user: Any, data: Mapping[str, Any]) -> None:
        if to_status == RefundStatus.SUCCEEDED:
            services.confirm_refund(
                obj.pk, by=user, reference=data["reference"], paid_out_on=data["paid_out_on"], note=data["note"]
            )
        else:
            services.cancel_refund(obj.pk, by=user, reason=data["note"])

    def preview(self, obj: Refund, to_status: str, user: Any) -> Sequence[Text]:
        amount = money_html(obj.value) or ""
        if to_status == RefundStatus.SUCCEEDED:
            return [_("The payer is told that they have it back."), amount]
        return [_("Nothing is given back, and the amount can be refunded again."), amount]

    # --- giving money back ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.refund_view)
        return [path("payment/<uuid:pk>/", view, name="billing_payment_refund"), *super().get_urls()]

    def refund_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """First the figures, then the amount once more, then it is on its way."""
        user: Any = request.user
        if not self.has_change_permission(request) or rules.why_not_give_back(role=user.role):
            raise PermissionDenied
        payment = Payment.objects.visible_to(user).select_related("payer", "bill").filter(pk=pk).first()
        if payment is None:
            raise Http404
        task = self._task(request, payment)
        left = rules.left_of(payment)
        if request.method == "POST" and request.POST.get("step") == "confirm":
            return self._confirmed(request, payment, task, left)
        initial = {"amount": left.amount if task is None or not task.amount else min(task.amount, left.amount)}
        form = RefundForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            refusal = rules.why_wrong_amount(form.cleaned_data["amount"], payment.currency) or rules.why_not_refund(
                payment, Money(form.cleaned_data["amount"], payment.currency)
            )
            if refusal is None:
                seen = ConfirmForm(initial=form.cleaned_data | {"left": left.amount})
                return self._page(request, payment, task, seen, amount=form.cleaned_data["amount"])
            self._say(form, refusal)
        return self._page(request, payment, task, form)

    def _task(self, request: HttpRequest, payment: Payment) -> MoneyTask | None:
        asked = request.GET.get("task", "")
        try:
            wanted = UUID(asked)
        except ValueError:
            return None
        return selectors.open_tasks(request.user).filter(pk=wanted, payment=payment).first()

    def _confirmed(self, request: HttpRequest, payment: Payment, task: MoneyTask | None, left: Money) -> HttpResponse:
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            amount = form.cleaned_data.get("amount")
            if amount is None or "left" not in form.cleaned_data:
                return HttpResponseRedirect(request.get_full_path())
            return self._page(request, payment, task, form, amount=amount)
        data = form.cleaned_data
        user: Any = request.user
        try:
            refund = services.refund_payment(
                payment.pk, data["amount"], by=user, reason=data["reason"], task_id=task.pk if task else None,
                cause=Refund.Cause.OVERPAYMENT if task else Refund.Cause.STAFF,
                left=Money(data["left"], payment.currency), now=timezone.now(),
            )  # fmt: skip
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
            return HttpResponseRedirect(request.get_full_path())
        messages.success(request, _("Refund %(number)s is on its way.") % {"number": refund.number})
        return HttpResponseRedirect(self.page_of(refund.pk))

    def _say(self, form: forms.Form, refusal: DomainError) -> None:
        for texts in refusal.errors.values():
            for text in texts:
                form.add_error("amount", str(text))
        if not refusal.errors:
            form.add_error("amount", refusal.text)

    def _page(
        self, request: HttpRequest, payment: Payment, task: MoneyTask | None, form: forms.Form, *, amount: Any = None
    ) -> HttpResponse:
        given = None if amount is None else Money(amount, payment.currency)
        columns = ("captured", "refunded", "refunding", "withheld", "lost")
        name = f"{self.admin_site.name}:billing_payment_change"
        context = {
            **self.admin_site.each_context(request),
            "title": _("Refund payment %(number)s") % {"number": payment.number},
            "opts": self.opts,
            "payment": payment,
            "task": task,
            "figures": {column: money_html(payment.figure(column)) for column in columns if getattr(payment, column)},
            "left": money_html(rules.left_of(payment)),
            "form": form,
            "given": money_html(given),
            "afterwards": self._afterwards(payment, given) if given else {},
            "is_offline": payment.gateway == GatewayCode.OFFLINE,
            "back": reverse(name, args=[payment.pk]),
            "media": self.media,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "billing/admin/refund.html", context)

    def _afterwards(self, payment: Payment, given: Money) -> dict[str, Any]:
        """What is left of the payment, and how its bill stands, once the payer has the money."""
        after: dict[str, Any] = {"left": money_html(rules.left_of(payment) - given)}
        if payment.bill:
            bill = payment.bill
            balance = bill.balance + given
            nothing = Money.zero(given.currency)
            after |= {"bill": bill, "paid": money_html(bill.figure("paid") - given)}
            after |= {"owed": money_html(max(balance, nothing)), "over": money_html(max(-balance, nothing))}
        return after


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """Payments that a bank takes back until it is decided who is right. They are answered at the gateway."""

    list_display = ("gateway_reference", "payment", "price", "gateway", "status", "reason", "evidence_due_at")
    list_select_related = ("payment",)
    list_filter = ("status",)
    extra_lookups = frozenset({"payment"})
    ordering = ("-created_at", "-id")
    price = money_display(gettext_lazy("amount"), "value")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("payment", "price"), ("gateway", "gateway_reference"), ("status", "reason"), "evidence_due_at",
                ),
            },
        ),
    )  # fmt: skip
    readonly_fields = ("price",)
