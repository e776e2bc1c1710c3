"""The VAE's verbs, on a tiny network that has learned nothing."""

from dataclasses import replace

import numpy as np
import pytest
from tiny_vae import save_tiny_vae
from vae_tunes import tune

import zoo
from zoo.codecs.melody_grid import from_grid, to_grid
from zoo.models._vae_walking import distances
from zoo.score import Note, Part, Score
from zoo.theory import Key


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return zoo.load(str(save_tiny_vae(tmp_path_factory.mktemp("models") / "tiny")))


def plain(score):
    return [(n.onset, n.duration, n.pitch) for n in score.notes]


def with_upbeat(bars: int) -> Score:
    """With an upbeat, a note off the grid, and one that the grid moves by an octave."""
    line = tune("4/4", bars, seed=3, key="A major")
    notes = [replace(n, onset=n.onset + 24) for n in line.notes]
    notes[1] = replace(notes[1], onset=notes[1].onset + 2, duration=notes[1].duration - 2, pitch=38)
    return replace(line, parts=(Part((Note(0, 24, 64), *notes)),), pickup=24)


def test_a_blend_begins_and_ends_with_its_tunes(model):
    a, b = tune(bars=20, seed=1), replace(with_upbeat(18), tempos=((0, 90.0),))
    blend = model.interpolate(a, b, "folk")
    assert len(blend) == 7 and all(s.bars == 18 and s.key == Key("C") and s.pickup == 0 for s in blend)
    end = 18 * 96
    assert plain(blend[0]) == [(on, min(long, end - on), pitch) for on, long, pitch in plain(a) if on < end]
    assert plain(blend[-1]) == [(on - 24, long, pitch + 3) for on, long, pitch in plain(b)[1:]], "A goes up to C"
    assert blend[0].tempo == pytest.approx(120) and blend[-1].tempo == pytest.approx(90)
    assert [s.title for s in blend[:2]] == ["Blend 1 of 7", "Blend 2 of 7"]
    assert {s.parts[0].name for s in blend} == {"Melody"}


@pytest.mark.parametrize(("meter", "bars"), [("6/8", 2), ("3/4", 8), ("2/4", 33)])
def test_between_its_ends_a_blend_goes_from_one_to_the_other(model, meter, bars):
    a, b = tune(meter, bars, seed=1), tune(meter, bars, seed=2)
    grids = [to_grid(score, bars) for score in model.interpolate(a, b, "song", steps=5)]
    away = [distances(grid, grids[0]).mean() - distances(grid, grids[-1]).mean() for grid in grids]
    assert away[0] < min(away[1:]) and away[-1] > max(away[:-1])


@pytest.mark.parametrize("steps", [2, 33])
def test_a_blend_has_the_steps_asked_for(model, steps):
    assert len(model.interpolate(tune(bars=1, seed=1), tune(bars=2, seed=2), "folk", steps)) == steps


def test_chords_stand_in_a_blend_where_both_tunes_have_them(model):
    a, b = tune(seed=1), tune(seed=2)
    chords = replace(b, chords=((0, "C"), (96, "G7")))
    assert not any(s.chords for s in model.interpolate(a, chords, "folk", 3))
    assert all(s.chords for s in model.interpolate(chords, chords, "folk", 3))


@pytest.mark.parametrize(
    ("score", "wish", "sentence"),
    [
        (tune("3/4"), {}, "the second in 3/4; a blend needs two in one metre"),
        (tune(), {"steps": 1}, "2 to 33 steps"),
        (tune(), {"steps": 34}, "2 to 33 steps"),
        (tune(), {"style": "jazz"}, "does not know the style 'jazz'"),
        (Score(parts=()), {}, "no notes"),
        (tune(bars=65), {}, "65 bars; give at most 64"),
        (replace(tune(), meters=((0, zoo.theory.Meter(5, 4)),)), {}, "knows the metres"),
    ],
)
def test_what_cannot_be_blended_is_said(model, score, wish, sentence):
    with pytest.raises(zoo.ZooError, match=sentence):
        model.interpolate(tune(), score, **{"style": "folk", **wish})


@pytest.mark.parametrize("bars", [1, 2, 7, 18])
def test_a_variation_at_no_distance_is_the_tune(model, bars):
    score = with_upbeat(bars)
    for variation in model.variations(score, "folk", 0, count=3):
        assert replace(variation, title=score.title) == replace(score, parts=variation.parts)
        assert variation.parts[0].notes == score.parts[0].notes


def test_at_no_distance_rounding_counts_for_nothing(model, monkeypatch):
    """Two rows of a batch that lie at one place may be decoded into two tunes, where two tokens are as likely."""
    decode = model._decode

    def rounded(place, latents, *rest):
        first, *others = decode(place, latents, *rest)
        return [first, *(replace(other, tokens=other.tokens * 0) for other in others)]

    monkeypatch.setattr(model, "_decode", rounded)
    score = with_upbeat(4)
    assert model.variations(score, "folk", 0)[0].notes == model.move(score, "folk", height=0).notes == score.notes
    assert model.variations(score, "folk", 0.5)[0].notes != score.notes


