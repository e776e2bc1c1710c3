"""Alto, tenor and bass under a soprano: block chords with the voice leading of the chorale.

Each chord's candidates are all ways to lay it under the soprano; a path through them with the least cost is found
by Viterbi's algorithm. Costs follow the textbooks: complete chords, roots in the bass, small steps, contrary motion,
no parallel fifths or octaves, no doubled leading tone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from zoo.arranging.slots import Slot
from zoo.arranging.timeline import Timeline
from zoo.chords import chord_tones
from zoo.score import Note, Part, Score
from zoo.styles import Style

_NAMES = ("Bass", "Tenor", "Alto")
_RANGES = ((40, 60), (48, 67), (55, 74))  # E2 to C4, C3 to G4, G3 to D5
_CENTRES = np.array((48, 57, 65))
_SOPRANO_LOWEST = 60  # where the melody goes lower, the other voices' ranges go down with it
_VELOCITY = 66  # nearly the soprano's equals
_BEAM = 32  # candidates kept for each chord

_PARALLEL = 12.0
_PAIRS = [(a, b) for a in range(4) for b in range(a + 1, 4)]


@dataclass(frozen=True)
class _Step:
    """One chord: what the soprano sings in it, and the voicings (candidates, 3) with their costs."""

    slot: Slot
    enters: bool  # the soprano strikes a note with the chord
    first: int  # the soprano's pitch as the chord enters
    last: int  # and as it goes
    voicings: np.ndarray
    costs: np.ndarray


def sing(score: Score, harmony: Sequence[tuple[Slot, str]], style: Style) -> list[Part]:
    """The parts Alto, Tenor and Bass; they rest where the soprano rests, and end with it."""
    leading_tone = (score.key.pitch_class - 1) % 12
    drop = min(0, min(note.pitch for note in score.notes) - _SOPRANO_LOWEST)
    voices: list[list[Note]] = [[], [], []]
    phrase: list[_Step] = []
    soprano = Timeline.of_notes(score.notes)
    for slot, symbol in harmony:
        step = _step(soprano, slot, symbol, leading_tone, drop)
        if step is None:
            _write(phrase, voices, score.end)
            phrase = []
        else:
            phrase.append(step)
    _write(phrase, voices, score.end)
    programs = (style.accompaniment[-1], style.accompaniment[0], style.accompaniment[0])
    parts = [Part(tuple(notes), name, program) for notes, name, program in zip(voices, _NAMES, programs)]
    return parts[::-1]


def _step(soprano: Timeline[Note], slot: Slot, symbol: str, leading_tone: int, drop: int) -> _Step | None:
    """None where the soprano rests, there is no chord, or no voicing fits under the soprano."""
    sung = [note for _, _, note in soprano.between(slot.start, slot.end)]
    chord = chord_tones(symbol)
    if not sung or chord is None:
        return None
    ranges = [[p for p in range(low + drop, high + drop + 1) if p % 12 in chord[1]] for low, high in _RANGES]
    lowest = min(note.pitch for note in sung)
    grid = np.array(np.meshgrid(*ranges, indexing="ij")).reshape(3, -1).T
    bass, tenor, alto = grid.T
    grid = grid[(bass < tenor) & (tenor < alto) & (alto < lowest) & (bass >= 0)]
    if not len(grid):
        return None
    first = sung[0].pitch
    costs = _cost(grid, first, chord, leading_tone, drop)
    best = np.argsort(costs, kind="stable")[:_BEAM]
    return _Step(slot, sung[0].onset >= slot.start, first, sung[-1].pitch, grid[best], costs[best])


def _cost(voicings: np.ndarray, soprano: int, chord, leading_tone: int, drop: int) -> np.ndarray:
    """How far each voicing (n, 3) is from a good chord by itself."""
    _, tones, lowest = chord
    bass, tenor, alto = voicings.T
    classes = np.concatenate([voicings, np.full((len(voicings), 1), soprano)], axis=1) % 12
    held = np.array([(classes == tone).sum(axis=1) for tone in tones])  # how often each tone is sung
    cost = 0.05 * np.abs(voicings - _CENTRES - drop).sum(axis=1)
    cost += np.select([bass % 12 == lowest, bass % 12 == tones[1]], [0.0, 2.0], 8.0)
    for missing, tone in zip((8.0, 10.0, 1.5, 2.5), held):
        cost += missing * (tone == 0)
    cost += 1.5 * (held[1] > 1)
    if len(tones) > 3:
        cost += 6.0 * (held[3] > 1)
    cost += 6.0 * ((classes == leading_tone).sum(axis=1) > 1)
    cost += 6.0 * (alto - tenor > 12) + 2.0 * (tenor - bass > 19) + 0.3 * np.maximum(0, soprano - alto - 12)
    return cost


def _write(phrase: list[_Step], voices: list[list[Note]], end: int) -> None:
    """Adds a phrase's notes to the three voices; a pitch goes on while the soprano holds its note."""
    for i, voicing in enumerate(_best_path(phrase)):
        slot = phrase[i].slot
        for notes, pitch in zip(voices, voicing):
            stop = min(slot.end, end)
            if i and not phrase[i].enters and notes[-1].pitch == pitch:
                notes[-1] = Note(notes[-1].onset, stop - notes[-1].onset, pitch, _VELOCITY)
            else:
                notes.append(Note(slot.start, stop - slot.start, pitch, _VELOCITY))


def _best_path(phrase: list[_Step]) -> list[tuple[int, ...]]:
    if not phrase:
        return []
    best, came_from = phrase[0].costs, []
    for before, now in pairwise(phrase):
        paths = best[:, None] + _leading(before, now)
        came_from.append(paths.argmin(axis=0))
        best = paths.min(axis=0) + now.costs
    at = int(best.argmin())
    path = [at]
    for back in reversed(came_from):
        at = int(back[at])
        path.append(at)
    return [tuple(int(p) for p in step.voicings[i]) for step, i in zip(phrase, reversed(path))]


def _leading(before: _Step, now: _Step) -> np.ndarray:
    """(candidates before, candidates now): the cost of going from one voicing to the next."""
    size = (len(before.voicings), len(now.voicings))
    old = [np.broadcast_to(v[:, None], size) for v in (*before.voicings.T, np.full(size[0], before.last))]
    new = [np.broadcast_to(v[None, :], size) for v in (*now.voicings.T, np.full(size[1], now.first))]
    moves = [b - a for a, b in zip(old, new)]
    bass = np.abs(moves[0])
    cost = 0.15 * bass + 6.0 * (bass > 12) + 2.0 * np.isin(bass, (6, 10, 11))
    for move in moves[1:3]:
        cost += 0.4 * np.abs(move) + 3.0 * (np.abs(move) > 7)
    cost += 0.7 * (moves[0] * moves[3] > 0)
    for a, b in _PAIRS:
        interval = (new[b] - new[a]) % 12
        same = ((old[b] - old[a]) % 12 == interval) & ((interval == 0) | (interval == 7))
        cost += _PARALLEL * (same & (moves[a] != 0) & (moves[b] != 0))
    return cost
