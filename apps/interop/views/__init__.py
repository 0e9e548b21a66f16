"""What spans the apps, over the API."""

from .timeline import TimelineView

__all__ = ["TimelineView"]