def test_variations_go_their_own_ways_and_farther_with_the_distance(model):
    score = tune(bars=16, seed=4)
    own = to_grid(score)
    near, far = (model.variations(score, "folk", distance, count=4, seed=1) for distance in (0.1, 0.9))
    assert len({variation.notes for variation in far}) == 4
    changed = [np.mean([distances(own, to_grid(v, 16)).sum() for v in found]) for found in (near, far)]
    assert 0 < changed[0] < changed[1]
    assert near == model.variations(score, "folk", 0.1, count=4, seed=1)
    assert near != model.variations(score, "folk", 0.1, count=4, seed=2)
    assert all(v.key == score.key and v.bars == 16 and v.title == "Variation at 0.1" for v in near)


def test_a_variation_keeps_the_upbeat_and_bars_that_did_not_change(model):
    score = with_upbeat(6)
    varied = model.variations(score, "song", 0.5, seed=2)[0]
    old, new = to_grid(score), to_grid(varied, 6)
    assert varied.notes[0] == score.notes[0] and varied.notes != score.notes
    for bar in range(6):
        start = 24 + 96 * bar
        if (old.tokens[bar] == new.tokens[bar]).all():
            assert [n for n in varied.notes if start <= n.onset < start + 90] == [
                n for n in score.notes if start <= n.onset < start + 90
            ]


@pytest.mark.parametrize(("distance", "count"), [(-0.1, 1), (1.1, 1), (float("nan"), 1), (0.5, 0), (0.5, 33)])
def test_variations_out_of_range_are_refused(model, distance, count):
    with pytest.raises(zoo.PromptError, match="variation"):
        model.variations(tune(), "folk", distance, count)


def test_attributes_move_the_tune_and_none_leaves_it(model):
    score = with_upbeat(8)
    assert model.move(score, "folk").parts[0].notes == score.notes
    assert model.move(score, "folk", density=0.0).parts[0].notes == score.notes
    more, less = model.move(score, "folk", density=3), model.move(score, "folk", density=-3)
    assert len({score.notes, more.notes, less.notes}) == 3
    both = model.move(score, "folk", density=3, height=-2)
    assert both.notes != more.notes and both.title == "density +3, height -2" and both.key == score.key


@pytest.mark.parametrize("amounts", [{"loudness": 1}, {"density": 3.5}, {"height": float("nan")}])
def test_other_attributes_and_amounts_are_refused(model, amounts):
    with pytest.raises(zoo.PromptError):
        model.move(tune(), "folk", **amounts)


def test_places_are_told_bar_for_bar(model):
    score = with_upbeat(34)
    places = model.encode(score, "song")
    assert [(p.bars, p.closes) for p in places] == [(16, False), (16, False), (2, True)]
    assert all(p.latent.dtype == np.float32 and (p.key, p.meter) == (score.key, score.meter) for p in places)
    back = model.decode(places)
    assert back == model.decode(places) and (back.key, back.meter) == (score.key, score.meter)
    assert to_grid(back, 34).bars == 34
    warm = [model.decode(places, temperature=1.0, seed=seed).notes for seed in (1, 1, 2)]
    assert warm[0] == warm[1] != warm[2]


def test_places_of_two_metres_or_none_are_refused(model):
    mixed = model.encode(tune(), "folk") + model.encode(tune("3/4"), "folk")
    for places in ([], mixed):
        with pytest.raises(zoo.PromptError, match="at least one place"):
            model.decode(places)


def test_the_bound_counts_each_note_of_the_full_bars_once(model):
    score = with_upbeat(18)
    cost = model.log_likelihood(score, "folk")
    assert cost.notes == len(score.notes) - 1 and 1 < cost.nats_per_note < 100
    assert model.log_likelihood(score, "folk") == cost
    among = model.log_likelihood_batch([tune("3/4", 2), Score(parts=()), score, tune(bars=2)], "folk")
    assert [c.notes for c in among] == [len(tune("3/4", 2).notes), 0, cost.notes, len(tune(bars=2).notes)]
    assert among[1].nats == 0


def test_scores_that_the_grid_cannot_hold_have_no_likelihood(model):
    odd = replace(tune(), meters=((0, zoo.theory.Meter(5, 4)),))
    assert model.log_likelihood(odd, "folk").notes == 0 and model.tokens(odd, "folk") == []
    with pytest.raises(zoo.PromptError, match="'jazz'"):
        model.log_likelihood(tune(), "jazz")


def test_tokens_begin_with_the_style_and_are_the_grids(model):
    parts = model.tokens(tune(bars=18), "song")
    assert [len(part) for part in parts] == [1 + 16 * 16, 1 + 2 * 16] and {part[0] for part in parts} == {1}
    assert np.array_equal(np.array(parts[1][1:]) - 2, to_grid(tune(bars=18)).tokens[16:].reshape(-1))
    assert max(map(max, parts)) < model.vocabulary


def test_a_melody_among_chords_is_what_is_varied(model):
    line = from_grid(to_grid(tune(bars=4)))
    both = line.with_parts([line.parts[0], Part((Note(0, 96, 48), Note(0, 96, 52)), "Chords")])
    varied = model.variations(both, "folk", 0.4)[0]
    assert len(varied.parts) == 1 and varied.notes == model.variations(line, "folk", 0.4)[0].notes
