"""Identifiers: time-ordered UUIDs for rows, and random human-readable codes."""

import os
import secrets
import time
import uuid

#: Letters and digits that are not mistaken for one another when read aloud or copied from paper.
UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix time in milliseconds, then 74 random bits.

    Rows created together lie together in the index; the random part keeps ids unguessable enough for logs and URLs
    that are protected anyway. Public links use `secrets.token_urlsafe` instead.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def random_code(length: int) -> str:
    """`length` characters from an alphabet without look-alikes, from the system's cryptographic source."""
    return "".join(secrets.choice(UNAMBIGUOUS) for _ in range(length))
