"""Between a melody as it is and as the grid has it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from zoo.codecs.melody_grid import MelodyGrid, from_grid
from zoo.score import Score
from zoo.theory import Key

CHUNK = 16  # bars that are encoded together


def chunks(grid: MelodyGrid) -> list[tuple[MelodyGrid, bool]]:
    """Its sixteens of bars and the rest, and whether the melody ends with each."""
    return [(grid[start : start + CHUNK], start + CHUNK >= grid.bars) for start in range(0, grid.bars, CHUNK)]


def joined(grids: Sequence[MelodyGrid]) -> MelodyGrid:
    """One after the other; metre and key are the first's."""
    return replace(
        grids[0],
        tokens=np.concatenate([grid.tokens for grid in grids]),
        chords=np.concatenate([grid.chords for grid in grids]),
    )


def full_bars(line: Score, bars: int, key: Key) -> Score:
    """The first full bars of a melody, from tick 0 on, in the key that the signature of its own is moved to."""
    moved = line.transpose(line.key.to_white_keys - key.to_white_keys)
    start, end = line.pickup, line.pickup + bars * line.meter.bar_ticks
    notes = [
        replace(note, onset=note.onset - start, duration=min(note.end, end) - note.onset)
        for note in moved.notes if start <= note.onset < end
    ]
    chords = {max(0, tick - start): symbol for tick, symbol in moved.chords if tick < end}  # of the upbeat's the last
    return replace(
        moved, parts=(replace(line.parts[0], notes=tuple(notes)),), keys=((0, key),), chords=tuple(chords.items()),
        pickup=0, meters=((0, line.meter),), tempos=((0, line.tempo),), form=(),
    )


def woven(line: Score, grid: MelodyGrid, changed: MelodyGrid) -> Score:
    """A melody in which the bars that differ between its grid and the changed one are the changed one's."""
    new = from_grid(changed)
    same = (grid.tokens == changed.tokens).all(axis=1)
    bar = line.meter.bar_ticks

    def is_kept(onset: int) -> bool:
        number = (onset - line.pickup) // bar
        return onset < line.pickup or not 0 <= number < len(same) or bool(same[number])

    notes = [note for note in line.notes if is_kept(note.onset)]
    moved = (replace(note, onset=note.onset + line.pickup) for note in new.notes)
    notes = sorted([*notes, *(note for note in moved if not is_kept(note.onset))])
    ends = [after.onset for _, after in pairwise(notes)] + [line.barlines[-1]]
    notes = [replace(note, duration=max(1, min(note.duration, end - note.onset))) for note, end in zip(notes, ends)]
    chords = line.chords
    if chords and not np.array_equal(grid.chords, changed.chords):
        chords = tuple((tick + line.pickup, symbol) for tick, symbol in new.chords)
    form = line.form if same.all() else ()  # sections that were alike may differ now
    return replace(line, parts=(replace(line.parts[0], notes=tuple(notes)),), chords=chords, form=form)
