"""What people see of an encrypted value."""

DOTS = "••••"
SHOWN = 4
#: Of a shorter value the last four would be half of it or more.
_LONG_ENOUGH = 2 * SHOWN


def masked(value: str | None) -> str:
    """The last four characters: `•••• 1332`. Of a short value only the dots; of none, nothing."""
    plain = "".join((value or "").split())
    if not plain:
        return ""
    return f"{DOTS} {plain[-SHOWN:]}" if len(plain) > _LONG_ENOUGH else DOTS
