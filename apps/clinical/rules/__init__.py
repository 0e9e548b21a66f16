"""Every decision of clinical: `from apps.clinical import rules`."""

from .patients import why_not_born_on

__all__ = ["why_not_born_on"]
