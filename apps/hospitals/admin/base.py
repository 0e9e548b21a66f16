"""What the directory's pages share: choices, verification, texts in five languages and how far each has come."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, ClassVar

from babel import numbers
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from django_countries.fields import CountryField
from modeltranslation.fields import TranslationField
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelect2Widget

from apps.accounts.roles import Role
from apps.common import texts, wall_time
from apps.common.admin import TransitionAdmin
from apps.common.admin.base import REFUSALS
from apps.common.admin.transitions import Move
from apps.common.exceptions import DomainError, NotFound, Text
from apps.common.texts import TextStatus
from apps.hospitals import rules, services
from apps.hospitals.models import Doctor
from apps.hospitals.notifications import wording
from apps.hospitals.workflow import VERIFICATION, Verification

#: A reason is asked for on the next page; whether the move is possible at all does not hang on it.
SOME_REASON = "…"
#: From what needs a hand first to what needs none: a tab or a row shows the first that one of its texts has.
URGENCY = (
    TextStatus.MISSING,
    TextStatus.OUTDATED,
    TextStatus.MACHINE,
    TextStatus.REVIEWED,
    TextStatus.APPROVED,
)


def changes_of(form: Any, translated: Iterable[str] = ()) -> dict[str, Any]:
    """What the form changed, as services take it: texts by language, the rest by name."""
    changes: dict[str, Any] = {}
    for name in form.changed_data:
        if name not in form.cleaned_data:
            continue
        base, _underscore, language = name.rpartition("_")
        if base in translated and language in texts.LANGUAGES:
            changes.setdefault(base, {})[language] = form.cleaned_data[name] or ""
        else:
            changes[name] = form.cleaned_data[name]
    return changes


def is_translator(request: HttpRequest) -> bool:
    return getattr(request.user, "role", "") == Role.TRANSLATOR


def name_languages(db_field: Any, field: Any) -> Any:
    """Where the five languages of a text stand beside each other, each says which one it is."""
    if field is not None and isinstance(db_field, TranslationField):
        field.label = f"{field.label} ({dict(settings.LANGUAGES)[db_field.language]})"
    return field


def country_name(code: str) -> str:
    """The country as it is called in the reader's language."""
    return wording.country_name(code, get_language() or "en")


