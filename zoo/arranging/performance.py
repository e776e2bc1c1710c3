"""Velocity as people play it: metric accents, phrases that swell, a hand that is never quite even."""

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

from zoo.arranging.slots import full_bars
from zoo.score import Note, Part, Score

_MELODY_LIFT = 6
_ACCENT = {"bar": 7, "half": 3, "beat": 1, "off": -4}
_ARCH = 7  # how much louder the middle of a phrase is than its ends
_PHRASE_BARS = 4
_UNEVEN = 2.5  # standard deviation of the chance in every note
_HIGHER = 0.25  # louder per semitone above the part's mean: a line rises in both senses
_TOO_EVEN = 8  # so many notes of one velocity in a row were not played by a hand
_SOFTEST, _LOUDEST = 24, 118


def perform(score: Score, seed: int = 0) -> Score:
    """The score with humanly varied velocities (24 to 118); onsets, durations and pitches stay.

    Each part's one velocity is the level about which it is played; the melody (the first pitched part) rises above
    its own. Of a part whose velocities already differ, what somebody has played stays as it is, and a stretch of equal
    velocities at its end, which a model wrote, is played on from there. The same seed gives the same performance.
    """
    rng = random.Random(seed)
    melody = next((part for part in score.parts if not part.is_drum), None)
    level = _metric_level(score)
    parts = []
    for part in score.parts:
        parts.append(_play(part, _MELODY_LIFT if part is melody else 0, level, rng))
    return score.with_parts(parts)


def _play(part: Part, lift: int, level: Callable[[int], float], rng: random.Random) -> Part:
    played, unplayed = _split(part.notes)
    if not unplayed:
        return part
    base = fmean(note.velocity for note in played) if played else unplayed[0].velocity + lift
    mean = sum(note.pitch for note in part.notes) / len(part.notes)

    def velocity(note: Note) -> int:
        rise = 0 if part.is_drum else _HIGHER * (note.pitch - mean)
        loud = base + level(note.onset) + rise + rng.gauss(0, _UNEVEN)
        return round(min(max(loud, _SOFTEST), _LOUDEST))

    return replace(part, notes=(*played, *(replace(note, velocity=velocity(note)) for note in unplayed)))


def _split(notes: tuple[Note, ...]) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """(played, unplayed): unplayed are the notes of one velocity at the end, if they are all or too many for chance."""
    first = next((i for i in range(len(notes), 0, -1) if notes[i - 1].velocity != notes[-1].velocity), 0)
    if first > 0 and len(notes) - first < _TOO_EVEN:
        first = len(notes)
    return notes[:first], notes[first:]


def _metric_level(score: Score) -> Callable[[int], float]:
    """A function from a tick to the velocity that its place in bar and phrase adds."""
    bars = full_bars(score)
    starts = [start for start, _, _ in bars]

    def level(tick: int) -> float:
        number = bisect_right(starts, tick) - 1
        if number < 0:  # a pickup leads into the first phrase
            return _ACCENT["off"]
        start, end, meter = bars[number]
        inside = tick - start
        if inside == 0:
            accent = _ACCENT["bar"]
        elif 2 * inside == end - start and meter.bar_ticks % (2 * meter.beat_ticks) == 0:
            accent = _ACCENT["half"]
        else:
            accent = _ACCENT["off" if inside % meter.beat_ticks else "beat"]
        phrase = (number % _PHRASE_BARS + inside / (end - start)) / _PHRASE_BARS
        return accent + _ARCH * (math.sin(math.pi * phrase) - 0.5)

    return level
