"""Insurance policies: those that wait for an answer of the insurer, with the number that the insurer asks for, and what
insurers said of them each time."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar

from babel import numbers
from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.roles import Role
from apps.clinical import insurers, rules, services
from apps.clinical.models import InsurancePolicy, InsuranceVerification, ReadEntry
from apps.common import encryption, money
from apps.common.admin import ReadOnlyTabularInline, TransitionAdmin
from apps.common.admin.transitions import MoveForm
from apps.common.exceptions import DomainError
from apps.common.workflow import Edge, Workflow

from . import people

Verification = InsurancePolicy.Verification
_KEEPERS = frozenset({Role.ADMIN, Role.COORDINATOR})
DECISIONS = Workflow(
    Verification,
    {
        Verification.REQUESTED: [
            Edge(Verification.VERIFIED, _KEEPERS, _("The insurer confirms it")),
            Edge(Verification.REJECTED, _KEEPERS, _("The insurer does not confirm it")),
        ]
    },
)


class AnswerForm(MoveForm):
    """What the insurer said, with its reference for whoever asks again."""

    reference = forms.CharField(
        label=_("Insurer's reference"), required=False, max_length=100, widget=UnfoldAdminTextInputWidget
    )


class ConfirmedForm(AnswerForm):
    """A policy that holds has figures, as far as the insurer gave them."""

    currency = forms.ChoiceField(label=_("Currency of the amounts"), required=False, widget=UnfoldAdminSelect2Widget)
    coverage_amount = forms.DecimalField(
        label=_("Covered up to"), required=False, min_value=0, max_digits=money.MAX_DIGITS,
        decimal_places=money.DECIMAL_PLACES, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    deductible = forms.DecimalField(
        label=_("Deductible"), required=False, min_value=0, max_digits=money.MAX_DIGITS,
        decimal_places=money.DECIMAL_PLACES, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    co_pay_percent = forms.DecimalField(
        label=_("Co-payment in percent"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    valid_until = forms.DateField(label=_("Valid until"), required=False, widget=UnfoldAdminDateWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currencies: Any = self.fields["currency"]
        currencies.choices = [("", "—"), *((code, code) for code in sorted(numbers.list_currencies()))]

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            figures = _figures(self.cleaned_data)
            refusal = rules.why_wrong_figures(figures, valid=True, today=timezone.now().date())
            for name, said in (refusal.errors if refusal else {}).items():
                self.add_error(name, [str(text) for text in said])
        return self.cleaned_data


class VerificationInline(ReadOnlyTabularInline):
    """What the insurer said each time."""

    model = InsuranceVerification
    verbose_name_plural = _("What the insurer said")
    fields = (
        "asked_at", "status", "kind", "valid", "coverage", "deductible_shown", "co_pay_percent", "valid_until",
        "reference", "decided_at", "decided_by",
    )  # fmt: skip
    readonly_fields = fields
    ordering = ("-asked_at", "-id")

    @admin.display(description=_("covered up to"))
    def coverage(self, asked: InsuranceVerification) -> str:
        return _written(asked.coverage_amount, asked.currency)

    @admin.display(description=_("deductible"))
    def deductible_shown(self, asked: InsuranceVerification) -> str:
        return _written(asked.deductible, asked.currency)


def _figures(data: Mapping[str, Any]) -> insurers.Figures:
    return insurers.Figures(**{each.name: data[each.name] for each in fields(insurers.Figures) if each.name in data})


def _written(amount: Any, currency: str) -> str:
    return "–" if amount is None else money.Money(amount, currency).format(get_language() or "en")


@admin.register(InsurancePolicy)
class InsurancePolicyAdmin(people.ByPatient, TransitionAdmin):
    """Stated by patients. The whole number is shown to whoever verifies, while it waits, and that is logged."""

    workflow = DECISIONS
    status_field = "verification"
    events_relation = ""
    note_required_for = frozenset({Verification.VERIFIED, Verification.REJECTED})
    danger_statuses = frozenset({Verification.REJECTED})
    status_colours: ClassVar = {
        Verification.REQUESTED: "warning",
        Verification.VERIFIED: "success",
        Verification.REJECTED: "danger",
    }
    list_display = ("patient", "insurer", "masked_number", "valid_until", "requested_at", "status_badge")
    list_select_related = ("patient__user",)
    list_filter = ("verification",)
    extra_lookups = frozenset({"patient"})
    ordering = ("-pk",)
    inlines = (VerificationInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("patient", "insurer", "provider"),
                    ("number_shown", "holder"),
                    ("valid_from", "valid_until", "struck_out_at"),
                )
            },
        ),
        (
            _("Verification"),
            {"fields": (("requested_at", "decided_at", "decided_by"), "decision_note")},
        ),
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_ordering(self, request: HttpRequest) -> Any:
        """What waits is answered in the order in which it came."""
        waiting = request.GET.get("verification__exact") == Verification.REQUESTED
        return ("requested_at", "pk") if waiting else self.ordering

    @admin.display(description=_("policy number"))
    def masked_number(self, policy: InsurancePolicy) -> str:
        return encryption.masked(policy.number)

    @admin.display(description=_("policy number"))
    def number_shown(self, policy: InsurancePolicy) -> str:
        return policy.number if getattr(policy, "is_number_open", False) else encryption.masked(policy.number)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "number_shown"]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        policy = kwargs.get("obj")
        if policy is not None:
            self._open_number(request, policy)
        nothing_to_save = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | nothing_to_save, *args, **kwargs)

    def _open_number(self, request: HttpRequest, policy: Any) -> None:
        """Whoever is to ask the insurer needs the whole number; the patient finds that they saw it."""
        reader: Any = request.user
        if policy.verification != Verification.REQUESTED or not self.has_change_permission(request, policy):
            return
        policy.ground, policy.ground_id = ReadEntry.Ground.ADMINISTRATION, None
        services.log_readings([policy], reader=reader, act=ReadEntry.Act.OPENED, place="admin")
        policy.is_number_open = True

    # --- the decision ---

    def note_label(self, to_status: str) -> Any:
        return _("What the insurer said")

    def why_not(self, obj: InsurancePolicy, to_status: str, user: Any) -> DomainError | None:
        is_verified = to_status == Verification.VERIFIED
        return rules.why_not_decide_insurance(obj, verified=is_verified, note=".", by=user)

    def preview(self, obj: InsurancePolicy, to_status: str, user: Any) -> list[Any]:
        said = [_("The patient is told that there is an answer."), _("The answer is kept as it is, and never changed.")]
        if obj.verifications.filter(status=InsuranceVerification.Status.ASKING).exists():
            return [_("Our computers are asking this insurer just now: your answer takes the place of theirs."), *said]
        return said

    def move_form(self, to_status: str) -> type[MoveForm]:
        return ConfirmedForm if to_status == Verification.VERIFIED else AnswerForm

    def perform_with(self, obj: InsurancePolicy, to_status: str, user: Any, data: Mapping[str, Any]) -> None:
        services.decide_insurance(
            obj, verified=to_status == Verification.VERIFIED, note=data["note"], reference=data["reference"],
            figures=_figures(data), by=user,
        )  # fmt: skip
