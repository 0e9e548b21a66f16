"""Consulting hours, free slots and appointments that never collide."""
