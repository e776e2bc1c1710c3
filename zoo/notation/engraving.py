"""What any written notation asks of a Score: voices without overlaps, bars, and note values that can be drawn."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile

from zoo.score import Note, Part, Score
from zoo.theory import TICKS_PER_QUARTER

_PLAIN = (3, 6, 12, 24, 48, 96, 192)
TRIPLETS = frozenset((1, 2, 4, 8, 16, 32))  # a plain value times two thirds
_DOTTED = (9, 18, 36, 72, 144)
_DOUBLE_DOTTED = (21, 42, 84, 168)
_STRAIGHT = frozenset((*_PLAIN, *_DOTTED, *_DOUBLE_DOTTED))
_VALUES = sorted(_STRAIGHT | TRIPLETS, reverse=True)


@dataclass(frozen=True)
class Symbol:
    """One written note, chord or rest (no pitches). Ticks; ties say whether it goes on from or into its neighbours."""

    onset: int
    duration: int
    pitches: tuple[int, ...] = ()
    tied_from: bool = False
    tied_to: bool = False

    @property
    def end(self) -> int:
        return self.onset + self.duration

    @property
    def is_triplet(self) -> bool:
        return self.duration in TRIPLETS


def measures(score: Score, part: Part, breaks: Iterable[int] = ()) -> list[list[list[Symbol]]]:
    """The part as bars of voices of symbols. A bar has at least one voice, and every voice fills its bar.

    breaks: ticks over which no symbol goes on, for notations that place chord names and the like before a symbol.
    """
    breaks = sorted(breaks)
    spans = list(pairwise(score.barlines))
    bars: list[list[list[Symbol]]] = [[] for _ in spans]
    for number, voice in enumerate(_voices(part.notes)):
        first = 0  # the first symbol that does not end before the bar
        for bar, (start, end) in zip(bars, spans):
            while first < len(voice) and voice[first].end <= start:
                first += 1
            inside = list(takewhile(lambda symbol, end=end: symbol.onset < end, voice[first : first + end - start]))
            if inside or number == 0:
                bar.append(list(_fill(inside, start, end, score.pickup, breaks)))
    return bars


def _voices(notes: tuple[Note, ...]) -> list[list[Symbol]]:
    """Notes that begin and end together become one chord; what overlaps goes to another voice."""
    voices: list[list[Symbol]] = [[]]
    for (onset, duration), group in groupby(notes, key=lambda note: (note.onset, note.duration)):
        symbol = Symbol(onset, duration, tuple(sorted({note.pitch for note in group})))
        for voice in voices:
            if not voice or voice[-1].end <= onset:
                voice.append(symbol)
                break
        else:
            voices.append([symbol])
    return voices


def _fill(symbols: list[Symbol], start: int, end: int, beat: int, breaks: list[int]) -> Iterator[Symbol]:
    """One bar of one voice: rests between the symbols, and each cut into values that can be written."""
    now = start
    for symbol in symbols:
        yield from _cut(Symbol(now, max(symbol.onset - now, 0)), start, end, beat, breaks)
        yield from _cut(symbol, start, end, beat, breaks)
        now = symbol.end
    yield from _cut(Symbol(now, max(end - now, 0)), start, end, beat, breaks)


def _cut(symbol: Symbol, start: int, end: int, beat: int, breaks: list[int]) -> Iterator[Symbol]:
    """What of the symbol lies in the bar, tied together from values that can be written."""
    onset, stop = max(symbol.onset, start), min(symbol.end, end)
    while onset < stop:
        place = bisect_right(breaks, onset)
        until = min(stop, breaks[place]) if place < len(breaks) else stop
        value = _value(onset - beat, until - onset)
        sounds = bool(symbol.pitches)
        yield Symbol(
            onset, value, symbol.pitches, sounds and onset > symbol.onset, sounds and onset + value < symbol.end
        )
        onset += value


def _value(position: int, duration: int) -> int:
    """The first value to write of a duration that begins so many ticks after a beat."""
    if duration in TRIPLETS or (duration in _STRAIGHT and position % 3 == 0):
        return duration
    to_beat = -position % TICKS_PER_QUARTER or duration
    return next(value for value in _VALUES if value <= min(duration, to_beat))
