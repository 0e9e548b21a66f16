"""Insurers whom a coordinator asks, by telephone or letter, from the list in the admin."""

from typing import ClassVar

from .base import Answer, Insurer, InsurerFailed, Question


class Manual(Insurer):
    asks_by_itself: ClassVar[bool] = False

    def ask(self, question: Question) -> Answer:
        raise InsurerFailed("our computers do not ask this insurer")
