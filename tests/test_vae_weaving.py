"""Between a melody as it is and as the grid has it: what was not changed stays as it was played."""

from dataclasses import replace

import numpy as np
import pytest
from vae_tunes import grid, tune

from zoo.codecs.melody_grid import FIRST_PITCH, LOWEST, from_grid, to_grid
from zoo.models._vae_weaving import chunks, full_bars, joined, woven
from zoo.score import Note, Part, melody_score
from zoo.theory import Key, Meter

# An upbeat, notes off the grid, one over a bar line, a rest, a pitch that the grid moves by an octave, velocities.
LINE = melody_score(
    [
        Note(0, 11, 62, 70), Note(12, 12, 64, 71),
        Note(25, 22, 67, 72), Note(48, 50, 69, 73), Note(98, 7, 71, 74), Note(111, 9, 40, 75),
        Note(120, 91, 67, 76), Note(218, 90, 60, 77),
    ],
    meters=((0, Meter(4, 4)),), keys=((0, Key("D")),), pickup=24, chords=((0, "A7/C#"), (24, "D"), (120, "G6/B")),
    form=((24, "A"), (120, "B")),
)


def test_an_unchanged_melody_comes_back_note_for_note():
    assert woven(LINE, to_grid(LINE), to_grid(LINE)) == LINE


def changed(bar: int):
    """The grid of LINE, and one whose bar is a C on each quarter."""
    old = to_grid(LINE)
    new = replace(old, tokens=old.tokens.copy())
    new.tokens[bar] = np.where(np.arange(16) % 4 == 0, FIRST_PITCH + 60 - LOWEST, 0)
    return old, new


@pytest.mark.parametrize("bar", [0, 1, 2])
def test_a_changed_bar_changes_nothing_else(bar):
    score = woven(LINE, *changed(bar))
    start, end = 24 + 96 * bar, 120 + 96 * bar
    own = [n for n in score.notes if start <= n.onset < end]
    assert [(n.onset - start, n.pitch) for n in own] == [(24 * i, 62) for i in range(4)], "in D major"
    kept = [n for n in LINE.notes if not start <= n.onset < end]
    others = [n for n in score.notes if not start <= n.onset < end]
    assert [(n.onset, n.pitch, n.velocity) for n in others] == [(n.onset, n.pitch, n.velocity) for n in kept]
    assert all(a.end <= b.onset for a, b in zip(score.notes, score.notes[1:])), "one line"
    assert (score.pickup, score.key, score.chords) == (LINE.pickup, LINE.key, LINE.chords)
    assert LINE.form and not score.form, "sections that were alike may differ now"


def test_changed_chords_are_the_grids():
    old = to_grid(LINE)
    new = replace(old, chords=np.where(np.arange(6).reshape(3, 2) == 3, old.chords + 1, old.chords))
    expected = tuple((tick + 24, symbol) for tick, symbol in from_grid(new).chords)
    assert woven(LINE, old, new).chords == expected != LINE.chords


def test_full_bars_begin_at_tick_0_in_the_key_asked_for():
    score = full_bars(LINE, 2, Key("C"))
    assert [(n.onset, n.duration, n.pitch) for n in score.notes] == [
        (1, 22, 65), (24, 50, 67), (74, 7, 69), (87, 9, 38), (96, 91, 65),
    ]
    assert (score.key, score.pickup, score.bars, score.form) == (Key("C"), 0, 2, ())
    assert score.chords == ((0, "C"), (96, "F6/A")), "of those in the upbeat and on the bar line the last"


def test_the_last_full_bar_is_cut_at_its_end():
    line = melody_score([Note(0, 90, 60), Note(90, 30, 62), Note(120, 72, 64)])
    assert [n.end for n in full_bars(line, 1, line.key).notes] == [90, 96]


def test_sixteens_of_bars_and_the_rest_are_joined_again():
    whole = grid(bars=37)
    parts = chunks(whole)
    assert [(part.bars, closes) for part, closes in parts] == [(16, False), (16, False), (5, True)]
    assert (joined([part for part, _ in parts]).tokens == whole.tokens).all()
    assert [closes for _, closes in chunks(grid(bars=16))] == [True]


def test_parts_keep_their_instrument():
    line = tune(bars=1).with_parts([Part(tune(bars=1).notes, "Fiddle", 40)])
    part = woven(line, to_grid(line), replace(to_grid(line), tokens=to_grid(line).tokens * 0)).parts[0]
    assert (part.name, part.program, part.notes) == ("Fiddle", 40, ())
