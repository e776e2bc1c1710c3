"""What can be counted in one score: Score -> a number or a histogram. Drums have rhythm here, but no pitch."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from zoo.corpus.melody import melody
from zoo.score import Note, Score
from zoo.theory import TICKS_PER_QUARTER

LARGEST_INTERVAL = 12  # semitones; what leaps further falls into one bin on either side
INTERVALS = (
    f"< -{LARGEST_INTERVAL}",
    *(f"{step:+d}" if step else "0" for step in range(-LARGEST_INTERVAL, LARGEST_INTERVAL + 1)),
    f"> {LARGEST_INTERVAL}",
)

# Note values in ticks: . is dotted, t a triplet's.
NOTE_VALUES = {
    "1/32": 3, "1/16t": 4, "1/16": 6, "1/8t": 8, "1/16.": 9, "1/8": 12, "1/4t": 16, "1/8.": 18, "1/4": 24,
    "1/2t": 32, "1/4.": 36, "1/2": 48, "1/2.": 72, "1/1": 96,
}

_MAJOR_SCALE = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])


def pitch_class_entropy(score: Score) -> float:
    """- sum of P(c) log2 P(c) over the pitch classes c, each note counting once.

    In bits: 0 (one pitch class) to log2 12 = 3.58 (all twelve alike). NaN without pitched notes.
    Source: Wu and Yang 2020, 'The Jazz Transformer on the Front Line'; as MusPy has it (Dong et al. 2020).
    """
    counts = _pitch_classes(score)
    shares = counts[counts > 0] / counts.sum()
    return float(np.sum(shares * np.log2(1 / shares))) if shares.size else math.nan


def scale_consistency(score: Score) -> float:
    """The largest share of the notes, over all keys, that lies in the key's major or natural minor scale.

    7/12 (the worst that is possible) to 1. NaN without pitched notes. A minor scale has the notes of its relative
    major, so that the twelve major scales are all.
    Source: Mogren 2016, 'C-RNN-GAN'; as MusPy has it (Dong et al. 2020).
    """
    counts = _pitch_classes(score)
    best = max(int(counts @ np.roll(_MAJOR_SCALE, tonic)) for tonic in range(12))
    return float(best / counts.sum()) if counts.any() else math.nan


def groove_consistency(score: Score) -> float:
    """1 - mean of d(a, b) / L over adjacent bars a, b of L ticks.

    d is the Hamming distance of the bars' onset vectors: at how many of the L ticks a note begins in one bar and none
    in the other. 0 to 1 (all bars have one rhythm); with 24 ticks a quarter most ticks are empty in both, so that most
    music lies above 0.8. Bars are the score's own: the pickup is left out, and so is the step from one metre to another
    of unlike length. NaN where no two bars are left.
    Source: Wu and Yang 2020, 'The Jazz Transformer on the Front Line'; as MusPy has it (Dong et al. 2020), which
    however counts bars of one length from tick 0 and one more where the piece ends on a bar line.
    """
    lines = score.barlines[1 if score.pickup else 0 :]
    onsets = sorted({note.onset for note in score.notes})
    edges = np.searchsorted(onsets, lines)  # an onset on a bar line belongs to the bar that begins there
    grooves = [
        (stop - start, {onset - start for onset in onsets[first:last]})
        for (start, stop), (first, last) in zip(pairwise(lines), pairwise(edges))
    ]
    rates = [len(a ^ b) / length for (length, a), (other, b) in pairwise(grooves) if length == other]
    return 1 - sum(rates) / len(rates) if rates else math.nan


def note_density(score: Score) -> float:
    """Notes per quarter note of music, from the first note's onset to the last one's end, all parts together.

    Above 0; tempo plays no part in it. NaN without notes.
    """
    if not score.notes:
        return math.nan
    return len(score.notes) * TICKS_PER_QUARTER / (score.end - score.notes[0].onset)


def interval_histogram(score: Score) -> np.ndarray:
    """Shares (27,), as INTERVALS names them, of the steps in semitones from note to note of the melody, rests or not.

    The melody is the skyline of the first pitched part (zoo.corpus.melody). All 0 with fewer than two notes.
    After the pitch intervals of Yang and Lerch 2018.
    """
    pitches = [note.pitch for part in melody(score).parts for note in part.notes]
    beyond = LARGEST_INTERVAL + 1
    steps = np.clip(np.diff(pitches).astype(int), -beyond, beyond)
    return _shares(np.bincount(steps + beyond, minlength=len(INTERVALS)))


def duration_histogram(score: Score) -> np.ndarray:
    """Shares (14,), as NOTE_VALUES names them, of the pitched notes' lengths; all 0 without any.

    Each note counts for the note value nearest to it by ratio; the longest and the shortest take what lies beyond them.
    After the note length histogram of Yang and Lerch 2018.
    """
    values = np.array(list(NOTE_VALUES.values()))
    squares = np.array([note.duration for note in _pitched(score)]) ** 2
    nearest = np.searchsorted(values[:-1] * values[1:], squares)  # a / d = d / b between a and b
    return _shares(np.bincount(nearest, minlength=len(values)))


METRICS: dict[str, Callable[[Score], float]] = {
    "pitch class entropy": pitch_class_entropy,
    "scale consistency": scale_consistency,
    "groove consistency": groove_consistency,
    "note density": note_density,
}
HISTOGRAMS: dict[str, tuple[Callable[[Score], np.ndarray], tuple[str, ...]]] = {  # with the names of the bins
    "intervals": (interval_histogram, INTERVALS),
    "durations": (duration_histogram, tuple(NOTE_VALUES)),
}


def _pitched(score: Score) -> list[Note]:
    return [note for part in score.parts if not part.is_drum for note in part.notes]


def _pitch_classes(score: Score) -> np.ndarray:
    """How many notes (12,) each pitch class has."""
    return np.bincount([note.pitch % 12 for note in _pitched(score)], minlength=12)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / max(1, counts.sum())
