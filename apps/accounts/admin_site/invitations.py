"""What an invitation says beyond the person, for the app above that makes the profile of the role."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest

from apps.accounts.rules import DETAILS_PREFIX

#: Choices on the invitation's form, put here by the apps that need them: the name in `details`, and what makes the
#: field for who invites. The id of what was chosen is handed on.
DETAILS: dict[str, Callable[[HttpRequest], forms.Field]] = {}


def fields(request: HttpRequest) -> dict[str, forms.Field]:
    return {name: make(request) for name, make in DETAILS.items()}


def take_details(given: dict[str, Any]) -> dict[str, str]:
    """What was chosen, taken out of a form's clean data, as `details` of the invitation."""
    chosen = {name: given.pop(name, None) for name in DETAILS}
    return {name: str(choice.pk) for name, choice in chosen.items() if choice is not None}


def by_field(errors: Mapping[str, Any]) -> dict[str, Any]:
    """Errors of `details` as the form names them."""
    return {name.removeprefix(DETAILS_PREFIX): texts for name, texts in errors.items()}
