"""The admin's pages of appointments, consulting hours and leave."""

from . import appointments, calendars

__all__ = ["appointments", "calendars"]
