"""Messages for staff: the outbox with what each message says, and the mailbox of e-mails that were caught."""

import base64
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import User
from apps.common import admin as common_admin
from apps.common.exceptions import DomainError

from . import catalogue, rendering, services
from .backends import CatchingEmailBackend
from .models import CaughtEmail, Message

#: People whose messages one search by the beginning of an e-mail address collects.
MAX_PEOPLE = 50
#: An e-mail is a stranger's page: nothing is loaded, nothing runs; a link opens a window of its own.
PREVIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def sandboxed(html: str) -> HttpResponse:
    """An e-mail's HTML as a page for an iframe of ours."""
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = PREVIEW_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def saved(part: dict[str, str]) -> HttpResponse:
    """What was attached to an e-mail, as a file that no browser opens: it is whatever somebody has sent."""
    response = HttpResponse(base64.b64decode(part["content"]), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, part["name"] or "attachment")
    response["X-Content-Type-Options"] = "nosniff"
    return response


class PreviewMixin:
    """A page with what the message says beneath its fields: the text, and the HTML in a sandboxed frame."""

    model: Any
    opts: Any
    admin_site: Any
    change_form_outer_after_template: str | None = "notifications/admin/preview.html"

    def parts_of(self, obj: Any) -> rendering.Rendered:
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_html"
        own = path("<uuid:pk>/html", self.admin_site.admin_view(self.html_view), name=name)
        return [own, *super().get_urls()]  # type: ignore[misc]

    def html_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        obj = self.get_queryset(request).filter(pk=pk).first()  # type: ignore[attr-defined]
        if obj is None or not self.has_view_permission(request, obj):  # type: ignore[attr-defined]
            raise Http404
        return sandboxed(self.parts_of(obj).html)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = context.get("original")
        if obj is not None:
            name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_html"
            parts = self.parts_of(obj)
            url = reverse(name, args=(obj.pk,)) if parts.html else ""
            context["preview"] = {"parts": parts, "url": url}
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]


class KindFilter(SimpleListFilter):
    """One kind of message, by its name in the catalogue."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.name, kind.label) for kind in catalogue.kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(PreviewMixin, common_admin.ReadOnlyAdminMixin, common_admin.BaseModelAdmin):
    """The outbox: what people were told, what still waits, and what could not be delivered."""

    list_display = ("created_at", "recipient", "what", "channel", "state", "attempts", "goes_out")
    list_filter = ("status", "channel", KindFilter)
    list_select_related = ("recipient",)
    search_fields = ("recipient__email",)
    search_help_text = _("The beginning of the recipient's e-mail address.")
    ordering = ("-id",)  # the ids are ordered by time, and their index is there anyway
    actions = ("send_again", "cancel")
    fieldsets = (
        (None, {"fields": (("recipient", "what"), ("channel", "state"), "event")}),
        (
            _("Delivery"),
            {"fields": (("attempts", "last_error"), ("created_at", "due_at"), ("sent_at", "provider_reference"))},
        ),
        (_("The reader"), {"fields": (("read_at", "hidden_at"),)}),
    )
    readonly_fields = ("what", "state", "created_at")

    COLOURS = {
        Message.Status.PENDING: "info",
        Message.Status.SENDING: "info",
        Message.Status.SENT: "success",
        Message.Status.DEAD: "danger",
    }

    @admin.display(description=_("kind"))
    def what(self, message: Message) -> str:
        return catalogue.label_of(message.kind)

    @admin.display(description=_("status"))
    def state(self, message: Message) -> str:
        colour = self.COLOURS.get(Message.Status(message.status), "")
        label = {"text": message.get_status_display(), "type": colour}
        return render_to_string("unfold/helpers/label.html", label)

    @admin.display(description=_("sent, or next attempt"))
    def goes_out(self, message: Message) -> Any:
        return message.sent_at or (message.due_at if message.status == Message.Status.PENDING else None)

    def parts_of(self, message: Message) -> rendering.Rendered:
        return rendering.preview(message)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Looks up the people first, so that a million messages are read by their recipient's index."""
        for word in search_term.split():
            people = User.objects.visible_to(request.user).filter(email__startswith=word.lower())
            queryset = queryset.filter(recipient__in=list(people.order_by().values_list("pk", flat=True)[:MAX_PEOPLE]))
        return queryset, False

    # --- actions ---

    def has_deliver_permission(self, request: HttpRequest) -> bool:
        """The page itself is read-only; who may change messages may send them again or stop them."""
        return request.user.has_perm("notifications.change_message")

    def _for_each(self, request: HttpRequest, rows: QuerySet, act: Any, done: Any) -> None:
        succeeded, refusals = 0, set()
        for message in rows:
            try:
                act(message, by=request.user)
            except DomainError as refusal:
                refusals.add(refusal.text)
            else:
                succeeded += 1
        for text in sorted(refusals):
            messages.error(request, text)
        if succeeded:
            messages.success(request, done(succeeded) % {"count": succeeded})

    @admin.action(description=_("Send again (given up)"), permissions=["deliver"])
    def send_again(self, request: HttpRequest, rows: QuerySet) -> None:
        self._for_each(
            request,
            rows,
            services.resend,
            lambda count: ngettext("%(count)s message is sent again.", "%(count)s messages are sent again.", count),
        )

    @admin.action(description=_("Cancel (waiting)"), permissions=["deliver"])
    def cancel(self, request: HttpRequest, rows: QuerySet) -> None:
        self._for_each(
            request,
            rows,
            services.cancel,
            lambda count: ngettext("%(count)s message is cancelled.", "%(count)s messages are cancelled.", count),
        )


