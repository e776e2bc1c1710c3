"""What sounds between two ticks, found quickly in pieces of any length."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Generic, TypeVar

from zoo.score import Note

T = TypeVar("T")


class Timeline(Generic[T]):
    """Things that each last from a tick to a tick."""

    def __init__(self, items: Iterable[tuple[int, int, T]]):
        """items: (start, end, thing), in any order."""
        self._items = sorted(items, key=lambda item: item[0])
        self._starts = [start for start, _, _ in self._items]
        self._reach = list(accumulate((end for _, end, _ in self._items), max))

    @classmethod
    def of_notes(cls, notes: Iterable[Note]) -> "Timeline[Note]":
        return cls((note.onset, note.end, note) for note in notes)

    def between(self, start: int, stop: int) -> Iterator[tuple[int, int, T]]:
        """Whatever lasts into the time from start to stop, by its own start."""
        for item in self._items[bisect_right(self._reach, start) : bisect_left(self._starts, stop)]:
            if item[1] > start:
                yield item
