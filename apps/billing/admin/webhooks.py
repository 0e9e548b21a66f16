"""The inbox of webhooks: what came, what became of it and why; applied again at the press of a button."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.billing import rules, services
from apps.billing.models import Payment, WebhookEvent
from apps.billing.workflow import WebhookStatus
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin
from apps.common.admin.base import REFUSALS

_COLOURS = {
    WebhookStatus.APPLIED: "success",
    WebhookStatus.RECEIVED: "info",
    WebhookStatus.PARKED: "warning",
    WebhookStatus.QUARANTINED: "danger",
    WebhookStatus.FAILED: "danger",
}
#: The reasons that `services.webhooks` writes, in words; any other is the name of what went wrong.
_REASONS = {
    "unreadable": gettext_lazy("It was signed, and cannot be read."),
    "unknown_object": gettext_lazy("It is about a payment that we do not know (yet)."),
    "no_sms_channel": gettext_lazy("No text messages are sent from here, so that none is meant."),
    "billing.too_early": gettext_lazy("It tells of money given back before the news that it came in."),
}


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """Newest first. What was said is for platform admins alone: there may be a payer's name in it."""

    list_display = ("received_at", "sender", "kind", "payment", "times_sent", "why", "status_badge")
    list_display_links = ("received_at",)
    list_select_related = ("payment",)
    list_filter = ("status", "sender")
    extra_lookups = frozenset({"payment"})
    search_fields = ("event_id",)
    search_help_text = gettext_lazy("The gateway's own id of the event, or a payment's number.")
    ordering = ("-received_at", "-id")
    facts: ClassVar = (
        (None, {"fields": (("sender", "kind"), ("event_id", "times_sent"), ("payment", "status"), "why")}),
        (gettext_lazy("Times"), {"fields": (("occurred_at", "received_at"), ("applied_at", "attempts"),
                                            "next_attempt_at")}),
    )  # fmt: skip
    change_form_outer_before_template = "billing/admin/webhook.html"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            payments = Payment.objects.visible_to(request.user).filter(number=word.upper()).values("pk")
            events = Q(sender__in=WebhookEvent.Sender.values, event_id=word)
            queryset = queryset.filter(events | Q(payment__in=payments))
        return queryset, False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        user = cast("User", request.user)
        body = ((gettext_lazy("What it said"), {"fields": ("body",)}),) if user.is_platform_admin else ()
        return (*self.facts, *body)

    @admin.display(description=gettext_lazy("why"))
    def why(self, webhook: WebhookEvent) -> str:
        return str(_REASONS.get(webhook.reason, webhook.reason)) or "–"

    @admin.display(description=gettext_lazy("status"))
    def status_badge(self, webhook: WebhookEvent) -> str:
        colour = _COLOURS.get(WebhookStatus(webhook.status), "")
        return render_to_string("unfold/helpers/label.html", {"text": webhook.get_status_display(), "type": colour})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None:
            refusal = rules.why_not_replay(sender=obj.sender, has_body=bool(obj.body))
            context |= {"why_not_replay": refusal.text if refusal else ""}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.replay_view))
        return [path("<uuid:pk>/replay/", view, name="billing_webhookevent_replay"), *super().get_urls()]

    def replay_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            services.replay_webhook(pk, by=cast("User", request.user))
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
        else:
            messages.success(request, _("It will be applied again within seconds."))
        return HttpResponseRedirect(reverse("admin:billing_webhookevent_change", args=[pk]))
