"""Shapes of bookings: appointments, and calendars of hours, slots and leave."""
