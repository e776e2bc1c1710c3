"""A hundred pieces: each fault on a score made for it, and the bar that human pieces set."""


from dataclasses import replace

import numpy as np
import pytest

import zoo
from benchmarks.hundred import bar_to_reach, human_shares, is_malformed, own_notes, row, share_in_scale, sounds
from zoo.score import Note, Part, Score, melody_score
from zoo.theory import Key


def scale(key: str, bars: int) -> Score:
    """Quarter notes on the key's first five degrees, in 4/4; the last bar is one long tonic."""
    key = Key.parse(key)
    tonic = 60 + key.pitch_class
    degrees = (0, 2, 4, 5, 7, 5, 4, 2)
    notes = [Note(24 * i, 24, tonic + degrees[i % 8]) for i in range(4 * (bars - 1))]
    return melody_score([*notes, Note(96 * (bars - 1), 96, tonic)], keys=((0, key),))


class Fake:
    """Composes exactly what is asked."""

    known = {"folk": {"meters": ["4/4"], "modes": ["major"]}}  # noqa: RUF012

    def compose(self, prompt: zoo.Prompt) -> Score:
        return scale(prompt.key or "C major", prompt.bars)


def test_share_in_scale():
    c, a_minor = Key.parse("C"), Key.parse("A minor")
    assert share_in_scale([Note(0, 1, p) for p in (60, 62, 64, 66)], c) == 0.75
    assert share_in_scale([Note(0, 1, p) for p in range(60, 72)], a_minor) == 0.75, "what the floor is taken from"
    assert share_in_scale([Note(0, 1, p) for p in (66, 68)], a_minor) == 1, "the raised sixth and seventh"


def test_the_prompts_notes_are_not_the_models_own():
    prompt = zoo.Prompt(notes="C4 E4", key="F# major", seed=1)
    score = Score(parts=(Part((Note(0, 24, 60), Note(24, 24, 64), Note(48, 24, 66))), Part((Note(0, 24, 54),))))
    assert [note.pitch for note in own_notes(score, prompt)] == [66, 54]


def test_the_bar_is_what_95_of_100_human_pieces_reach_but_never_under_three_quarters():
    assert bar_to_reach(np.linspace(0.8, 1, 101)) == pytest.approx(0.81)
    assert bar_to_reach(np.linspace(0, 1, 101)) == 0.75


def test_human_openings_are_measured_in_their_own_key_while_it_lasts():
    changing = Score(parts=scale("G", 20).parts, keys=((0, Key("G")), (96 * 10, Key("D"))))
    shares = human_shares([scale("D", 20), changing], polyphony=True)
    assert [len(shares[bars]) for bars in (8, 16, 24)] == [2, 1, 1]
    assert all(found == 1 for row in shares.values() for found in row)


def test_malformed_and_silent():
    assert not is_malformed(scale("C", 8))
    assert is_malformed(melody_score([Note(0, 24, 20)])), "below a piano's lowest"
    assert is_malformed(melody_score([Note(0, 24, 60), Note(12, 24, 60)])), "struck while it sounds"
    assert sounds(melody_score([Note(0, 24, 60), Note(192, 24, 60)])) == [True, False, True]


def test_a_row_of_faultless_pieces():
    human = {bars: np.array([0.9, 1.0]) for bars in (8, 16, 24)}
    text, honoured, missed = row(Fake(), "folk", 6, human)
    assert text.split()[:9] == ["folk", "6", "0", "0", "0", "0", "3/3=100%", "100%", "100.0%"]
    assert honoured == [True] * 3 and not missed


def test_a_wish_that_is_not_honoured_is_named():
    class OutOfKey(Fake):
        def compose(self, prompt):
            return replace(super().compose(prompt).transpose(1), keys=((0, Key.parse(prompt.key or "C")),))

    text, honoured, missed = row(OutOfKey(), "folk", 2, {bars: np.ones(1) for bars in (8, 16, 24)})
    assert honoured == [False] and "0/1=" in text
    assert "seed 1" in missed[0]
