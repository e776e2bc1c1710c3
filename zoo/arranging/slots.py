"""The places at which the harmony may change, and the melody that sounds in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zoo.arranging.timeline import Timeline
from zoo.score import Note, Score
from zoo.theory import TICKS_PER_QUARTER, Meter

PHRASE_BARS = 8
_SHORTEST_BEAT = TICKS_PER_QUARTER // 2  # shorter ones are no place to change the chord
_STRONG = 1.5  # a note that sounds where the chord enters says more about it than the notes that follow


@dataclass(frozen=True)
class Slot:
    """A stretch of one chord. start, end: ticks. bar: counted within its phrase, 0 to 7. inner: not at a bar line."""

    start: int
    end: int
    bar: int
    inner: bool

    @property
    def place(self) -> int:
        """Where in the phrase it stands, 0 to 15."""
        return 2 * self.bar + self.inner


def full_bars(score: Score) -> list[tuple[int, int, Meter]]:
    """(start, end, metre) of every bar after the pickup."""
    lines = [line for line in score.barlines if line >= score.pickup]
    changes, bars = list(score.meters), []
    meter = changes.pop(0)[1]
    for start, end in pairwise(lines):
        while changes and changes[0][0] <= start:
            meter = changes.pop(0)[1]
        bars.append((start, end, meter))
    return bars


def cut_bar(start: int, end: int, bar: int, meter: Meter, per_beat: bool) -> list[Slot]:
    """The slots of one bar: its beats, or its halves where it has two or four beats, or all of it.

    bar: its number in the phrase, 0 to 7. A bar shorter or longer than the metre says, or with
    beats shorter than an eighth note, is one slot.
    """
    beats = meter.bar_ticks // meter.beat_ticks
    pieces = 1
    if end - start == meter.bar_ticks and meter.beat_ticks >= _SHORTEST_BEAT:
        pieces = beats if per_beat else 2 if beats in (2, 4) else 1
    width = (end - start) // pieces
    return [Slot(start + i * width, start + (i + 1) * width, bar, i > 0) for i in range(pieces)]


def slots(score: Score, per_beat: bool) -> list[Slot]:
    """The score's slots from its first full bar on, in phrases of eight bars."""
    return [
        slot
        for number, (start, end, meter) in enumerate(full_bars(score))
        for slot in cut_bar(start, end, number % PHRASE_BARS, meter, per_beat)
    ]


def pitch_class_weights(notes: Iterable[Note], slots: Sequence[Slot], tonic: int) -> np.ndarray:
    """(slots, 12): quarter notes that each pitch class, counted from the tonic, sounds in each slot."""
    weights = np.zeros((len(slots), 12))
    timeline = Timeline.of_notes(notes)
    for row, slot in zip(weights, slots):
        for onset, end, note in timeline.between(slot.start, slot.end):
            strong = _STRONG if onset <= slot.start else 1.0
            overlap = min(end, slot.end) - max(onset, slot.start)
            row[(note.pitch - tonic) % 12] += strong * overlap / TICKS_PER_QUARTER
    return weights
