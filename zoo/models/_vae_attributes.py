"""Directions in the latent space along which a tune becomes denser, higher or more syncopated."""

import numpy as np

from zoo.codecs.melody_grid import SLOT_TICKS, MelodyGrid, onsets, sounding
from zoo.theory import Meter

ATTRIBUTES = ("density", "height", "syncopation")


def measure(grid: MelodyGrid) -> np.ndarray:
    """(3,): notes a quarter; mean pitch, semitones (each note counts once); syncopation, see below.

    Syncopation after Longuet-Higgins and Lee (1984), a note: by how many levels of the metre the strongest slot that
    the note sounds on into is stronger than the slot in which it begins, at least 0, the mean over all notes.
    """
    begun = onsets(grid).reshape(-1)
    places = np.flatnonzero(begun)
    if not len(places):
        return np.zeros(3)
    pitches = sounding(grid).reshape(-1)
    strength = np.tile(metrical_strength(grid.meter), grid.bars)
    ends = np.append(places[1:], len(begun))
    syncopated = 0
    for start, end in zip(places, ends):
        silent = np.flatnonzero(pitches[start:end] == 0)
        held = strength[start + 1 : start + silent[0] if len(silent) else end]
        syncopated += max(0, held.max(initial=0) - strength[start])
    quarters = len(begun) * SLOT_TICKS / 24
    return np.array([len(places) / quarters, pitches[places].mean(), syncopated / len(places)])


def metrical_strength(meter: Meter) -> np.ndarray:
    """(slots,): 0 for a sixteenth between eighths, one more for each level of the metre that a slot begins."""
    bar = meter.bar_ticks // SLOT_TICKS
    # Slots of each level: eighths, beats, and the bar's halves where it has even beats.
    beat = meter.beat_ticks // SLOT_TICKS
    levels = {2, 4 if not meter.is_compound and meter.denominator < 8 else beat, beat, bar}
    if meter.numerator % 4 == 0 or meter.is_compound:
        levels.add(bar // 2)
    return np.array([sum(slot % level == 0 for level in levels) for slot in range(bar)])


def directions(places: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """(3, latent): how the mean place changes when one attribute grows by a standard deviation and the others stay.

    places: (n, latent); measured: (n, 3). The regression of the places on the attributes.
    """
    spread = measured.std(0)
    spread[spread == 0] = 1.0
    standard = (measured - measured.mean(0)) / spread
    slopes, *_ = np.linalg.lstsq(standard, places - places.mean(0), rcond=None)
    return slopes
