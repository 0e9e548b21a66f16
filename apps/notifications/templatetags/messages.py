"""Instants in messages: as the hospital's wall clock shows them, and as the reader's does.

    {% load messages %}
    {% both_times starts_at hospital_zone %}     both, each on its line; one where the zones are the same
    {% at_place starts_at hospital_zone %}       at the hospital
    {% at_reader starts_at %}                    at the reader's

`starts_at` is the ISO string that the context holds. Text and HTML are told apart by the template's autoescape.
"""

from datetime import datetime

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.common import wall_time

register = template.Library()


def _read(instant: str, zone: str) -> str:
    return str(wall_time.read(datetime.fromisoformat(instant), zone, get_language() or "en"))


@register.simple_tag
def at_place(instant: str, zone: str) -> str:
    return _read(instant, zone)


@register.simple_tag(takes_context=True)
def at_reader(context: template.Context, instant: str) -> str:
    return _read(instant, context["reader_zone"])


@register.simple_tag(takes_context=True)
def both_times(context: template.Context, instant: str, zone: str) -> str:
    """The hospital's time and the reader's, each named; one alone where both live in the same zone."""
    if zone == context["reader_zone"]:
        lines = [("", _read(instant, zone))]
    else:
        lines = [
            (_("Time at the hospital:"), _read(instant, zone)),
            (_("Your time:"), _read(instant, context["reader_zone"])),
        ]
    if context.autoescape:
        return format_html_join(SafeString("<br>"), "{} <strong><bdi>{}</bdi></strong>", lines)
    return "\n".join(f"{name} {time}".strip() for name, time in lines)
