"""The verification queue: what waits, the longest first; each with its data on one side and its papers on the other.

Deciding here is the same move, by the same pages' rules and services, as on the row's own page.
"""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.common import audit
from apps.common.admin.transitions import MoveForm
from apps.hospitals.selectors import verification as selectors
from apps.hospitals.workflow import Verification
from apps.media import links, storage

from . import facts
from .base import VerificationAdmin

PER_PAGE = 50
ICONS = {
    "doctor": "stethoscope",
    "hospital": "local_hospital",
    "licence": "badge",
    "accreditation": "workspace_premium",
}
#: A paper is a stranger's file: nothing runs in it, and it is framed by our own page alone. The browser's own reader of
#: PDF files counts as an object with its own style.
PAPER_POLICY = (
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


def may_verify(user: Any) -> bool:
    return user.has_perm("hospitals.change_doctor") and user.has_perm("hospitals.change_licence")


def _guard(request: HttpRequest) -> None:
    if not may_verify(request.user):
        raise PermissionDenied


def _context(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    request.current_app = admin.site.name  # type: ignore[attr-defined]
    return {**admin.site.each_context(request), "title": title, **more}


def _kind_of(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in selectors.KINDS else ""


def _address(one: Any, kind: str) -> str:
    address = reverse("verification:item", args=(one.kind, one.pk))
    return f"{address}?kind={kind}" if kind else address


def _list_address(kind: str) -> str:
    address = reverse("verification:queue")
    return f"{address}?kind={kind}" if kind else address


def _tabs(found: list[Any], kind: str) -> list[dict[str, Any]]:
    counts = selectors.count_by_kind(found)
    tabs = [{"title": _("All"), "count": sum(counts.values()), "url": _list_address(""), "is_active": not kind}]
    for name, count in counts.items():
        title = capfirst(str(selectors.KINDS[name][0]._meta.verbose_name_plural))
        tabs.append({"title": title, "count": count, "url": _list_address(name), "is_active": kind == name})
    return tabs


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, of all kinds or one."""
    _guard(request)
    user: Any = request.user
    kind = _kind_of(request)
    everything = selectors.waiting(user)
    found = [one for one in everything if not kind or one.kind == kind]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    rows = selectors.subjects(page.object_list, user)
    lines = [
        {
            "icon": ICONS[one.kind],
            "kind": capfirst(str(selectors.KINDS[one.kind][0]._meta.verbose_name)),
            "name": facts.name_of(rows[one.pk]),
            "detail": facts.detail_of(rows[one.pk]),
            "since": one.since,
            "url": _address(one, kind),
        }
        for one in page.object_list
        if one.pk in rows
    ]
    context = _context(request, _("Verification"), tabs=_tabs(everything, kind), lines=lines, page=page, kind=kind)
    return TemplateResponse(request, "hospitals/admin/verification_queue.html", context)


def _subject(request: HttpRequest, kind: str, pk: UUID) -> tuple[VerificationAdmin, Any]:
    """The row's own pages, and the row as they show it."""
    _guard(request)
    if kind not in selectors.KINDS:
        raise Http404
    pages: Any = admin.site.get_model_admin(selectors.KINDS[kind][0])
    subject = pages.get_object(request, str(pk))
    if subject is None:
        raise Http404
    return pages, subject


def _neighbours(request: HttpRequest, kind: str, pk: UUID) -> tuple[int, int, Any]:
    """Where this one stands in the queue, how long that is, and which comes next (the first, after the last)."""
    narrowed = _kind_of(request)
    found = selectors.waiting(request.user, narrowed)  # type: ignore[arg-type]
    position = next((index for index, one in enumerate(found) if (one.kind, one.pk) == (kind, pk)), -1)
    others = [*found[position + 1 :], *found[: max(position, 0)]]
    return position + 1, len(found), others[0] if others else None


def _choices(pages: VerificationAdmin, subject: Any, user: Any) -> list[dict[str, Any]]:
    """The moves as the page offers them: approve at once, reject with a reason."""
    choices = []
    for move in pages.moves(subject, user):
        needs_reason = move.to in pages.note_required_for
        form = MoveForm(
            initial={"seen": pages.status_of(subject)}, label=pages.note_label(move.to), is_required=needs_reason
        )
        preview = [] if move.reason else list(pages.preview(subject, move.to, user))
        choices.append({"move": move, "form": form if needs_reason else None, "preview": preview})
    return choices


@require_GET
def item(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """One that waits, or was decided a moment ago, with everything to judge it by."""
    pages, subject = _subject(request, kind, pk)
    position, total, following = _neighbours(request, kind, pk)
    papers = [
        {
            "title": paper.title,
            "is_image": paper.file.is_image,
            "is_pdf": paper.file.content_type == "application/pdf",
            "url": reverse("verification:paper", args=(paper.file.pk,)),
            "uploaded": paper.file.created_at,
            "name": links.download_name(paper.file),
        }
        for paper in selectors.papers(subject, request.user)  # type: ignore[arg-type]
    ]
    status = pages.status_of(subject)
    narrowed = _kind_of(request)
    context = _context(
        request,
        facts.name_of(subject),
        subject=subject,
        kind=kind,
        kind_name=capfirst(str(subject._meta.verbose_name)),
        kind_icon=ICONS[kind],
        status={"value": status, "label": pages.label_of(status), "colour": pages.status_colours.get(status, "")},
        sections=facts.sections(subject, request.user),
        papers=papers,
        choices=_choices(pages, subject, request.user),
        position=position,
        total=total,
        next_url=_address(following, narrowed) if following else "",
        decide_url=reverse("verification:decide", args=(kind, pk)),
        narrowed=narrowed,
        queue_url=_list_address(narrowed),
        page_url=pages.page_of(subject.pk),
    )
    return TemplateResponse(request, "hospitals/admin/verification_item.html", context)


@require_POST
def decide(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """Approve or reject, and go on to the next that waits."""
    pages, subject = _subject(request, kind, pk)
    to_status = request.POST.get("to", "")
    _position, _total, following = _neighbours(request, kind, pk)
    here = reverse("verification:item", args=(kind, pk))
    form = MoveForm(request.POST, label=pages.note_label(to_status), is_required=to_status in pages.note_required_for)
    if to_status not in {Verification.APPROVED, Verification.REJECTED} or not form.is_valid():
        messages.error(request, _("Please give a reason, as the other side will read it."))
        return HttpResponseRedirect(here)
    if not pages.decide(request, subject, to_status, form.cleaned_data):
        return HttpResponseRedirect(here)
    narrowed = _kind_of(request)
    return HttpResponseRedirect(_address(following, narrowed) if following else _list_address(narrowed))


@require_GET
def paper(request: HttpRequest, pk: UUID) -> HttpResponse | FileResponse:
    """A document as the browser shows it, to whoever may read it and to nobody by its address alone; it is recorded."""
    user: Any = request.user
    file = selectors.paper(user, pk)
    if file is None or not file.is_fit:
        raise Http404
    try:
        opened = storage.opened(file.visibility, file.key)
    except FileNotFoundError as error:
        raise Http404 from error
    audit.record("document.opened", file, actor=user)
    response = FileResponse(opened, content_type=file.content_type, filename=links.download_name(file))
    response["Content-Security-Policy"] = PAPER_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


app_name = "verification"
urlpatterns = [
    path("", admin.site.admin_view(queue), name="queue"),
    path("papers/<uuid:pk>", admin.site.admin_view(paper), name="paper"),
    path("<slug:kind>/<uuid:pk>/", admin.site.admin_view(item), name="item"),
    path("<slug:kind>/<uuid:pk>/decide", admin.site.admin_view(decide), name="decide"),
]
