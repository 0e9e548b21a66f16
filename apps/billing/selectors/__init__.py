"""Reads about money."""

from .bills import open_bill_of
from .payments import is_paid, paid_subjects, subjects

__all__ = ["is_paid", "open_bill_of", "paid_subjects", "subjects"]
