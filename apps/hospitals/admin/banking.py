"""Where hospitals are paid: people see the last four of a number, and type a whole one to replace it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.common import encryption
from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline
from apps.common.admin.forms import GuardedForm
from apps.hospitals import rules, services
from apps.hospitals.models import BankAccount

from .base import ChoicesMixin, changes_of


class BankAccountForm(GuardedForm):
    """The number's field is empty: what is typed replaces the present one."""

    number = forms.CharField(
        label=gettext_lazy("IBAN or account number"),
        max_length=60,  # with the spaces that people write it in
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding or "number" not in self.fields:
            return
        self.initial["number"] = ""
        self.fields["number"].required = False
        present = encryption.masked(self.instance.number)
        self.fields["number"].help_text = _("Now %(number)s. Leave this empty to keep it.") % {"number": present}

    def clean_number(self) -> str:
        return self.cleaned_data["number"] or self.instance.number

    def _shown(self, name: str, value: Any) -> str:
        return encryption.masked(value) if name == "number" else super()._shown(name, value)


class SeesBankAccountsMixin:
    """For whom bank accounts are none of their business there are no such pages."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and rules.may_see_bank_accounts(request.user)  # type: ignore[misc]

    @admin.display(description=gettext_lazy("IBAN or account number"))
    def number_shown(self, obj: BankAccount) -> str:
        return encryption.masked(obj.number)


class BankAccountInline(SeesBankAccountsMixin, ReadOnlyTabularInline):
    model = BankAccount
    fields = ("holder", "bank", "number_shown", "currency")
    readonly_fields = ("number_shown",)
    verbose_name_plural = gettext_lazy("bank account")
    hide_title = True
    show_change_link = True
    tab = True


@admin.register(BankAccount)
class BankAccountAdmin(SeesBankAccountsMixin, ChoicesMixin, BaseModelAdmin):
    form = BankAccountForm
    list_display = ("hospital", "holder", "bank", "country_shown", "number_shown", "currency", "updated_at")
    list_filter = ("country",)
    list_select_related = ("hospital",)
    # Not by number: searches stand in addresses, and addresses are logged.
    search_fields = ("hospital__name_en__istartswith",)
    search_help_text = gettext_lazy("The beginning of a hospital's name.")
    ordering = ("-pk",)
    fieldsets = ((None, {"fields": ("hospital", ("holder", "bank"), ("country", "currency"), ("number", "bic"))}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = [*super().get_readonly_fields(request, obj)]
        return fields if obj is None else ["hospital", *fields]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Staff of one hospital need not name it."""
        own = list(self.visible_related(BankAccount._meta.get_field("hospital").related_model, request)[:2])
        return ({"hospital": own[0].pk} if len(own) == 1 else {}) | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: BankAccount, form: Any, change: bool) -> None:
        by: Any = request.user
        changes = changes_of(form)
        hospital = changes.pop("hospital", None) or obj.hospital
        saved = services.set_bank_account(hospital, by=by, **changes)
        obj.pk, obj._state.adding = saved.pk, False

    def delete_model(self, request: HttpRequest, obj: BankAccount) -> None:
        by: Any = request.user
        services.remove_bank_account(obj, by=by)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for account in queryset:
            self.delete_model(request, account)
