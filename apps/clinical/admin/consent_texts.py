"""What patients are asked to agree to: drafted in five languages, looked at as patients see it, published."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.clinical import services
from apps.clinical.models import ConsentText
from apps.common.admin import TransitionAdmin
from apps.common.workflow import Edge, Workflow

_BODY = "body_"


class TextStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("consent text", "Draft")
    PUBLISHED = "published", pgettext_lazy("consent text", "Published")


PUBLISHING = Workflow(
    TextStatus,
    {TextStatus.DRAFT: [Edge(TextStatus.PUBLISHED, frozenset({Role.ADMIN}), _("Publish"))]},
)


@admin.register(ConsentText)
class ConsentTextAdmin(TransitionAdmin):
    """A published version never changes; the newest one is what patients are shown."""

    workflow = PUBLISHING
    status_field = "published_at"
    events_relation = ""
    status_colours: ClassVar = {TextStatus.DRAFT: "warning", TextStatus.PUBLISHED: "success"}
    list_display = ("__str__", "status_badge", "published_at", "updated_at")
    ordering = ("-version",)
    fieldsets = (
        (None, {"fields": ("version",)}),
        *((str(own_name), {"classes": ["tab"], "fields": [f"{_BODY}{code}"]}) for code, own_name in settings.LANGUAGES),
    )
    change_form_outer_after_template = "clinical/admin/consent_text_links.html"

    # --- the page ---

    def status_of(self, obj: ConsentText) -> str:
        return (TextStatus.PUBLISHED if obj.published_at else TextStatus.DRAFT).value

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        bodies = [f"{_BODY}{code}" for code, _name in settings.LANGUAGES]
        fixed = bodies if obj is not None and obj.published_at else []
        return ["version", "published_at", *fixed]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Each language is typed in its own direction."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name.startswith(_BODY):
            code = db_field.name.removeprefix(_BODY)
            direction = "rtl" if get_language_info(code)["bidi"] else "ltr"
            field.widget.attrs.update({"lang": code, "dir": direction, "rows": 14})
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None and obj.published_at:
            context = context | {"show_save": False, "show_save_and_continue": False}
        languages = [{"code": code, "name": name} for code, name in settings.LANGUAGES]
        return super().render_change_form(request, context | {"languages": languages}, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: ConsentText, form: Any, change: bool) -> None:
        by: Any = request.user
        services.draft_consent_text(obj, by=by)

    # --- as patients see it ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("<uuid:pk>/preview/<slug:code>/", view, name="clinical_consenttext_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: Any, code: str) -> HttpResponse:
        """On a page the width of a telephone, in one language."""
        text = self.get_queryset(request).filter(pk=pk).first()
        if text is None or code not in dict(settings.LANGUAGES):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": str(text),
            "opts": self.opts,
            "original": text,
            "body": text.body(code),
            "language": get_language_info(code),
            "languages": [{"code": own, "name": name} for own, name in settings.LANGUAGES],
            "status": {
                "label": self.label_of(self.status_of(text)),
                "colour": self.status_colours[self.status_of(text)],
            },
            "back": self.page_of(text.pk),
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "clinical/admin/consent_text_preview.html", context)

    # --- publishing ---

    def preview(self, obj: ConsentText, to_status: str, user: Any) -> list[Any]:
        return [
            _("From now on patients are asked with this text. Consents that were given with an older one stay."),
            _("A published text can never be changed or taken back, only followed by another."),
        ]

    def perform(self, obj: ConsentText, to_status: str, user: Any, note: str) -> None:
        services.publish_consent_text(obj, by=user)
