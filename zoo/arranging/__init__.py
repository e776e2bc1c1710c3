"""A melody alone gets chords and an accompaniment; notes get a player's touch."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from zoo.arranging.accompaniment import accompany
from zoo.arranging.choir import sing
from zoo.arranging.harmony import harmonise
from zoo.arranging.performance import perform
from zoo.arranging.slots import Slot, slots
from zoo.errors import PromptError
from zoo.score import Part, Score
from zoo.styles import styles
from zoo.theory import TICKS_PER_QUARTER

__all__ = ["arrange", "perform", "play"]

_MOSTLY_ALONE = 0.25  # a part of which more than this share enters while another note of it sounds is no melody
# Longer ones would take seconds, and more notes than a score may have.
_MOST_NOTES, _MOST_BARS, _MOST_TICKS = 10_000, 1_000, 2_000 * TICKS_PER_QUARTER


def arrange(score: Score, style: str, seed: int = 0) -> Score:
    """The melody with chord symbols and the accompaniment of a style, performed (see perform).

    The melody's onsets, durations and pitches stay; it becomes the part 'Melody', on the style's instrument where
    it had none (program 0). Beside it stand 'Chords' and 'Bass', or 'Alto', 'Tenor' and 'Bass' where the style is
    for voices: from the first full bar to the melody's end. Chord symbols that the score has are kept and played.
    A score with several pitched parts, with chords in its one part, without a full bar, or with more than 10,000
    notes, 1,000 bars or 2,000 quarter notes is only performed.
    The same seed gives the same arrangement.

    Raises PromptError for an unknown style.
    """
    if style not in styles():
        raise PromptError(f"There is no style '{style}'; choose one of {', '.join(styles())}.")
    row = styles()[style]
    pitched = [part for part in score.parts if not part.is_drum and part.notes]
    short = len(score.notes) <= _MOST_NOTES and score.end <= _MOST_TICKS and score.bars <= _MOST_BARS
    if len(pitched) != 1 or not short or not _is_melody(pitched[0]) or score.end <= score.pickup:
        return perform(score, seed)
    melody = replace(pitched[0], name="Melody", program=pitched[0].program or row.lead)
    drums = [part for part in score.parts if part.is_drum]
    alone = score.with_parts([melody])
    voices = row.texture == "voices"
    harmony = _given(alone) if score.chords else harmonise(alone, row.harmony, per_beat=voices)
    added = sing(alone, harmony, row) if voices else accompany(alone, harmony, row, seed)
    chords = score.chords or _changes(harmony)
    return perform(replace(score, parts=(melody, *added, *drums), chords=chords), seed)


def play(score: Score, style: str, seed: int = 0, accompaniment: bool = True) -> Score:
    """What a model wrote as it is heard: arranged, or without accompaniment the same performance of its own parts."""
    arranged = arrange(score, style, seed)
    return arranged if accompaniment else arranged.with_parts(arranged.parts[: len(score.parts)])


def _is_melody(part: Part) -> bool:
    together = sum(a.end > b.onset for a, b in zip(part.notes, part.notes[1:]))
    return together <= _MOSTLY_ALONE * len(part.notes)


def _given(score: Score) -> list[tuple[Slot, str]]:
    """The score's own chord symbols, beat by beat; beats before the first have none."""
    ticks, symbols = [tick for tick, _ in score.chords], ["N.C.", *(symbol for _, symbol in score.chords)]
    places = [slot for slot in slots(score, per_beat=True) if slot.start < score.end]
    return [(slot, symbols[bisect_right(ticks, slot.start)]) for slot in places]


def _changes(harmony: Sequence[tuple[Slot, str]]) -> tuple[tuple[int, str], ...]:
    """Where the chord changes, and to what."""
    return tuple(
        (slot.start, symbol)
        for i, (slot, symbol) in enumerate(harmony)
        if i == 0 or symbol != harmony[i - 1][1]
    )
