"""What is asked of every insurer, what comes back, and how asking fails."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import ClassVar


class InsurerFailed(Exception):
    """No answer could be had; the text says why, with nothing of a patient or a secret, and is logged."""


@dataclass(frozen=True)
class Question:
    """What an insurer needs to find a policy, and nothing more. `request` names this one time of asking."""

    request: str
    policy_number: str
    holder: str
    birth_date: date | None


@dataclass(frozen=True)
class Figures:
    """What a policy pays, in the insurer's words; both amounts in `currency`."""

    coverage_amount: Decimal | None = None
    deductible: Decimal | None = None
    currency: str = ""
    co_pay_percent: Decimal | None = None
    valid_until: date | None = None

    @property
    def are_none(self) -> bool:
        return all(getattr(self, each.name) in (None, "") for each in fields(self))


@dataclass(frozen=True)
class Answer:
    """Whether the policy holds, what it pays, and what the insurer calls its answer."""

    valid: bool
    figures: Figures
    reference: str


class Insurer:
    """A way to ask an insurer. `asks_by_itself`: the job calls `ask`; otherwise a coordinator asks."""

    asks_by_itself: ClassVar[bool]

    def ask(self, question: Question) -> Answer:
        """Asked outside of any transaction, within a time limit of its own; the same question again gets the same
        answer. Raises InsurerFailed."""
        raise NotImplementedError
