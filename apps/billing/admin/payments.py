"""Payments: made through gateways, or entered by coordinators and admins; reversed with a reason, never changed."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.billing import rules, services
from apps.billing.models import GatewayCode, LedgerEntry, Payment
from apps.billing.workflow import PAYMENT, PaymentStatus
from apps.common.admin import TransitionAdmin, money_display
from apps.common.admin.base import REFUSALS
from apps.common.exceptions import DomainError, Text
from apps.common.money import Money


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@admin.register(Payment)
class PaymentAdmin(TransitionAdmin):
    """Every payment with what is known of it, from whom, and its entries in the ledger."""

    workflow = PAYMENT
    events_relation = ""
    note_required_for = frozenset({PaymentStatus.CANCELLED})
    danger_statuses = frozenset({PaymentStatus.CANCELLED})
    status_colours: ClassVar = {
        PaymentStatus.COMPLETED: "success",
        PaymentStatus.PROCESSING: "info",
        PaymentStatus.FAILED: "danger",
        PaymentStatus.DISPUTED: "danger",
        PaymentStatus.PARTLY_REFUNDED: "warning",
        PaymentStatus.REFUNDED: "warning",
    }
    list_display = ("number", "created_at", "payer", "gateway", "subject_label", "price", "status_badge")
    list_select_related = ("payer",)
    list_filter = ("status", "gateway")
    extra_lookups = frozenset({"bill", "payer"})
    search_fields = ("number",)
    search_help_text = gettext_lazy(
        "A payment's number, the gateway's own reference, or the beginning of the payer's e-mail address."
    )
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("payer",)
    raw_id_fields = ("bill",)
    fieldsets = (
        (None, {"fields": (("number", "payer"), ("price", "bill"), ("subject_label", "hospital"))}),
        (gettext_lazy("Money"), {"fields": (("captured_shown", "refunded_shown", "refunding_shown"),
                                            ("withheld_shown", "lost_shown"))}),
        (gettext_lazy("At the gateway"), {"fields": (("gateway", "method"), ("stage", "failure_code"),
                                                     ("gateway_reference", "checkout_reference"),
                                                     ("is_unknown", "look_up_at"))}),
        (gettext_lazy("Entered"), {"fields": (("received_on", "reference"), "proof", ("recorded_by", "created_at"),
                                              ("reversed_at", "reversal_reason"))}),
    )  # fmt: skip
    add_fieldsets = (
        (None, {"fields": ("payer", "bill", ("amount", "currency"), ("method", "received_on"), "reference",
                           "subject_label")}),
    )  # fmt: skip
    change_form_outer_after_template = "billing/admin/payment.html"
    price = money_display(gettext_lazy("amount"), "value")
    captured_shown = money_display(gettext_lazy("captured"), "captured")
    refunded_shown = money_display(gettext_lazy("refunded"), "refunded")
    refunding_shown = money_display(gettext_lazy("being refunded"), "refunding")
    withheld_shown = money_display(gettext_lazy("withheld by a dispute"), "withheld")
    lost_shown = money_display(gettext_lazy("lost in a dispute"), "lost")

    # --- the list ---

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            payers = User.objects.visible_to(request.user).filter(email__startswith=word.lower())
            theirs = [code for code in GatewayCode.values if code != GatewayCode.OFFLINE]
            named = Q(gateway__in=theirs, gateway_reference=word) | Q(gateway__in=theirs, checkout_reference=word)
            queryset = queryset.filter(Q(number=word.upper()) | named | Q(payer__in=payers.values("pk")))
        return queryset, False

    # --- the page ---

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        figures = [name for name in dir(self) if name.endswith("_shown")]
        return [] if obj is None else [*(field.name for field in self.opts.fields), "price", *figures, "status"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was received stays; it is reversed."""
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            entries = LedgerEntry.objects.visible_to(request.user).filter(payment=obj).order_by("at", "id")
            told = obj.events.get_queryset().visible_to(request.user).select_related("by").order_by("at", "id")
            context |= {
                "told": told,
                "entries": [(entry, self._amount(entry.value)) for entry in entries],
                "may_ask": obj.gateway != GatewayCode.OFFLINE and self.has_change_permission(request, obj),
                "may_refund": self.has_change_permission(request, obj) and bool(rules.left_of(obj)),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @staticmethod
    def _amount(value: Money) -> str:
        return value.format(translation.get_language() or "en")

    # --- what staff do ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.ask_view))
        return [path("<uuid:pk>/ask/", view, name="billing_payment_ask"), *super().get_urls()]

    def ask_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """How does it stand this moment?"""
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            payment = services.ask_now(pk, by=_user(request))
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
        else:
            status = self.label_of(payment.status)
            messages.success(
                request, _("The gateway was asked. The payment stands as: %(status)s.") % {"status": status}
            )
        return HttpResponseRedirect(reverse("admin:billing_payment_change", args=[pk]))

    def save_model(self, request: HttpRequest, obj: Payment, form: Any, change: bool) -> None:
        if change:
            return
        recorded = services.record_payment(by=_user(request), **form.cleaned_data)
        obj.pk, obj.number, obj._state.adding = recorded.pk, recorded.number, False

    def why_not(self, obj: Payment, to_status: str, user: Any) -> DomainError | None:
        if to_status != PaymentStatus.CANCELLED:
            return None
        return rules.why_not_record(role=user.role) or rules.why_not_reverse(obj, reason="-")

    def perform(self, obj: Payment, to_status: str, user: Any, note: str) -> None:
        services.reverse_payment(obj.pk, by=user, reason=note)

    def preview(self, obj: Payment, to_status: str, user: Any) -> Sequence[Text]:
        return [_("The entry is taken back and stays, with your reason. The payer sees that it was.")]
