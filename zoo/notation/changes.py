"""Changes of metre, key and tempo, as the readers find them, brought to the form a Score has them in."""

from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")


def in_order(changes: dict[int, T]) -> list[tuple[int, T]]:
    """(tick, value) in order, without those that change nothing."""
    ordered = sorted(changes.items(), key=lambda change: change[0])
    return ordered[:1] + [after for before, after in pairwise(ordered) if after[1] != before[1]]


def from_the_start(changes: list[tuple[int, T]]) -> list[tuple[int, T]]:
    """The same, but the first value stands from tick 0 on, wherever it was written."""
    return [(0, changes[0][1]), *changes[1:]] if changes else []
