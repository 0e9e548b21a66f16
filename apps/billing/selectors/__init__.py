"""Reads about money."""

from .payments import is_paid, paid_subjects, subjects

__all__ = ["is_paid", "paid_subjects", "subjects"]
