"""Melodies for the VAE's tests."""

from itertools import pairwise

import numpy as np

from zoo.codecs.melody_grid import MelodyGrid, to_grid
from zoo.score import Note, Score, melody_score
from zoo.theory import Key, Meter


def tune(meter: str = "4/4", bars: int = 8, seed: int = 0, key: str = "C major") -> Score:
    """Notes of one to four sixteenths one after the other, the last to the final bar line."""
    rng = np.random.default_rng(seed)
    end = bars * Meter.parse(meter).bar_ticks
    onsets = [0]
    while onsets[-1] < end:
        onsets.append(onsets[-1] + 6 * int(rng.integers(1, 5)))
    notes = [
        Note(start, min(stop, end) - start, int(rng.integers(60, 80))) for start, stop in pairwise(onsets)
    ]
    return melody_score(notes, meters=((0, Meter.parse(meter)),), keys=((0, Key.parse(key)),))


def grid(meter: str = "4/4", bars: int = 8, seed: int = 0) -> MelodyGrid:
    return to_grid(tune(meter, bars, seed))
