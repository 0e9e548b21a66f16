"""Coupons: made, changed and ended by platform admins."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.accounts.models import User
from apps.billing import rules, selectors, services
from apps.billing.models import Coupon
from apps.common import money
from apps.common.admin import BaseModelAdmin, money_display
from apps.common.money import Money


class KindsField(forms.CharField):
    """Words between commas, kept as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [word for word in (part.strip() for part in (value or "").split(",")) if word]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class CouponForm(forms.ModelForm):
    applies_to = KindsField(
        label=_("for (kinds)"), required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Between commas: appointment, booking, subscription. Left empty it is for everything."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.initial.get("currency")
        for name in ("amount", "minimum", "cap"):
            if currency and self.initial.get(name) is not None:
                self.initial[name] = money.quantize(self.initial[name], currency)

    def clean_code(self) -> str:
        return rules.coupon_code(self.cleaned_data["code"])


@admin.register(Coupon)
class CouponAdmin(BaseModelAdmin):
    """What a used coupon takes off stays: it is ended, and another made."""

    form = CouponForm
    list_display = ("code", "note", "worth", "valid_from", "valid_until", "uses", "is_active")
    list_filter = ("is_active",)
    search_fields = ("code__startswith",)
    search_help_text = _("The beginning of a code.")
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": (("code", "is_active"), "note")}),
        (
            _("What it takes off"),
            {"fields": (("kind", "percent"), ("amount", "currency"), ("minimum", "cap"))},
        ),
        (
            _("When and how often"),
            {"fields": (("valid_from", "valid_until"), ("total_limit", "user_limit"), "applies_to")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return selectors.with_uses(super().get_queryset(request))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, search_term.upper())

    @money_display(_("takes off"))
    def _fixed(self, coupon: Coupon) -> Money | None:
        return None if coupon.amount is None else Money(coupon.amount, coupon.currency)

    @admin.display(description=_("takes off"))
    def worth(self, coupon: Coupon) -> Any:
        if coupon.percent is not None:
            return f"{coupon.percent.normalize():f} %"
        return self._fixed(coupon)

    @admin.display(description=_("used (held)"))
    def uses(self, coupon: Any) -> str:
        most = coupon.total_limit or "∞"
        return f"{coupon.redeemed} ({coupon.held}) / {most}"

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        by = cast("User", request.user)
        if change:
            services.update_coupon(obj.pk, by=by, **{name: form.cleaned_data[name] for name in form.changed_data})
            return
        made = services.create_coupon(by=by, **form.cleaned_data)
        obj.pk, obj.code, obj._state.adding = made.pk, made.code, False

    def delete_model(self, request: HttpRequest, obj: Coupon) -> None:
        services.remove_coupon(obj.pk, by=cast("User", request.user))