@admin.register(CaughtEmail)
class CaughtEmailAdmin(PreviewMixin, common_admin.ReadOnlyAdminMixin, common_admin.BaseModelAdmin):
    """The mailbox: e-mails that were kept instead of being sent. There is none where e-mails are sent."""

    list_display = ("created_at", "to", "subject")
    search_fields = ("to__startswith", "subject__icontains")
    search_help_text = _("The beginning of an address, or words of the subject.")
    ordering = ("-id",)
    fieldsets = ((None, {"fields": (("to", "created_at"), ("message_id", "attached"))}),)
    readonly_fields = ("created_at", "attached")
    change_form_outer_before_template = "notifications/admin/preview.html"
    change_form_outer_after_template = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_in_use() and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_in_use() and super().has_view_permission(request, obj)

    @admin.display(description=_("attachments"))
    def attached(self, email: CaughtEmail) -> str:
        """The files, each to be saved; not what only mail programs look at."""
        named = [(number, part["name"]) for number, part in enumerate(email.attachments) if part["name"]]
        page = f"{self.admin_site.name}:notifications_caughtemail_attachment"
        links = ((reverse(page, args=(email.pk, number)), name) for number, name in named)
        return format_html_join(", ", '<a href="{}" download>{}</a>', links) or self.get_empty_value_display()

    def get_urls(self) -> list[URLPattern]:
        name = "notifications_caughtemail_attachment"
        own = path("<uuid:pk>/attachments/<int:number>", self.admin_site.admin_view(self.attachment_view), name=name)
        return [own, *super().get_urls()]

    def attachment_view(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        email = self.get_queryset(request).filter(pk=pk).first()
        if email is None or not self.has_view_permission(request, email) or number >= len(email.attachments):
            raise Http404
        return saved(email.attachments[number])

    def parts_of(self, email: CaughtEmail) -> rendering.Rendered:
        return rendering.Rendered(subject=email.subject, text=email.text, html=email.html)

    @staticmethod
    def _is_in_use() -> bool:
        backend = CatchingEmailBackend
        return f"{backend.__module__}.{backend.__qualname__}" == settings.EMAIL_BACKEND