class ChoicesMixin:
    """Countries in the reader's language; time zones and currencies from lists that can be searched; a website without
    a scheme is https."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        names: list[str] = []
        if db_field.name == "time_zone":
            names = sorted(wall_time.zones())
        elif db_field.name == "currency":
            names = sorted(numbers.list_currencies())
        elif db_field.name == "website":
            kwargs["assume_scheme"] = "https"
        if names:
            kwargs["widget"] = UnfoldAdminSelect2Widget(choices=[("", "—"), *((name, name) for name in names)])
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(db_field, CountryField) and field is not None:
            named = sorted(((code, country_name(code)) for code, _name in countries), key=itemgetter(1))
            field.choices = [("", "—"), *named]
        return field

    @admin.display(description=_("country"), ordering="country")
    def country_shown(self, obj: Any) -> str:
        return country_name(obj.country.code) if obj.country else "–"


# --- verification ----------------------------------------------------------------------------------------------------


class VerificationAdmin(TransitionAdmin):
    """Pages of what a platform admin verifies."""

    workflow = VERIFICATION
    status_field = "verification"
    note_required_for = frozenset({Verification.REJECTED})
    danger_statuses = frozenset({Verification.REJECTED})
    status_colours: ClassVar[Mapping[str, str]] = {
        Verification.PENDING: "warning",
        Verification.APPROVED: "success",
        Verification.REJECTED: "danger",
    }
    events_relation = ""

    def note_label(self, to_status: str) -> Text:
        return _("Reason, as the other side will read it") if to_status == Verification.REJECTED else _("Note")

    def moves(self, obj: Any, user: Any) -> list[Move]:
        """The decisions. Waiting again comes of what the other side corrects, and is no button."""
        return [move for move in super().moves(obj, user) if move.to != Verification.PENDING]

    def _why_not_now(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        return NotFound() if to_status == Verification.PENDING else super()._why_not_now(obj, to_status, user)

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        return rules.why_not_decide(obj, to_status, by=user, reason=SOME_REASON)

    def decide(self, request: HttpRequest, obj: Any, to_status: str, data: Mapping[str, str]) -> bool:
        """Make the move that the verification queue asks for; whether it was made. A refusal is said as a message."""
        refusal = self._why_not_now(obj, to_status, request.user)
        if data["seen"] != self.status_of(obj):
            messages.warning(request, _("Someone else has just changed the status. Please look again."))
        elif refusal is not None:
            messages.error(request, refusal.text)
        else:
            try:
                self.perform(obj, to_status, request.user, data["note"].strip())
            except REFUSALS as error:
                messages.error(request, self._refusal(error).text)
            else:
                said = {"object": obj, "status": self.label_of(to_status)}
                messages.success(request, _("%(object)s: %(status)s") % said)
                return True
        return False


# --- texts in five languages -----------------------------------------------------------------------------------------


def status_of(row: Any, field: str, language: str) -> str:
    """How far the text has come; "" where the row has no such text in any language."""
    return row.text_status.get(field, {}).get(language, {}).get("status", "")


def most_urgent(statuses: Iterable[str]) -> str:
    found = set(statuses)
    return next((str(status) for status in URGENCY if status in found), "")


def label_of(status: str) -> str:
    return str(TextStatus(status).label) if status else ""


class TextStatusFilter(DropdownFilter):
    """The rows with a text of this status in this language: “Arabic: missing”."""

    title = _("texts")
    parameter_name = "texts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (f"{code}.{status.value}", f"{own_name}: {status.label}")
            for code, own_name in settings.LANGUAGES
            for status in URGENCY
            if (code, status) != (texts.SOURCE, TextStatus.OUTDATED)
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        language, _dot, status = (self.value() or "").partition(".")
        if language not in texts.LANGUAGES or status not in TextStatus.values:
            return queryset
        return texts.with_status(queryset, language, status, self.model_admin.texts)

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.model_admin = model_admin
        super().__init__(request, params, model, model_admin)


class OfListedDoctorMixin:
    """Pages of what hangs on a doctor: translators work on what the public reads, and know no applicant."""

    def rows(self, request: HttpRequest) -> QuerySet:
        rows = super().rows(request)  # type: ignore[misc]
        if not is_translator(request):
            return rows
        listed = Doctor.objects.listed(timezone.now().date())
        return rows.filter(doctor__in=listed.order_by().values("pk"))


class TextsMixin:
    """Pages of rows with texts: a tab a language that says how far its texts have come, a filter for what is missing.

    A translator meets the texts alone: no prices, contacts or papers, no other rows on the page, one verb to save with.
    """

    #: The translated fields, in the order of their inputs.
    texts: ClassVar[tuple[str, ...]] = ()
    #: What a translator reads beside the texts, to know which row it is.
    translators_read: ClassVar[tuple[str, ...]] = ()
    #: A translator's columns of the list.
    translators_list: ClassVar[tuple[str, ...]] = ("__str__",)
    actions_submit_line = ("save_and_next",)

    # --- what a translator meets ---

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        plain = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        if is_translator(request):
            plain = [(None, {"fields": self.translators_read})] if self.translators_read else []
        return [*plain, *(self._tab(code, own_name, obj) for code, own_name in settings.LANGUAGES)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        return [*self.translators_read] if is_translator(request) else fields

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [] if is_translator(request) else super().get_inlines(request, obj)  # type: ignore[misc]

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        columns = super().get_list_display(request)  # type: ignore[misc]
        return (*(self.translators_list if is_translator(request) else columns), "progress")

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = super().get_list_filter(request)  # type: ignore[misc]
        return [TextStatusFilter] if is_translator(request) else [*filters, TextStatusFilter]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if is_translator(request):
            services.translate(obj, by=request.user, **changes_of(form, self.texts))  # type: ignore[arg-type]
        else:
            self.save_row(request, obj, form, change)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        response = super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]
        if is_translator(request):
            response.context_data |= {"status": None, "moves": [], "events": []}
        return response

    def save_row(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save what someone else than a translator has changed: by the app's service."""
        super().save_model(request, obj, form, change)  # type: ignore[misc]

    # --- how far the texts have come ---

    def _tab(self, code: str, own_name: str, obj: Any) -> tuple[str, dict[str, Any]]:
        fields = [f"{name}_{code}" for name in self.texts]
        if obj is None:
            return own_name, {"classes": ["tab"], "fields": fields}
        found = {name: status_of(obj, name, code) for name in self.texts}
        shown = [
            {"name": obj._meta.get_field(name).verbose_name, "status": status, "label": label_of(status)}
            for name, status in found.items()
            if status
        ]
        worst = most_urgent(found.values())
        description = render_to_string("hospitals/admin/text_statuses.html", {"texts": shown}) if shown else ""
        classes = ["tab", f"mv-text-{worst}"] if worst else ["tab"]
        return own_name, {"classes": classes, "fields": fields, "description": description}

    def progress(self, obj: Any) -> str:
        """For the list: a mark a language, coloured by what needs a hand first."""
        marks = [
            {"code": code, "status": status, "label": label_of(status)}
            for code in texts.LANGUAGES
            if (status := most_urgent(status_of(obj, name, code) for name in self.texts))
        ]
        return render_to_string("hospitals/admin/progress.html", {"marks": marks})

    progress.short_description = _("texts")  # type: ignore[attr-defined]

    # --- one after another ---

    @action(description=_("Save and go to the next"))
    def save_and_next(self, request: HttpRequest, obj: Any) -> None:
        """A button; `response_change` leads on."""

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The button stands where the list was narrowed to texts of one status."""
        offered = super().get_actions_submit_line(request, object_id)  # type: ignore[misc]
        return offered if self._narrowed_to(request) else []

    def _narrowed_to(self, request: HttpRequest) -> str:
        return QueryDict(request.GET.get("_changelist_filters", "")).get(TextStatusFilter.parameter_name, "")

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if not any(name.endswith("_save_and_next") for name in request.POST):
            return super().response_change(request, obj)  # type: ignore[misc]
        narrowed = TextStatusFilter(
            request, {TextStatusFilter.parameter_name: [self._narrowed_to(request)]}, None, self
        )
        rows = narrowed.queryset(request, self.get_queryset(request)).exclude(pk=obj.pk).order_by("pk")  # type: ignore[attr-defined]
        following = rows.filter(pk__gt=obj.pk).first() or rows.first()
        if following is None:
            messages.success(request, _("That was the last one of this list."))
            return self.response_post_save_change(request, obj)  # type: ignore[attr-defined]
        messages.success(request, _("“%(object)s” was saved. This is the next one.") % {"object": obj})
        query = QueryDict(mutable=True)
        query["_changelist_filters"] = request.GET["_changelist_filters"]
        return HttpResponseRedirect(f"{self.page_of(following.pk)}?{query.urlencode()}")  # type: ignore[attr-defined]

    def shown_columns(self, request: HttpRequest, obj: Any) -> frozenset[str] | None:
        if is_translator(request):
            return frozenset(flatten_fieldsets(self.get_fieldsets(request, obj)))
        return super().shown_columns(request, obj)  # type: ignore[misc]
