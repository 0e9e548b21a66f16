"""The admin's pages of appointments, treatment bookings, consulting hours, leave and reviews."""

from . import appointments, bookings, calendars, reviews

__all__ = ["appointments", "bookings", "calendars", "reviews"]
