"""The admin's pages of appointments, treatment bookings, consulting hours, leave and reviews."""

from . import appointments, bookings, calendars, closures, displacement, feeds, patient_tables, reviews

__all__ = ["appointments", "bookings", "calendars", "closures", "displacement", "feeds", "patient_tables", "reviews"]
