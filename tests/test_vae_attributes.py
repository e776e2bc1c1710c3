"""What a tune's attributes measure, and the directions along which they grow."""

import numpy as np
import pytest
from vae_tunes import grid

from zoo.codecs.melody_grid import MelodyGrid, to_grid
from zoo.models._vae_attributes import directions, measure, metrical_strength
from zoo.notation import read_text
from zoo.theory import Meter


def of(body: str, meter: str = "4/4", key: str = "C") -> MelodyGrid:
    return to_grid(read_text(f"X:1\nM:{meter}\nL:1/8\nK:{key}\n{body}"))


@pytest.mark.parametrize(
    ("meter", "expected"),
    [
        ("4/4", "4010201030102010"), ("3/4", "301020102010"), ("6/8", "301010201010"), ("2/4", "30102010"),
        ("3/8", "201010"), ("2/2", "4010201030102010"),
    ],
)
def test_strong_places_of_the_metres(meter, expected):
    assert "".join(map(str, metrical_strength(Meter.parse(meter)))) == expected


@pytest.mark.parametrize(
    ("melody", "expected"),
    [
        (of("C2 D2 E2 F2|"), (1, 62.75, 0)),
        (of("C D2 E2 F2 G|"), (1.25, 63.6, 4 / 5)),  # D, E and F are held into a beat: one, two and one level stronger
        (of("C4 z4|"), (1 / 4, 60, 0)),
        (of("z2 C2- C4|"), (1 / 4, 60, 1)),  # from the second beat into the half bar
        (of("z2 C2 z4|"), (1 / 4, 60, 0)),  # it ends before
        (of("D3 F3|A6|", "6/8", "D"), (3 / 6, (60 + 64 + 67) / 3, 0)),  # on white keys
        (of("d2 (3efg|", "2/4", "D"), (2, (72 + 74 + 76 + 77) / 4, 0)),
        (of("z8|"), (0, 0, 0)),
    ],
)
def test_measured_by_hand(melody, expected):
    assert measure(melody) == pytest.approx(expected)


def test_a_tie_over_the_bar_line_is_syncopated():
    assert measure(of("C6 D2-|D8|"))[2] == pytest.approx((0 + 2) / 2)


def test_planted_directions_are_found():
    rng = np.random.default_rng(0)
    measured = rng.standard_normal((500, 3)) @ np.diag([0.5, 6.0, 0.1]) + [2, 70, 0.3]
    measured[:, 1] += 3 * measured[:, 0]  # attributes go together
    planted = rng.standard_normal((3, 16))
    places = measured / measured.std(0) @ planted + 0.1 * rng.standard_normal((500, 16)) + 7
    assert directions(places, measured) == pytest.approx(planted, abs=0.05)


def test_an_attribute_that_never_changes_has_no_direction():
    places = np.random.default_rng(0).standard_normal((50, 4))
    measured = np.array([measure(grid(bars=2, seed=seed)) for seed in range(50)])
    measured[:, 2] = 0
    found = directions(places, measured)
    assert np.isfinite(found).all() and found[2] == pytest.approx(np.zeros(4))
