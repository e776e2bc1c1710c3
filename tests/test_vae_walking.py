"""Walking in the latent space: its steps, its stops, and what a tune takes up."""

from dataclasses import replace

import numpy as np
import pytest
from vae_tunes import grid

from zoo.codecs.melody_grid import FIRST_PITCH, HOLD, LOWEST, PLAIN, MelodyGrid
from zoo.models._vae_walking import distances, merge, slerp, stops
from zoo.theory import Key, Meter


def test_the_ends_of_a_walk_are_its_ends():
    a, b = np.random.default_rng(0).standard_normal((2, 64)).astype(np.float32)
    assert np.array_equal(slerp(a, b, 0.0), a) and np.array_equal(slerp(a, b, 1.0), b)


def test_a_walk_stays_on_the_sphere_and_goes_evenly():
    a, b = np.random.default_rng(1).standard_normal((2, 64))
    b *= np.linalg.norm(a) / np.linalg.norm(b)
    way = [slerp(a, b, share) for share in np.linspace(0, 1, 9)]
    assert np.linalg.norm(way, axis=1) == pytest.approx(np.full(9, np.linalg.norm(a)))
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    assert steps == pytest.approx(np.full(8, steps[0])) and steps[0] > 0.1


def test_from_a_place_to_itself_there_is_no_way():
    a = np.random.default_rng(2).standard_normal(8)
    assert slerp(a, a, 0.4) == pytest.approx(a)


def of(pitches) -> MelodyGrid:
    """A tune of one bar with a note in each slot."""
    tokens = FIRST_PITCH - LOWEST + np.array(pitches)[None]
    return MelodyGrid(Meter(4, 4), Key("C"), tokens, np.zeros((1, 2), int))


def test_distances_count_slots():
    a = of([60] * 16)
    b = replace(a, tokens=a.tokens.copy())
    b.tokens[0, 4:8] += 3
    b.tokens[0, 9] = HOLD
    assert distances(a, b).tolist() == [4 / 16, 1 / 16]


def way(*changed: int) -> list[MelodyGrid]:
    """Tunes in which so many notes are the last tune's already."""
    return [of([72] * n + [60] * (16 - n)) for n in changed]


def test_stops_are_even_where_the_way_is_not():
    tunes = way(0, 0, 1, 1, 2, 4, 5, 8, 8, 8, 12, 15, 15, 16, 16)
    chosen = stops(tunes, 5)
    assert [int((tunes[i].tokens == tunes[-1].tokens).sum()) for i in chosen] == [0, 4, 8, 12, 16]
    assert chosen[0] == 0 and chosen[-1] == 14 and chosen == sorted(set(chosen))


def test_stops_avoid_steps_back_where_they_can():
    tunes = way(0, 6, 3, 9, 5, 7, 14, 11, 16)  # 3, 5, 7, 11 among others leads nowhere back
    chosen = stops(tunes, 6)
    progress = [int((tunes[i].tokens == tunes[-1].tokens).sum()) for i in chosen]
    assert progress == sorted(progress) and len(set(chosen)) == 6


def test_both_distances_are_to_be_monotone():
    tunes = way(0, 4, 8, 12, 16)
    astray = of([50] * 16)  # as far from both as can be: even steps would lead over it, but then nearer to the first
    assert stops([tunes[0], tunes[1], astray, *way(9), tunes[3], tunes[4]], 5) == [0, 1, 3, 4, 5]


@pytest.mark.parametrize("count", [2, 5, 33])
def test_there_are_as_many_stops_as_asked_for_even_where_all_go_back(count):
    rng = np.random.default_rng(0)
    tunes = [of(rng.integers(60, 80, 16)) for _ in range(65)]
    chosen = stops(tunes, count)
    assert len(chosen) == count and (chosen[0], chosen[-1]) == (0, 64) and (np.diff(chosen) > 0).all()


def test_nothing_changes_where_the_place_stayed():
    tune, rebuilt = grid(seed=1), grid(seed=2)
    kept = merge(tune, rebuilt, rebuilt)
    assert (kept.tokens == tune.tokens).all() and (kept.chords == tune.chords).all()


@pytest.mark.parametrize(("meter", "unit"), [("4/4", 4), ("2/4", 4), ("6/8", 2), ("3/8", 2)])
def test_quarters_change_as_wholes_and_elsewhere_eighths(meter, unit):
    tune, rebuilt = grid(meter, 2, seed=1), grid(meter, 2, seed=2)
    moved = replace(rebuilt, tokens=rebuilt.tokens.copy())
    moved.tokens[1, unit] = PLAIN - 1  # the first slot of the second unit of the second bar
    merged = merge(tune, rebuilt, moved)
    changed = slice(unit, 2 * unit)
    assert (merged.tokens[1, changed] == moved.tokens[1, changed]).all()
    rest = np.ones_like(tune.tokens, bool)
    rest[1, changed] = False
    assert (merged.tokens[rest] == tune.tokens[rest]).all()


def test_chords_change_one_by_one():
    tune, rebuilt = grid(bars=2), grid(bars=2, seed=2)
    tune.chords[:], rebuilt.chords[:] = 5, 6
    moved = replace(rebuilt, chords=np.array([[6, 7], [6, 6]]))
    assert merge(tune, rebuilt, moved).chords.tolist() == [[5, 7], [5, 5]]
