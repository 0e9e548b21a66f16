"""Payments: entered by coordinators and admins, reversed with a reason, never changed."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import rules, services
from apps.billing.models import Payment
from apps.billing.workflow import PAYMENT, PaymentStatus
from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError, Text


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@admin.register(Payment)
class PaymentAdmin(TransitionAdmin):
    """What was received outside any gateway."""

    workflow = PAYMENT
    events_relation = ""
    note_required_for = frozenset({PaymentStatus.CANCELLED})
    danger_statuses = frozenset({PaymentStatus.CANCELLED})
    status_colours: ClassVar = {
        PaymentStatus.COMPLETED: "success",
        PaymentStatus.FAILED: "danger",
        PaymentStatus.DISPUTED: "danger",
        PaymentStatus.PARTLY_REFUNDED: "warning",
        PaymentStatus.REFUNDED: "warning",
    }
    list_display = ("number", "received_on", "payer", "price", "method", "subject_label", "status_badge")
    list_select_related = ("payer",)
    list_filter = ("method", "currency")
    search_fields = ("number",)
    search_help_text = _("A payment's number, or the beginning of the payer's e-mail address.")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("payer",)
    fieldsets = (
        (None, {"fields": (("number", "payer"), ("price", "method"), ("received_on", "reference"), "subject_label")}),
        (_("Entered"), {"fields": (("recorded_by", "created_at"), ("reversed_at", "reversal_reason"))}),
    )
    add_fieldsets = (
        (None, {"fields": ("payer", ("amount", "currency"), ("method", "received_on"), "reference", "subject_label")}),
    )

    @admin.display(description=_("amount"))
    def price(self, payment: Payment) -> str:
        return payment.value.format(translation.get_language() or "en")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            payers = User.objects.visible_to(request.user).filter(email__startswith=word.lower())
            queryset = queryset.filter(Q(number=word.upper()) | Q(payer__in=payers.values("pk")))
        return queryset, False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None else [*(field.name for field in self.opts.fields), "price", "status"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was received stays; it is reversed."""
        return False

    def save_model(self, request: HttpRequest, obj: Payment, form: Any, change: bool) -> None:
        if change:
            return
        recorded = services.record_payment(by=_user(request), **form.cleaned_data)
        obj.pk, obj.number, obj._state.adding = recorded.pk, recorded.number, False

    def why_not(self, obj: Payment, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_record(role=user.role)

    def perform(self, obj: Payment, to_status: str, user: Any, note: str) -> None:
        services.reverse_payment(obj.pk, by=user, reason=note)

    def preview(self, obj: Payment, to_status: str, user: Any) -> Sequence[Text]:
        return [_("The entry is taken back and stays, with your reason. The payer sees that it was.")]
