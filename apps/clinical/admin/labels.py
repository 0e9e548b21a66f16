"""A word in colour, as lists and pages show a state; and a text of several lines."""

from django.template.loader import render_to_string
from django.utils.html import format_html, linebreaks

from apps.common.exceptions import Text


def label(text: Text, tone: str) -> str:
    """`tone`: success, warning, danger, info, primary, or none."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": tone})


def prose(text: str) -> str:
    """What somebody wrote, with their paragraphs, in its own direction."""
    return format_html('<div class="mv-prose" dir="auto">{}</div>', linebreaks(text, autoescape=True)) if text else "–"
