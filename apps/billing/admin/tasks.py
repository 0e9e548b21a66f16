"""What a person has to look at: the open ones first, done by saying what was done."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.billing import rules, services
from apps.billing.models import MoneyTask
from apps.billing.workflow import RECORDERS
from apps.common.admin import TransitionAdmin, money_display
from apps.common.exceptions import DomainError
from apps.common.money import Money
from apps.common.workflow import Edge, Workflow

#: Kinds that a refund may settle.
REFUNDABLE = frozenset({MoneyTask.Kind.OVERPAYMENT, MoneyTask.Kind.LATE_PAYMENT, MoneyTask.Kind.REFUND_FAILED})


class TaskStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("task about money", "Open")
    DONE = "done", pgettext_lazy("task about money", "Done")


DOING = Workflow(TaskStatus, {TaskStatus.OPEN: [Edge(TaskStatus.DONE, RECORDERS, _("Say what was done"))]})


class StateFilter(admin.SimpleListFilter):
    """Open ones, unless others are asked for."""

    title = _("state")
    parameter_name = "state"
    ALL = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("done", TaskStatus.DONE.label), (self.ALL, _("All"))]

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield choice | ({"display": TaskStatus.OPEN.label} if choice["query_string"] == "?" else {})

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == self.ALL:
            return queryset
        return queryset.filter(done_at__isnull=self.value() != TaskStatus.DONE)


@admin.register(MoneyTask)
class MoneyTaskAdmin(TransitionAdmin):
    """Those that wait are answered in the order in which they came."""

    workflow = DOING
    status_field = "done_at"
    events_relation = ""
    note_required_for = frozenset({TaskStatus.DONE})
    status_colours: ClassVar = {TaskStatus.OPEN: "warning", TaskStatus.DONE: "success"}
    list_display = ("kind", "about", "price", "opened_at", "until", "status_badge")
    list_select_related = ("payment", "bill")
    list_filter = (StateFilter, "kind")
    extra_lookups = frozenset({"payment", "bill"})
    ordering = ("opened_at", "id")
    fieldsets = (
        (None, {"fields": (("kind", "price"), ("payment", "bill"), ("refund", "dispute"), ("opened_at", "due_at"))}),
        (_("Done"), {"fields": (("done_by", "done_at"), "outcome")}),
    )
    change_form_outer_after_template = "billing/admin/task_links.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "price"]

    # --- the list ---

    def get_ordering(self, request: HttpRequest) -> Any:
        narrowed = request.GET.get(StateFilter.parameter_name)
        return ("-opened_at", "-id") if narrowed else self.ordering

    @money_display(_("amount"))
    def price(self, task: MoneyTask) -> Money | None:
        return None if task.amount is None else Money(task.amount, task.currency)

    @admin.display(description=_("about"))
    def about(self, task: MoneyTask) -> str:
        return str(task.payment or task.bill or "–")

    @admin.display(description=_("until"))
    def until(self, task: MoneyTask) -> Any:
        return task.due_at

    # --- the page ---

    def status_of(self, obj: MoneyTask) -> str:
        return (TaskStatus.DONE if obj.done_at else TaskStatus.OPEN).value

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            context |= {
                "show_save": False,
                "show_save_and_continue": False,
                "refund_url": self._refund_url(request, obj),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _refund_url(self, request: HttpRequest, task: MoneyTask) -> str:
        """Where this is given back, where a refund settles it and there is something left to refund."""
        user: Any = request.user
        if task.done_at or task.kind not in REFUNDABLE or task.payment is None:
            return ""
        if rules.why_not_give_back(role=user.role) or not rules.left_of(task.payment):
            return ""
        name = f"{self.admin_site.name}:billing_payment_refund"
        return f"{reverse(name, args=[task.payment_id])}?{urlencode({'task': task.pk})}"

    # --- the move ---

    def why_not(self, obj: MoneyTask, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_give_back(role=user.role)

    def perform(self, obj: MoneyTask, to_status: str, user: Any, note: str) -> None:
        services.finish_task(obj.pk, by=user, outcome=note, now=timezone.now())

    def preview(self, obj: MoneyTask, to_status: str, user: Any) -> list[Any]:
        return [_("It leaves the list of what is open, and what you write stays with it.")]
