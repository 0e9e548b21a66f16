"""The pages around signing in. Each takes the site and the request; none needs more than a session."""

from typing import Any

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, update_session_auth_hash
from django.contrib.auth.views import LoginView, redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice

from apps.accounts import second_factor
from apps.common import requests

from . import gate
from .forms import ChangePasswordForm, CodeForm, ForgottenForm, SetPasswordForm, SignInForm, code_form

#: Session key of the device that this browser is setting up.
ENROLLING = "medivoy_enrolling"


def next_of(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("admin:index")


def _page(site: Any, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
    request.current_app = site.name  # type: ignore[attr-defined]
    return TemplateResponse(
        request,
        f"accounts/{template}.html",
        {**site.each_context(request), "title": title, "next": next_of(request), **context},
    )


class SignInView(LoginView):
    """Password first. Who has a second factor is asked for it before anything is signed in."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if second_factor.is_enrolled(user):
            gate.remember(self.request, user)
            return HttpResponseRedirect(with_next("admin:second_factor", next_of(self.request)))
        return gate.let_in(self.request, HttpResponseRedirect(next_of(self.request)), user)


def with_next(name: str, following: str) -> str:
    return redirect_to_login(following, reverse(name)).url  # type: ignore[return-value]


def second_factor_code(site: Any, request: HttpRequest) -> HttpResponse:
    """The code after the password; also for a session that began before its owner enrolled elsewhere."""
    user: Any = gate.pending_user(request)
    if user is None and request.user.is_authenticated and gate.owed(request) is gate.Owed.CODE:
        user = request.user
    if user is None:
        return HttpResponseRedirect(with_next("admin:login", next_of(request)))
    form = code_form(request.POST or None, user)
    if request.method == "POST" and form.is_valid():
        response = gate.let_in(request, HttpResponseRedirect(next_of(request)), user, form.outcome)
        if isinstance(form.outcome, StaticDevice):
            _warn_of_used_code(request, second_factor.recovery_codes_left(user))
        return response
    return _page(site, request, "second_factor", _("Second factor"), form=form)


def _warn_of_used_code(request: HttpRequest, left: int) -> None:
    text = ngettext(
        "That recovery code is used up; %(count)s is left.", "That recovery code is used up; %(count)s are left.", left
    )
    messages.warning(request, text % {"count": left})


def enrol(site: Any, request: HttpRequest) -> HttpResponse:
    """The picture for the app, the secret to type, the first code; then the recovery codes, once."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_staff:
        return HttpResponseRedirect(with_next("admin:login", next_of(request)))
    if second_factor.is_enrolled(user):
        return HttpResponseRedirect(reverse("admin:security"))
    form = CodeForm(request.POST or None, use=lambda code: second_factor.confirm(user, code))
    if request.method == "POST" and form.is_valid():
        gate.forget_what_is_owed(request)
        request.session.cycle_key()
        django_otp.login(request, user.authenticator_set.get(confirmed=True))
        return _codes(site, request, form.outcome)
    device = second_factor.begin(user, begun=request.session.get(ENROLLING))
    request.session[ENROLLING] = device.pk
    return _page(
        site,
        request,
        "second_factor_enrol",
        _("Set up your second factor"),
        form=form,
        picture=second_factor.qr_code(device),
        secret=second_factor.secret_of(device),
        is_required=second_factor.is_required(user),
    )


def _codes(site: Any, request: HttpRequest, codes: list[str]) -> HttpResponse:
    return _page(site, request, "recovery_codes", _("Your recovery codes"), codes=codes)


def security(site: Any, request: HttpRequest) -> HttpResponse:
    """One's own second factor and password: the state, and what can be done."""
    user: Any = request.user
    asked = request.POST.get("do", "")
    renew = CodeForm(
        request.POST if asked == "renew" else None,
        use=lambda code: second_factor.renew_recovery_codes(user, code),
        auto_id="renew_%s",
    )
    off = CodeForm(
        request.POST if asked == "off" else None,
        use=lambda code: second_factor.switch_off(user, code),
        auto_id="off_%s",
    )
    if asked == "renew" and renew.is_valid():
        return _codes(site, request, renew.outcome)
    if asked == "off" and off.is_valid():
        messages.success(request, _("The second factor is switched off."))
        return HttpResponseRedirect(reverse("admin:security"))
    return _page(
        site,
        request,
        "security",
        _("Your sign-in"),
        is_enrolled=second_factor.is_enrolled(user),
        is_required=second_factor.is_required(user),
        codes_left=second_factor.recovery_codes_left(user),
        renew=renew,
        off=off,
    )


def change_password(site: Any, request: HttpRequest) -> HttpResponse:
    """One's own password. Every other device is signed out, this one stays."""
    user: Any = request.user
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        user.refresh_from_db()
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password is changed, and every other device is signed out."))
        return HttpResponseRedirect(reverse("admin:security"))
    return _page(site, request, "change_password", _("Change your password"), form=form)


def forgotten(site: Any, request: HttpRequest) -> HttpResponse:
    """Asks for the address; the answer is the same for every address."""
    form = ForgottenForm(request.POST or None, address=requests.client_address(request))
    is_sent = request.method == "POST" and form.is_valid()
    return _page(site, request, "forgotten", _("Forgotten password"), form=form, is_sent=is_sent)


def set_password(site: Any, request: HttpRequest) -> HttpResponse:
    """Where the link of an invitation or a reset leads. Its token stands behind the #, for the page's script."""
    form = SetPasswordForm(request.POST or None, address=requests.client_address(request))
    is_set = request.method == "POST" and form.is_valid()
    if is_set and form.user.is_staff:
        messages.success(request, _("Your password is set. Please sign in."))
        return HttpResponseRedirect(reverse("admin:login"))
    response = _page(site, request, "set_password", _("Choose a password"), form=form, is_set=is_set)
    response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
    return response
