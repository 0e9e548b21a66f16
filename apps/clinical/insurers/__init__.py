"""How insurers are asked: one small interface, a file a way; an insurer's row on our list says which."""

from typing import Any

from .base import Answer, Figures, Insurer, InsurerFailed, Question
from .http import Http
from .manual import Manual


def of(provider: Any | None) -> Insurer:
    """The way to ask this insurer. One that is not on the list, or no longer, is asked by a coordinator."""
    if provider is not None and provider.is_active and provider.verification_kind == "http":
        return Http(provider.endpoint, provider.secret)
    return Manual()


__all__ = ["Answer", "Figures", "Http", "Insurer", "InsurerFailed", "Manual", "Question", "of"]
