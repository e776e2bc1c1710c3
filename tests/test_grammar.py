"""The polyphonic grammar: random notes under it are whole pieces in every texture."""

from itertools import pairwise

import numpy as np
import pytest

from zoo.codecs.events import MAX_PARTS, EventCodec, Header, Walk
from zoo.grammar import PolyphonicGrammar, fifth_repeat
from zoo.theory import Key, Meter

CODEC = EventCodec(("folk",), polyphonic=True)


def drawn(texture: str, meter: Meter, mode: str, bars: int, seed: int) -> tuple[list[int], Walk]:
    """Tokens drawn evenly from what is allowed."""
    rng = np.random.default_rng(seed)
    walk = Walk(CODEC)
    tokens = [CODEC.ids[word] for word in Header("folk", meter, mode, 3, bars, texture).words()]
    for token in tokens:
        walk.step(token)
    grammar = PolyphonicGrammar(CODEC, bars, meter, mode, texture)
    while not walk.ended:
        allowed = np.flatnonzero(grammar.allowed(walk))
        # Evenly drawn kinds, not tokens, else the pieces would be endless chords.
        kinds = sorted({CODEC.kinds[t] for t in allowed})
        kind = kinds[rng.integers(len(kinds))]
        token = int(rng.choice([t for t in allowed if CODEC.kinds[t] == kind]))
        walk.step(token)
        tokens.append(token)
    return tokens, walk


@pytest.mark.parametrize("texture", ["melody", "chords", "1", "2", "3", "4"])
@pytest.mark.parametrize(("meter", "mode"), [("4/4", "major"), ("6/8", "minor"), ("3/4", "dorian"), ("2/2", "major")])
def test_what_is_drawn_is_a_piece_that_comes_home(texture, meter, mode):
    for seed in range(6):
        tokens, _ = drawn(texture, Meter.parse(meter), mode, 5, seed)
        score = CODEC.decode(tokens)
        assert score.bars == 5 and str(score.meter) == meter
        assert score.end <= score.barlines[-1] and score.end + score.pickup >= score.barlines[-1]
        for part in score.parts:
            end_of = {}
            for note in part.notes:
                assert note.onset >= end_of.get(note.pitch, 0), "no pitch is struck while it sounds"
                end_of[note.pitch] = note.end
        home = Key.from_fifths(0, mode).pitch_class
        top = [n for n in score.parts[0].notes if n.end == score.parts[0].notes[-1].end]
        assert max(top, key=lambda n: (n.onset, n.pitch)).pitch % 12 == home
        if texture in ("3", "4"):
            assert len(score.parts) == int(texture)
            for part in score.parts:
                assert all(a.end <= b.onset for a, b in pairwise(part.notes)), "a voice is one line"
            assert score.parts[-1].notes[-1].pitch % 12 == home
        if texture == "chords":
            assert score.chords and score.chords[0][0] < score.pickup + score.meter.bar_ticks
        else:
            assert not score.chords
        for start, end in pairwise(score.barlines):
            assert any(n.onset < end and n.end > start for n in score.notes), "no bar is silent"


def test_encoding_what_was_drawn_gives_it_back():
    for texture in ("melody", "chords", "2", "4"):
        tokens, _ = drawn(texture, Meter(3, 4), "major", 4, 1)
        score = CODEC.decode(tokens)
        again = CODEC.decode(CODEC.encode(score, "folk"))
        assert again.notes == score.notes and again.chords == score.chords


def test_hands_may_play_chords_and_hold_a_note():
    kinds = [CODEC.kinds[t] for t in drawn("2", Meter(4, 4), "major", 8, 3)[0]]
    assert ("pitch", "pitch") in set(pairwise(kinds))
    kinds = [CODEC.kinds[t] for t in drawn("4", Meter(4, 4), "major", 8, 3)[0]]
    assert ("pitch", "pitch") not in set(pairwise(kinds))


def test_what_a_prompt_gives_is_not_written_into():
    walk = Walk(CODEC)
    for word in [*Header("folk", Meter(4, 4), "major", 3, 4, "2").words(), "bar", "dur_48", "pitch_60"]:
        walk.step(CODEC.ids[word])
    grammar = PolyphonicGrammar(CODEC, 4, Meter(4, 4), "major", "2", given_until=(48,))
    allowed = grammar.allowed(walk)
    assert not allowed[CODEC.ids["pos_24"]] and allowed[CODEC.ids["pos_60"]]
    assert PolyphonicGrammar(CODEC, 4, Meter(4, 4), "major", "2").allowed(walk)[CODEC.ids["pos_24"]]


def test_a_fifth_bar_of_the_same_notes_is_barred():
    bar = [3, 4, 5]
    assert fifth_repeat([[9], bar, bar, bar, bar, []]) == 3
    assert fifth_repeat([[9], bar, bar, bar, []]) is None
    assert fifth_repeat([[9], bar, bar, bar, bar, [3]]) is None
    assert fifth_repeat([[9], [3, 4, 6], bar, bar, bar, []]) is None


def test_the_parts_are_told_apart():
    _, walk = drawn("4", Meter(4, 4), "major", 2, 0)
    assert all(walk.last[part] != (0, 0) for part in range(4))
    assert len(walk.last) == MAX_PARTS + 1


def test_every_note_lies_on_a_piano_in_the_piece_s_own_key():
    walk = Walk(CODEC)
    for word in [*Header("folk", Meter(4, 4), "major", 3, 4, "2").words(), "bar", "dur_24"]:
        walk.step(CODEC.ids[word])
    for shift in (-6, 0, 5):
        grammar = PolyphonicGrammar(CODEC, 4, Meter(4, 4), "major", "2", shift=shift)
        allowed = [CODEC.values[t] + shift for t in np.flatnonzero(grammar.allowed(walk))]
        assert min(allowed) == max(21, 21 + shift) and max(allowed) == min(108, 108 + shift)
