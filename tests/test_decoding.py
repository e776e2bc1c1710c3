"""Sampling filters and the grammar: no sequence that can be drawn is malformed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.codecs.events import EventCodec, Walk
from zoo.decoding import draw, probabilities
from zoo.grammar import MelodyGrammar
from zoo.theory import Key, Meter

ALL = np.ones(4, bool)
LOGITS = np.log([0.5, 0.25, 0.15, 0.10])
CODEC = EventCodec(("folk",))


def test_temperature_one_keeps_the_odds():
    assert probabilities(LOGITS, ALL) == pytest.approx([0.5, 0.25, 0.15, 0.10])


def test_temperature_sharpens_and_flattens():
    assert probabilities(LOGITS, ALL, temperature=0.5)[0] == pytest.approx(0.25 / 0.345)
    assert probabilities(LOGITS, ALL, temperature=0).tolist() == [1, 0, 0, 0]
    assert np.ptp(probabilities(LOGITS, ALL, temperature=2)) < 0.4


def test_masked_tokens_are_never_drawn():
    assert probabilities(LOGITS, np.array([False, True, True, False])) == pytest.approx([0, 0.625, 0.375, 0])


def test_top_k_keeps_ties_at_the_kth_place():
    assert np.count_nonzero(probabilities(LOGITS, ALL, top_k=2)) == 2
    assert np.count_nonzero(probabilities(np.array([2.0, 1.0, 1.0, 0.0]), ALL, top_k=2)) == 3
    assert np.count_nonzero(probabilities(LOGITS, ALL, top_k=100)) == 4


@pytest.mark.parametrize(("p", "kept"), [(0.4, 1), (0.5, 1), (0.51, 2), (0.8, 3), (1.0, 4)])
def test_top_p_keeps_the_token_that_crosses_p(p, kept):
    assert np.count_nonzero(probabilities(LOGITS, ALL, top_p=p)) == kept


def test_extreme_logits_stay_finite():
    for temperature in (0.01, 2):
        odds = probabilities(np.array([1e4, -1e4, 0, 0]), ALL, temperature=temperature)
        assert np.isfinite(odds).all() and odds.sum() == pytest.approx(1)


def test_draw_follows_the_odds_and_never_the_impossible():
    rng = np.random.default_rng(0)
    odds = np.array([0.0, 0.7, 0.3, 0.0])
    drawn = np.bincount([draw(odds, rng) for _ in range(2000)], minlength=4)
    assert drawn[0] == drawn[3] == 0 and drawn[1] / 2000 == pytest.approx(0.7, abs=0.04)


METERS = ["4/4", "3/4", "6/8", "2/4", "9/8", "3/8", "5/8", "7/8", "2/2", "3/2"]


@given(
    st.integers(0, 2**32 - 1), st.sampled_from(METERS), st.sampled_from(["major", "minor", "dorian"]), st.integers(1, 9)
)
def test_whatever_is_drawn_is_a_whole_piece_that_comes_home(seed, meter, mode, bars):
    """Logits of pure noise: the grammar alone must give bars, length and tonic."""
    rng = np.random.default_rng(seed)
    tokens = [CODEC.ids[w] for w in ("style_folk", f"meter_{meter}", f"mode_{mode}", "density_3", f"length_{bars}")]
    grammar = MelodyGrammar(CODEC, bars, Meter.parse(meter), mode, may_begin_with_upbeat=True)
    walk = Walk(CODEC)
    for token in tokens:
        walk.step(token)
    while not walk.ended:
        allowed = grammar.allowed(walk)
        assert allowed.any()
        tokens.append(draw(probabilities(rng.normal(size=len(CODEC)) * 3, allowed), rng))
        walk.step(tokens[-1])
        assert len(tokens) < 4000
    score = CODEC.decode(tokens)
    assert score.bars == bars and score.meter == Meter.parse(meter)
    assert score.end <= score.barlines[-1]
    last = score.notes[-1]
    assert last.pitch % 12 == Key.from_fifths(0, mode).pitch_class
    place, half, beat = last.onset - score.pickup, score.meter.bar_ticks // 2, score.meter.beat_ticks
    assert place % (half if half % beat == 0 else beat) == 0, "it begins on a strong place"
    assert last.end > score.barlines[-2], "and sounds in the last bar"
    following = score.notes[1:]
    assert all(a.end <= b.onset for a, b in zip(score.notes, following)), "one note at a time"
    bars_with_sound = [
        any(n.onset < stop and start < n.end for n in score.notes)
        for start, stop in zip(score.barlines, score.barlines[1:])
    ]
    assert all(bars_with_sound)
