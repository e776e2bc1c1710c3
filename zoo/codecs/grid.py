"""The rhythmic grid of the event codec: which positions and durations music is written on."""

from bisect import bisect_left

import numpy as np

# Within half a beat of 12 ticks: thirty-seconds (3, 6, 9) and sixteenth triplets (4, 8).
_OFFSETS = (0, 3, 4, 6, 8, 9)
MAX_BAR_TICKS = 192  # 4/2 is the longest bar
POSITIONS = tuple(base + offset for base in range(0, MAX_BAR_TICKS, 12) for offset in _OFFSETS)
DURATIONS = (3, 4, 6, 8, 9, 12, 16, 18, 21, 24, 30, 32, 36, 42, 48, 54, 60, 72, 84, 90, 96, 108, 120, 144, 168, 192)


def _nearest(values: tuple[int, ...], value: int) -> int:
    i = bisect_left(values, value)
    return min(values[max(0, i - 1) : i + 1], key=lambda v: abs(v - value))


def nearest_position(ticks: int) -> int:
    """The grid position nearest to ticks after a bar line; may be the next bar line's (a multiple of 12 above)."""
    base = ticks // 12 * 12
    return base + _nearest((*_OFFSETS, 12), ticks - base)


def nearest_duration(ticks: int) -> int:
    """The writable duration nearest to ticks, 3 (a thirty-second) to 192 (two whole notes)."""
    return _nearest(DURATIONS, ticks)


def on_grid(ticks):
    """Whether ticks (a whole number or an array of them) after a bar line are a position."""
    return np.isin(np.asarray(ticks) % 12, _OFFSETS)
