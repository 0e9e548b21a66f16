"""Plans, and the subscriptions of hospitals and doctors with all that can be done about one."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.billing import services
from apps.billing.models import Subscription, SubscriptionPeriod, SubscriptionPlan
from apps.billing.rules import subscriptions as rules
from apps.billing.selectors import pay_links
from apps.billing.services import limits, renewals, subscribing, subscriptions
from apps.billing.workflow import SubscriptionStatus
from apps.common import wall_time
from apps.common.admin import BaseModelAdmin, ReadOnlyTabularInline, TransitionAdmin, money_display
from apps.common.admin.transitions import Event, MoveForm
from apps.common.exceptions import DomainError, Text
from apps.common.money import Money
from apps.common.workflow import Edge, Workflow
from apps.hospitals.admin import base

_KEEPERS = frozenset({Role.ADMIN, Role.HOSPITAL_ADMIN})
_ADMIN = frozenset({Role.ADMIN})
#: What events say beside a move of the status.
HAPPENED: dict[str, Text] = {
    "subscribed": gettext_lazy("Subscribed"),
    "renewed": gettext_lazy("Renewed"),
    "upgraded": gettext_lazy("Another plan in force"),
    "upgrade_billed": gettext_lazy("A larger plan billed"),
    "change_planned": gettext_lazy("Another plan from the next period on"),
    "change_withdrawn": gettext_lazy("Change of plan taken back"),
    "cancelled": gettext_lazy("To end with its period"),
    "not_renewed": gettext_lazy("Not to be renewed"),
    "kept": gettext_lazy("To be renewed after all"),
    "charge_failed": gettext_lazy("Charged in vain"),
    "asked": gettext_lazy("Asked to pay"),
}


class Act(models.TextChoices):
    """The statuses, and what a person may do that leads to none of them at once."""

    PENDING = SubscriptionStatus.PENDING.value, SubscriptionStatus.PENDING.label
    TRIALING = SubscriptionStatus.TRIALING.value, SubscriptionStatus.TRIALING.label
    ACTIVE = SubscriptionStatus.ACTIVE.value, SubscriptionStatus.ACTIVE.label
    PAST_DUE = SubscriptionStatus.PAST_DUE.value, SubscriptionStatus.PAST_DUE.label
    ENDED = SubscriptionStatus.ENDED.value, SubscriptionStatus.ENDED.label
    PLAN = "plan", gettext_lazy("Change of plan")
    CANCEL = "cancel", gettext_lazy("Ends with its period")
    KEEP = "keep", gettext_lazy("Is renewed")
    CHARGE = "charge", gettext_lazy("Charged or asked to pay")


_PLAN = Edge(Act.PLAN, _KEEPERS, gettext_lazy("Change the plan"))
_CANCEL = Edge(Act.CANCEL, _KEEPERS, gettext_lazy("Cancel at the end of the period"))
_KEEP = Edge(Act.KEEP, _KEEPERS, gettext_lazy("Keep"))
_CHARGE = Edge(Act.CHARGE, _ADMIN, gettext_lazy("Charge or ask now"))
_END = Edge(Act.ENDED, _ADMIN, gettext_lazy("End now"))
ACTS = Workflow(
    Act,
    {
        Act.PENDING: [_CANCEL, _END],
        Act.TRIALING: [_PLAN, _CANCEL, _KEEP, _END],
        Act.ACTIVE: [_PLAN, _CANCEL, _KEEP, _END],
        Act.PAST_DUE: [_CHARGE, _CANCEL, _END],
    },
)


class NothingToKeep(DomainError):
    message = gettext_lazy("It is renewed already.")


class NothingToCancel(DomainError):
    message = gettext_lazy("It ends with its period already.")


class PlanForm(MoveForm):
    """Which plan."""

    plan = forms.ChoiceField(label=gettext_lazy("Plan"), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans = SubscriptionPlan.objects.listed().order_by("audience", "position")
        field = cast("forms.ChoiceField", self.fields["plan"])
        field.choices = [(plan.code, str(plan)) for plan in plans]


@admin.register(SubscriptionPlan)
class SubscriptionPlanAdmin(base.TextsMixin, base.ChoicesMixin, BaseModelAdmin):
    """What may be subscribed to. A plan is never removed: it is offered no more."""

    texts = ("name", "description")
    translators_read = ("code",)
    translators_list = ("name", "code")
    list_display = (
        "name", "audience", "price_shown", "interval", "trial_days", "max_doctors", "max_appointments_per_month",
        "is_active",
    )  # fmt: skip
    list_filter = ("audience", "is_active")
    search_fields = ("code__startswith", "name_en__istartswith")
    search_help_text = gettext_lazy("The beginning of a code or of an English name.")
    ordering = ("position", "code")
    price_shown = money_display(gettext_lazy("price"), "value")
    fieldsets = (
        (None, {"fields": (("code", "audience", "position"), ("price", "currency", "interval"))}),
        (
            gettext_lazy("What it allows"),
            {
                "fields": (("max_doctors", "max_appointments_per_month"), ("trial_days", "is_active")),
                "description": gettext_lazy(
                    "An empty limit is none. A new price holds from each subscription's next period on; new limits "
                    "hold for all who have the plan at once."
                ),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        fixed = [name for name in ("code", "audience") if obj is not None and name not in fields]
        return fields if base.is_translator(request) else [*fields, *fixed]

    def save_row(self, request: HttpRequest, obj: SubscriptionPlan, form: Any, change: bool) -> None:
        super().save_row(request, obj, form, change)
        limits.level_limits()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PeriodInline(ReadOnlyTabularInline):
    """What it was billed for."""

    model = SubscriptionPeriod
    ordering = ("-number",)
    fields = readonly_fields = (
        "number", "plan", "starts_on", "ends_on", "price_shown", "credit_shown", "bill_shown", "paid_shown",
        "standing",
    )  # fmt: skip
    price_shown = money_display(gettext_lazy("price"), "price")
    credit_shown = money_display(gettext_lazy("credit"), "credit")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("plan", "bill")

    @admin.display(description=gettext_lazy("bill"))
    def bill_shown(self, period: SubscriptionPeriod) -> str:
        return f"{period.bill} · {period.bill.get_status_display()}" if period.bill else "–"

    @money_display(gettext_lazy("paid"))
    def paid_shown(self, period: SubscriptionPeriod) -> Money | None:
        return period.bill.figure("paid") if period.bill else None

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, period: SubscriptionPeriod) -> str:
        if period.voided_at:
            return _("Given up")
        if period.replaced_on:
            return _("Replaced by another plan")
        return _("In force once it is paid") if period.taken_up_at is None else ""


@admin.register(Subscription)
class SubscriptionAdmin(TransitionAdmin):
    """Who has which plan, until when, and whether it is paid."""

    workflow = ACTS
    danger_statuses = frozenset({Act.ENDED, Act.CANCEL})
    status_colours: ClassVar = {
        Act.PENDING: "info", Act.TRIALING: "info", Act.ACTIVE: "success", Act.PAST_DUE: "danger",
    }  # fmt: skip
    list_display = (
        "number", "subscriber", "plan", "status_badge", "price", "ends_on", "auto_renew", "grace_until", "payer",
    )  # fmt: skip
    list_select_related = ("plan", "hospital", "doctor__user", "payer")
    list_filter = ("status", "plan")
    search_fields = ("number",)
    search_help_text = gettext_lazy("A subscription's number, or the beginning of the payer's e-mail address.")
    ordering = ("-created_at", "-id")
    inlines = (PeriodInline,)
    autocomplete_fields = ("hospital", "doctor")
    add_fieldsets = (
        (
            None,
            {
                "fields": ("plan", "hospital", "doctor"),
                "description": gettext_lazy("Say for which hospital or for which doctor. They are asked to pay."),
            },
        ),
    )
    fieldsets = (
        (None, {"fields": (("number", "subscriber"), ("plan", "price"), ("payer", "mandate"))}),
        (
            gettext_lazy("Period"),
            {"fields": (("starts_on", "ends_on"), ("auto_renew", "cancelled_at"), ("next_plan", "next_renewal"))},
        ),
        (
            gettext_lazy("Payment"),
            {"fields": (("owed", "pay_page"), ("past_due_at", "grace_until"), ("attempts", "next_charge_at"))},
        ),
    )

    @admin.display(description=gettext_lazy("for"))
    def subscriber(self, subscription: Subscription) -> str:
        return str(subscription.hospital or subscription.doctor)

    @money_display(gettext_lazy("price"))
    def price(self, subscription: Subscription) -> Money:
        return subscription.plan.value

    @money_display(gettext_lazy("to be paid"))
    def owed(self, subscription: Subscription) -> Money | None:
        bill = subscriptions.owed_bill(subscription)
        return bill.balance if bill else None

    @admin.display(description=gettext_lazy("page to pay on"))
    def pay_page(self, subscription: Subscription) -> str:
        if subscriptions.owed_bill(subscription) is None:
            return "–"
        return format_html('<a href="{}">{}</a>', pay_links.link_to_pay(subscription.pk), _("Pay now"))

    @admin.display(description=gettext_lazy("next renewal"))
    def next_renewal(self, subscription: Subscription) -> str:
        if subscription.status == SubscriptionStatus.ENDED or subscription.ends_on is None:
            return "–"
        language = translation.get_language() or "en"
        if not subscription.auto_renew:
            return _("None: it ends after %(day)s") % {"day": wall_time.day(subscription.ends_on, language)}
        plan = subscription.next_plan or subscription.plan
        return _("After %(day)s: %(plan)s for %(amount)s") % {
            "day": wall_time.day(subscription.ends_on, language),
            "plan": plan,
            "amount": plan.value.format(language),
        }

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            payers = User.objects.visible_to(request.user).filter(email__startswith=word.lower())
            queryset = queryset.filter(Q(number=word.upper()) | Q(payer__in=payers.values("pk")))
        return queryset, False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [] if obj is None else self.inlines

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = ["subscriber", "price", "owed", "pay_page", "next_renewal"]
        return [] if obj is None else [*(field.name for field in self.opts.fields), *shown]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        if change:
            return
        given = form.cleaned_data
        owner = {f"{name}_id": given[name].pk for name in ("hospital", "doctor") if given.get(name)}
        made = services.subscribe(by=cast("User", request.user), plan=given["plan"].code, **owner)
        obj.pk, obj.number, obj._state.adding = made.pk, made.number, False

    def events(self, obj: Any, user: Any) -> list[Event]:
        """As elsewhere, with what happened in words where no status changed."""
        rows = obj.events.visible_to(user).select_related("by").order_by("at", "id")
        return [
            Event(
                at=row.at,
                by=str(row.by) if row.by else _("The system"),
                from_label=self.label_of(row.from_status) if row.from_status != row.to_status else "",
                to_label=self.label_of(row.to_status) if row.from_status != row.to_status else str(HAPPENED[row.code]),
                note=row.note,
            )
            for row in rows
        ]

    def takes_note(self, to_status: str) -> bool:
        return to_status == Act.ENDED

    def move_form(self, to_status: str) -> type[MoveForm]:
        return PlanForm if to_status == Act.PLAN else MoveForm

    def why_not(self, obj: Subscription, to_status: str, user: Any) -> DomainError | None:
        if to_status == Act.PLAN:
            period = subscribing.current_period(obj)
            is_waiting = subscribing.waiting_period(obj) is not None or bool(subscriptions.owed_bill(obj))
            return rules.why_not_change(obj, is_waiting=is_waiting or period is None)
        if to_status == Act.CANCEL and obj.cancelled_at:
            return NothingToCancel()
        return NothingToKeep() if to_status == Act.KEEP and obj.auto_renew else None

    def perform_with(self, obj: Subscription, to_status: str, user: Any, data: Mapping[str, Any]) -> None:
        now = timezone.now()
        if to_status == Act.PLAN:
            services.change_plan(obj.pk, by=user, plan=data["plan"], version=obj.version, now=now)
        elif to_status == Act.CANCEL:
            services.cancel_subscription(obj.pk, by=user, now=now)
        elif to_status == Act.KEEP:
            services.set_auto_renew(obj.pk, True, by=user, now=now)
        elif to_status == Act.CHARGE:
            renewals.charge_now(obj.pk, now=now)
        else:
            services.end_subscription(obj.pk, by=user, note=data.get("note", "").strip(), now=now)

    def preview(self, obj: Subscription, to_status: str, user: Any) -> Sequence[Text]:
        language = translation.get_language() or "en"
        until = wall_time.day(obj.ends_on, language) if obj.ends_on else ""
        if to_status == Act.PLAN:
            return self._preview_of_plans(obj, user, language)
        if to_status == Act.CHARGE:
            bill = subscriptions.owed_bill(obj)
            amount = bill.balance.format(language) if bill else ""
            return [
                _("%(amount)s is charged by the leave that the payer has given; without one the payer is asked to pay.")
                % {"amount": amount}
            ]
        if to_status == Act.ENDED:
            return [
                _("Its limits fall back at once. What is not paid is owed no more; what was paid is not given back."),
                _("The subscriber is told."),
            ]
        if to_status == Act.CANCEL and obj.status in {Act.PENDING, Act.PAST_DUE}:
            return [_("It ends at once, as nothing is paid. The subscriber is told.")]
        if to_status == Act.CANCEL:
            return [_("It stays in force until %(day)s and is not renewed.") % {"day": until}]
        return [_("It is renewed after %(day)s.") % {"day": until}]

    def _preview_of_plans(self, obj: Subscription, user: Any, language: str) -> list[Text]:
        """What each plan would bring now."""
        audience = "hospital" if obj.hospital_id else "doctor"
        lines: list[Text] = []
        for plan in SubscriptionPlan.objects.listed().filter(audience=audience).order_by("position", "code"):
            if plan.pk in {obj.plan_id, obj.next_plan_id}:
                continue
            change = services.preview_change(obj.pk, by=user, plan=plan.code)[2]
            said = {
                "plan": plan, "day": wall_time.day(change.begins_on, language), "due": change.due.format(language),
                "charge": change.charge.format(language), "credit": change.credit.format(language),
            }  # fmt: skip
            if change.is_now and change.due:
                lines.append(_("%(plan)s: at once, for %(due)s (%(charge)s less %(credit)s).") % said)
            elif change.is_now:
                lines.append(_("%(plan)s: at once, and nothing is to be paid.") % said)
            else:
                lines.append(_("%(plan)s: from %(day)s on.") % said)
        return lines
