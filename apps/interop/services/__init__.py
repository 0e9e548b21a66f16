"""Every verb on people's data as a whole, by room: exports (and what they are made of), closures and holds, erasure."""

from .closures import close_account, lift_hold, place_hold, reopen_account
from .erasure import erase_due
from .exports import ask_for_export, expire_exports, link_to, log_exported, make_exports

__all__ = [
    "ask_for_export",
    "close_account",
    "erase_due",
    "expire_exports",
    "lift_hold",
    "link_to",
    "log_exported",
    "make_exports",
    "place_hold",
    "reopen_account",
]
