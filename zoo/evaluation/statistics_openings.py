"""What is measured of a piece: its opening, so that human pieces and a model's are the same kind of thing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from zoo.corpus.melody import melody, sections
from zoo.score import Score

BARS = 16


def openings(scores: Iterable[Score], polyphony: bool, bars: int = BARS) -> Iterator[Score]:
    """Up to so many bars, and the pickup, of each score (polyphony), or else of the first section of its melody.

    What sounds on is cut at the bar line. A melody without a section (four bars of one metre, without two silent ones)
    has no opening.
    """
    for score in scores:
        begun = [score] if polyphony else sections(melody(score))
        if begun and begun[0].bars:
            yield _first_bars(begun[0], bars)


def _first_bars(score: Score, bars: int) -> Score:
    lines = score.barlines
    end = lines[min(bars + (1 if score.pickup else 0), len(lines) - 1)]
    return score.with_parts(
        replace(part, notes=tuple(
            replace(note, duration=min(note.duration, end - note.onset)) for note in part.notes if note.onset < end
        ))
        for part in score.parts
    )
