"""What billing refuses, each with its stable code."""

from .bills import BillCancelled, BillDiffers
from .payments import AlreadyReversed, NotReversible

__all__ = ["AlreadyReversed", "BillCancelled", "BillDiffers", "NotReversible"]
