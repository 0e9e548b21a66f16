"""The site in the place of Django's: its gate, and the addresses around signing in."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from . import gate, pages
from .forms import SignInForm

#: Entries that the sidebar's search shows.
MAX_FOUND = 30


class MedivoyAdminSite(UnfoldAdminSite):
    """Nobody passes who is not active staff, or owes a code, or owes an enrolment that their role needs."""

    login_form = SignInForm
    index_title = gettext_lazy("Today")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_active and user.is_staff and gate.owed(request) is None)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        guarded = super().admin_view(view, cacheable)
        open_to_signed_in = csrf_protect(never_cache(view))

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            user: Any = request.user
            if user.is_authenticated and user.is_staff and gate.owed(request) is not None:
                if request.path == reverse("admin:logout"):
                    return open_to_signed_in(request, *args, **kwargs)
                if gate.is_background(request):
                    return HttpResponse(status=401)
                return HttpResponseRedirect(
                    pages.with_next(f"admin:{gate.owed(request).value}", request.get_full_path())  # type: ignore[union-attr]
                )
            return guarded(request, *args, **kwargs)

        return update_wrapper(inner, view)

    def extra_urls(self) -> list[URLPattern]:
        def before_the_gate(page: Callable[..., Any]) -> Callable[..., Any]:
            return csrf_protect(never_cache(partial(page, self)))

        def behind_the_gate(page: Callable[..., Any]) -> Callable[..., Any]:
            return self.admin_view(partial(page, self))

        return [
            path("login/code/", before_the_gate(pages.second_factor_code), name="second_factor"),
            path("login/second-factor/", before_the_gate(pages.enrol), name="second_factor_enrol"),
            path("login/forgotten/", before_the_gate(pages.forgotten), name="admin_password_reset"),
            path("security/", behind_the_gate(pages.security), name="security"),
        ]

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": _("Sign in"),
            "app_path": request.get_full_path(),
            REDIRECT_FIELD_NAME: pages.next_of(request),
            **(extra_context or {}),
        }
        request.current_app = self.name  # type: ignore[attr-defined]
        return pages.SignInView.as_view(extra_context=context)(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return pages.change_password(self, request)

    @method_decorator(never_cache)
    def set_password(self, request: HttpRequest) -> HttpResponse:
        """For `/set-password`, where the links of invitations and resets lead."""
        return csrf_protect(partial(pages.set_password, self))(request)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The sidebar's search: pages by name, in the reader's language. Nothing is cached, nothing is counted."""
        term = request.GET.get("s", "").strip().lower()
        found = [
            SearchResult(
                title=str(model["name"]), description=str(app["name"]), link=str(model["admin_url"]), icon="list"
            )
            for app in self.get_app_list(request)
            for model in app["models"]
            if term and model["admin_url"] and (term in str(model["name"]).lower() or term in str(app["name"]).lower())
        ]
        template = "unfold/helpers/search_results.html"
        return TemplateResponse(request, template, {"results": found[:MAX_FOUND]}, headers={"HX-Trigger": "search"})
