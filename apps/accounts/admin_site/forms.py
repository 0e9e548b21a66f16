"""The forms of sign-in, second factor and password. Each calls one service and shows its refusal."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from apps.accounts import second_factor, services
from apps.accounts.models import User
from apps.common import requests
from apps.common.exceptions import DomainError

INPUT = {"class": " ".join(BASE_INPUT_CLASSES)}


def refusal_as_error(refusal: DomainError, fields: Any = ()) -> ValidationError:
    """A refusal as a form shows it; a lock-out says for how long."""
    named = {name: [str(text) for text in texts] for name, texts in refusal.errors.items() if name in fields}
    if named:
        return ValidationError(named)
    texts = [refusal.text, *(str(text) for texts in refusal.errors.values() for text in texts)]
    if refusal.retry_after is not None:
        minutes = max(1, -(-refusal.retry_after // 60))
        text = ngettext(
            "You can try again in %(minutes)s minute.", "You can try again in %(minutes)s minutes.", minutes
        )
        texts.append(text % {"minutes": minutes})
    return ValidationError(texts)


class SignInForm(AuthenticationForm):
    """E-mail and password, checked by the same service as the API's sign-in."""

    username = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput({"autofocus": True, "autocomplete": "username", "dir": "ltr"})
    )

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            address = requests.client_address(self.request)
            try:
                user = services.check_credentials(email=email, password=password, address=address)
            except DomainError as refusal:
                raise refusal_as_error(refusal) from refusal
            self.confirm_login_allowed(user)
            self.user_cache = user
        return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        if not user.is_staff:
            raise ValidationError(_("These pages are for staff. Patients and doctors use their app."), code="not_staff")


class CodeForm(forms.Form):
    """One code: of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        strip=True,
        widget=forms.TextInput(
            {**INPUT, "autocomplete": "one-time-code", "autofocus": True, "dir": "ltr", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, use: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use = use
        self.outcome: Any = None

    def clean(self) -> dict[str, Any]:
        if "code" in self.cleaned_data:
            try:
                self.outcome = self.use(self.cleaned_data["code"])
            except DomainError as refusal:
                raise refusal_as_error(refusal) from refusal
        return self.cleaned_data


def code_form(data: Any, user: User) -> CodeForm:
    return CodeForm(data, use=lambda code: second_factor.verify(user, code))


class PasswordsForm(forms.Form):
    """A new password, twice."""

    new_password = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=128,
        help_text=_("8 to 128 characters: a lower-case and a capital letter, a digit and a special character."),
        widget=forms.PasswordInput({**INPUT, "autocomplete": "new-password"}),
    )
    confirm_password = forms.CharField(
        label=_("The same again"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput({**INPUT, "autocomplete": "new-password"}),
    )


class SetPasswordForm(PasswordsForm):
    """A new password, by the link of an invitation or a reset."""

    token = forms.CharField(max_length=200, widget=forms.HiddenInput)
    #: Whose password was set.
    user: User

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                self.user = services.set_password_by_link(address=self.address, **self.cleaned_data)
            except DomainError as refusal:
                raise refusal_as_error(refusal, self.fields) from refusal
        return self.cleaned_data


class ChangePasswordForm(PasswordsForm):
    """One's own password, with the present one."""

    current_password = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=128,
        widget=forms.PasswordInput({**INPUT, "autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("current_password", "new_password", "confirm_password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                services.change_password(self.user, origin=None, **self.cleaned_data)
            except DomainError as refusal:
                raise refusal_as_error(refusal, self.fields) from refusal
        return self.cleaned_data


class ForgottenForm(forms.Form):
    """Where the link is to go."""

    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput({**INPUT, "autofocus": True, "autocomplete": "email", "dir": "ltr"})
    )

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            try:
                services.forgot_password(email=self.cleaned_data["email"], address=self.address)
            except DomainError as refusal:
                raise refusal_as_error(refusal) from refusal
        return self.cleaned_data
