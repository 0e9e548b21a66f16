"""The admin's site: sign-in with lock-out and second factor, and nothing to be reached before both are done."""

from .site import MedivoyAdminSite

__all__ = ["MedivoyAdminSite"]
