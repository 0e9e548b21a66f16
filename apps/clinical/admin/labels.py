"""A word in colour, as lists and pages show a state."""

from django.template.loader import render_to_string

from apps.common.exceptions import Text


def label(text: Text, tone: str) -> str:
    """`tone`: success, warning, danger, info, primary, or none."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": tone})
