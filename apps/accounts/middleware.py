"""The admin in a browser: signed out after a while without a click, and its own content security policy."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.common import audit

from .admin_site import gate

GetResponse = Callable[[HttpRequest], HttpResponse]
SEEN = "medivoy_seen_at"
#: The session's row is written at most so often, in seconds.
SEEN_EVERY = 60


class AdminMiddleware:
    """Acts on the admin's addresses only, after sessions, authentication and messages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        response = self._sign_out_when_idle(request)
        if response is None:
            with timezone.override(self._zone(request)):
                response = self.get_response(request)
        if not hasattr(response, "_csp_replace"):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        return response

    def _zone(self, request: HttpRequest) -> ZoneInfo | None:
        """Times are shown and typed in the reader's own zone."""
        return ZoneInfo(request.user.time_zone) if request.user.is_authenticated else None

    def _sign_out_when_idle(self, request: HttpRequest) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated:
            return None
        now = int(time.time())
        seen = request.session.get(SEEN, now)
        if now - seen < settings.ADMIN_IDLE_SECONDS:
            if SEEN not in request.session or now - seen >= SEEN_EVERY:
                request.session[SEEN] = now
            return None
        audit.record("sign_out.idle", user, actor=user)  # type: ignore[arg-type]
        logout(request)
        if gate.is_background(request):
            return HttpResponse(status=401)
        messages.info(request, _("You were signed out because nothing was clicked for a while. Please sign in again."))
        following = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return redirect_to_login(following, reverse("admin:login"))
