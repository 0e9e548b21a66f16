"""What billing refuses, each with its stable code."""

from .payments import AlreadyReversed, NotReversible

__all__ = ["AlreadyReversed", "NotReversible"]
