"""Half-open intervals of time, many of them, asked often."""

import bisect
from collections.abc import Iterable
from datetime import datetime

Interval = tuple[datetime, datetime]


class Intervals:
    """Half-open intervals, given in any order and overlapping or not, ready to be asked often."""

    __slots__ = ("_ends", "_merged")

    def __init__(self, intervals: Iterable[Interval]) -> None:
        merged: list[Interval] = []
        for start, end in sorted(intervals):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((start, end))
        self._merged = merged
        self._ends = [interval[1] for interval in merged]

    def meet(self, start: datetime, end: datetime) -> bool:
        """Whether one of them meets [start, end)."""
        index = bisect.bisect_right(self._ends, start)
        return index < len(self._merged) and self._merged[index][0] < end
