"""The admin's pages of appointments, consulting hours, leave and reviews."""

from . import appointments, calendars, reviews

__all__ = ["appointments", "calendars", "reviews"]
