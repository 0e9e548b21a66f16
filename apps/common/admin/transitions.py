"""A workflow's moves as buttons: greyed with the reason, a page to confirm, one service call, the events beneath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.common.exceptions import DomainError, NotFound, Text
from apps.common.workflow import Edge, Workflow

from .base import REFUSALS, BaseModelAdmin

MAX_NOTE = 2_000


@dataclass(frozen=True)
class Move:
    """A button: the verb, where it leads, and the reason when it is greyed."""

    to: str
    verb: str
    url: str
    is_danger: bool
    reason: str = ""


@dataclass(frozen=True)
class Event:
    """One move that was made, as the page shows it."""

    at: Any
    by: str
    from_label: str
    to_label: str
    note: str


class MoveForm(forms.Form):
    """The note that goes with a move, and the status that its maker saw."""

    seen = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=MAX_NOTE, widget=UnfoldAdminTextareaWidget({"rows": 4})
    )

    def __init__(self, *args: Any, label: Text, is_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = label
        self.fields["note"].required = is_required


class TransitionAdmin(BaseModelAdmin):
    """Pages of a model whose status moves along a workflow.

    A subclass gives `workflow` and `perform`; mostly also `why_not`, the statuses whose move needs a note, and colours.
    The status itself can never be edited in the form.
    """

    workflow: Workflow
    status_field = "status"
    #: Statuses whose move must say why.
    note_required_for: frozenset[str] = frozenset()
    #: Statuses whose button is red, because the move ends or refuses something.
    danger_statuses: frozenset[str] = frozenset()
    #: Colours of the status badge: info, success, warning, danger, primary; grey for the rest.
    status_colours: ClassVar[Mapping[str, str]] = {}
    #: The relation to the rows of moves that were made (`from_status`, `to_status`, `by`, `at`, `note`); "" for none.
    events_relation = "events"
    change_form_outer_before_template = "admin/moves.html"
    change_form_outer_after_template = "admin/events.html"

    # --- what an app says ---

    def why_not(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        """The rule's refusal of this move now, or None."""
        return None

    def perform(self, obj: Any, to_status: str, user: Any, note: str) -> None:
        """Make the move by calling the app's service, which raises its refusals."""
        raise NotImplementedError

    def move_form(self, to_status: str) -> type[MoveForm]:
        """The form of the move's page, for one that takes more than a note."""
        return MoveForm

    def perform_with(self, obj: Any, to_status: str, user: Any, data: Mapping[str, Any]) -> None:
        """As `perform`, with everything that the move's form took."""
        self.perform(obj, to_status, user, data.get("note", "").strip())

    def preview(self, obj: Any, to_status: str, user: Any) -> Sequence[Text]:
        """Sentences on what the move will bring about: who is told, what is freed, what it costs."""
        return ()

    def takes_note(self, to_status: str) -> bool:
        """Whether a note is kept anywhere: a reason with the object, any other with the events. Else none is asked."""
        return bool(self.events_relation) or to_status in self.note_required_for

    def note_label(self, to_status: str) -> Text:
        return _("Reason") if to_status in self.note_required_for else _("Note (optional)")

    # --- the page ---

    def status_of(self, obj: Any) -> str:
        return str(getattr(obj, self.status_field))

    def label_of(self, status: str) -> str:
        return str(self.workflow.statuses(status).label) if status else ""

    def status_badge(self, obj: Any) -> str:
        """For `list_display`: the status as a coloured label."""
        status = self.status_of(obj)
        colour = self.status_colours.get(status, "")
        return render_to_string("unfold/helpers/label.html", {"text": self.label_of(status), "type": colour})

    status_badge.short_description = gettext_lazy("status")  # type: ignore[attr-defined]

    def moves(self, obj: Any, user: Any) -> list[Move]:
        """The declared moves for this role, in the table's order."""
        status = self.status_of(obj)
        return [self._move(obj, edge, user) for edge in self.workflow.moves_from(status, user.role)]

    def _move(self, obj: Any, edge: Edge, user: Any) -> Move:
        refusal = self.why_not(obj, edge.to, user)
        return Move(
            to=edge.to,
            verb=str(edge.verb or self.label_of(edge.to)),
            url=self.move_url(obj, edge.to),
            is_danger=edge.to in self.danger_statuses,
            reason=refusal.text if refusal else "",
        )

    def move_url(self, obj: Any, to_status: str) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_move"
        return reverse(name, args=(obj.pk, to_status))

    def events(self, obj: Any, user: Any) -> list[Event]:
        if not self.events_relation:
            return []
        rows = getattr(obj, self.events_relation).get_queryset().visible_to(user).select_related("by").order_by("at")
        return [
            Event(
                at=row.at,
                by=str(row.by) if row.by else _("The system"),
                from_label=self.label_of(row.from_status),
                to_label=self.label_of(row.to_status),
                note=row.note,
            )
            for row in rows
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if self.status_field in fields else [*fields, self.status_field]

    def shown_columns(self, request: HttpRequest, obj: Any) -> frozenset[str] | None:
        """The status stands above the page's fields."""
        shown = super().shown_columns(request, obj)
        return shown if shown is None else shown | {self.status_field}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        obj = kwargs.get("obj")
        if obj is not None and obj.pk and not obj._state.adding:
            may_change = self.has_change_permission(request, obj)
            status = self.status_of(obj)
            context["status"] = {"label": self.label_of(status), "colour": self.status_colours.get(status, "")}
            context["moves"] = self.moves(obj, request.user) if may_change else []
            context["events"] = self.events(obj, request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- the move ---

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        view = self.admin_site.admin_view(self.move_view)
        return [path("<path:object_id>/move/<slug:to_status>/", view, name=name), *super().get_urls()]

    def move_view(self, request: HttpRequest, object_id: str, to_status: str) -> HttpResponse:
        """Ask, then do. What stands in the way is said on the object's page."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        here = HttpResponseRedirect(self.page_of(obj.pk))
        refusal = self._why_not_now(obj, to_status, request.user)
        if refusal is not None:
            messages.error(request, refusal.text)
            return here
        form = self.move_form(to_status)(
            request.POST or None,
            initial={"seen": self.status_of(obj)},
            label=self.note_label(to_status),
            is_required=to_status in self.note_required_for,
        )
        if not self.takes_note(to_status):
            del form.fields["note"]
        if request.method == "POST" and form.is_valid() and self._made(request, obj, to_status, form.cleaned_data):
            return here
        return self._confirmation(request, obj, to_status, form)

    def _why_not_now(self, obj: Any, to_status: str, user: Any) -> DomainError | None:
        if to_status not in self.workflow.edges:
            return NotFound()
        return self.workflow.why_not_move(self.status_of(obj), to_status, user.role) or self.why_not(
            obj, to_status, user
        )

    def _made(self, request: HttpRequest, obj: Any, to_status: str, data: Mapping[str, Any]) -> bool:
        if data["seen"] != self.status_of(obj):
            messages.warning(request, _("Someone else has just changed the status. Please look again."))
            return True
        try:
            self.perform_with(obj, to_status, request.user, data)
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
        else:
            said = _("%(object)s: %(status)s") % {"object": obj, "status": self.label_of(to_status)}
            messages.success(request, said)
        return True

    def _confirmation(self, request: HttpRequest, obj: Any, to_status: str, form: MoveForm) -> HttpResponse:
        edge = self.workflow.edge(self.status_of(obj), to_status)
        verb = str(edge.verb) if edge and edge.verb else self.label_of(to_status)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb}: {obj}",
            "verb": verb,
            "object": obj,
            "original": obj,
            "opts": self.opts,
            "kind": capfirst(str(self.opts.verbose_name)),
            "from_status": {
                "label": self.label_of(self.status_of(obj)),
                "colour": self.status_colours.get(self.status_of(obj), ""),
            },
            "to_status": {"label": self.label_of(to_status), "colour": self.status_colours.get(to_status, "")},
            "is_danger": to_status in self.danger_statuses,
            "preview": list(self.preview(obj, to_status, request.user)),
            "form": form,
            "back": self.page_of(obj.pk),
            "media": self.media,
        }
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        return TemplateResponse(request, "admin/move_confirmation.html", context)
