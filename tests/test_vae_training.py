"""Making a VAE: its prior learns where places lie, and a corpus becomes a checkpoint that composes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from vae_tunes import grid, tune

import zoo
from zoo.codecs.melody_grid import from_grid
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.models import _vae_training as training
from zoo.models._vae_network import VAEConfig, VAENetwork
from zoo.models._vae_prior import LENGTHS, Prior, PriorConfig, PriorTask, posteriors
from zoo.models._vae_task import MelodyTask, Objective, Tune, batches, bound, collate, tunes, windows
from zoo.models._vae_writing import blank
from zoo.models.vae import VAE
from zoo.score import Part
from zoo.theory import Key, Meter
from zoo.training import TrainConfig, train

STYLES = ("folk", "song")
WIDTHS = {"latent": 16, "embedding": 16, "encoder": 8, "rows": 8, "conductor": 16, "decoder": 24, "dropout": 0.0}


def network() -> VAENetwork:
    torch.manual_seed(0)
    return VAENetwork(VAEConfig(segments=16, segment_bars=1, styles=2, modes=6, **WIDTHS))


def toy_prior() -> Prior:
    torch.manual_seed(0)
    return Prior(PriorConfig(latent=4, styles=2, modes=6, lengths=16, hidden=32, layers=1))


def conditions(style: int, count: int = 64, bars: int = 4):
    return blank(network().config, count, bars, Meter(4, 4), style, 0, True)


def test_a_prior_draws_the_same_place_from_the_same_noise():
    prior, noise = toy_prior(), np.random.default_rng(0).standard_normal((3, 4))
    places = prior.draw(noise, conditions(0, 3))
    assert np.array_equal(places, prior.draw(noise, conditions(0, 3))) and len(np.unique(places)) == 12
    alone = prior.draw(noise[1:2], conditions(0, 1))
    assert alone[0] == pytest.approx(places[1], abs=1e-5)
    assert np.abs(places - prior.draw(noise, conditions(1, 3))).max() > 1e-3, "the style counts"


def test_a_length_that_the_prior_did_not_learn_is_asked_for_as_the_next_one_above():
    prior, noise = toy_prior(), np.random.default_rng(0).standard_normal((1, 4))
    drawn = {bars: prior.draw(noise, conditions(0, 1, bars)) for bars in range(1, 17)}
    assert all(np.array_equal(drawn[bars], drawn[min(n for n in LENGTHS if n >= bars)]) for bars in drawn)
    assert len({place.tobytes() for place in drawn.values()}) == len(LENGTHS)


def test_a_prior_learns_where_the_places_of_each_style_lie(tmp_path):
    """Folk around 2, song around -2, in the first of four dimensions."""
    rng = torch.Generator().manual_seed(0)
    data = []
    for style, center in ((0, 2.0), (1, -2.0)):
        means = torch.randn(64, 4, generator=rng) * 0.3
        means[:, 0] += center
        data.append((conditions(style), means, torch.full((64, 4), 0.1)))
    prior = toy_prior()
    task = PriorTask(prior, data, data)
    before = task.validate()["places"]
    config = TrainConfig(
        steps=150, batch=64, window=1, learning_rate=0.01, warmup=10, averaging=0.95, evaluate_every=150
    )
    record = train(task, config, tmp_path, lambda _: None)
    assert record["measure"] == "mean squared error of the velocity"
    assert record["valid"]["places"] < before / 2
    noise = np.random.default_rng(1).standard_normal((64, 4))
    folk, song = (prior.eval().draw(noise, conditions(style))[:, 0] for style in (0, 1))
    assert folk.mean() == pytest.approx(2, abs=0.4) and song.mean() == pytest.approx(-2, abs=0.4)
    assert folk.std() < 1, "of their own, not of all places"


def test_posteriors_are_what_the_network_says():
    made = network()
    batch = collate([Tune("folk", grid(bars=4)), Tune("song", grid(bars=4, seed=1))], STYLES, made.config)
    (found, mean, deviation), = posteriors(made, [batch])
    expected, log_variance = made.encode(batch)
    assert found is batch and torch.allclose(mean, expected) and torch.allclose(deviation**2, log_variance.exp())


def test_windows_are_whole_and_sound():
    long = Tune("folk", grid(bars=10))
    assert [(w.grid.bars, w.closes) for w in windows(long, 4)] == [(4, False), (4, False)]
    assert [w.closes for w in windows(long, 5)] == [False, True]
    long.grid.tokens[:4] = 0
    assert len(windows(long, 4)) == 1


def test_tunes_of_one_metre_and_length_stand_together():
    found = [Tune("folk", grid(meter, bars, seed)) for seed, (meter, bars) in enumerate(
        [("4/4", 4), ("3/4", 4), ("4/4", 4), ("4/4", 8), ("4/4", 4)]
    )]
    groups = list(batches(found, 2))
    assert sorted(map(len, groups)) == [1, 1, 1, 2]
    assert all(len({(str(t.grid.meter), t.grid.bars) for t in group}) == 1 for group in groups)


def test_bars_that_fill_up_cost_nothing():
    made = network().eval()
    batch = collate([Tune("folk", grid(bars=8)), Tune("folk", grid(bars=3, seed=1))], STYLES, made.config)
    other = replace(batch, tokens=batch.tokens.clone())
    other.tokens[1, 3:] = 7
    costs = [bound(made, data, noise=torch.zeros(1, made.config.latent)) for data in (batch, other)]
    for a, b in zip(*costs):
        torch.testing.assert_close(a, b)


def test_the_network_learns(tmp_path):
    found = [Tune(STYLES[seed % 2], grid(meter, 16, seed)) for seed, meter in enumerate(["4/4", "3/4"] * 4)]
    task = MelodyTask(network(), STYLES, found, found, Objective(weight=0.1, free_bits=0))
    before = task.validate()
    config = TrainConfig(steps=40, batch=8, window=16, learning_rate=0.02, warmup=2, averaging=0.5, evaluate_every=20)
    record = train(task, config, tmp_path, lambda _: None)
    assert record["measure"] == "nats per note of the objective" and set(record["valid"]) == set(STYLES)
    assert all(record["valid"][style] < before[style] - 2 for style in STYLES)


def pieces(count: int = 12) -> list[Piece]:
    result = []
    for number in range(count):
        split = ("train", "train", "valid", "test")[number % 4]
        score = replace(tune(("4/4", "3/4")[number % 2], 18, number), keys=((0, Key("G")),))
        if number % 3 == 0:
            score = replace(score, chords=((0, "G"), (96, "D7")))
        result.append(Piece(f"x/{number}", "x", "", "", "made", STYLES[number % 3 == 0], "", split, str(number), score))
    return result


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(training, "VAEConfig", lambda **given: VAEConfig(**{**given, **WIDTHS}))
    monkeypatch.setattr(training, "PriorConfig", lambda *given: PriorConfig(*given, hidden=16, layers=1))
    for name in ("SIXTEEN", "TWO"):
        monkeypatch.setattr(training, name, replace(getattr(training, name), steps=2, batch=2))
    monkeypatch.setattr(training, "PRIOR", replace(training.PRIOR, steps=2))


def test_a_corpus_becomes_a_checkpoint_that_composes_and_blends(tmp_path, small):
    made = VAE.train(pieces(), tmp_path / "run", training.SIXTEEN)
    composer = zoo.load(str(tmp_path / "run" / "checkpoint"))
    stages = composer.card.training["stages"]
    assert {name: stage["measure"] for name, stage in stages.items()} == {
        "sixteen": "nats per note of the objective", "two": "nats per note of the objective",
        "prior": "mean squared error of the velocity",
    }
    assert composer.card.supports.styles == STYLES and set(composer.card.supports.meters) == {"4/4", "3/4"}
    assert composer.known["song"]["chords"] and not composer.known["folk"]["chords"]
    assert composer.shares["folk"] == pytest.approx({"4/4 major": 0.5, "3/4 major": 0.5})
    assert composer.compose(zoo.Prompt(style="song", bars=4, seed=1)).chords
    for name, network in made.networks.items():
        for a, b in zip(network.parameters(), composer.networks[name].parameters(), strict=True):
            torch.testing.assert_close(a, b, atol=2e-3, rtol=2e-3)
    for name, rows in made.directions.items():
        assert composer.directions[name] == pytest.approx(rows, rel=2e-3, abs=1e-2)
    assert composer.prior.center.numpy() == pytest.approx(made.prior.center.numpy(), abs=1e-2)
    assert len(composer.interpolate(tune(seed=1), tune(seed=2), "folk", 3)) == 3
    assert not list((tmp_path / "run").rglob("*.pt")), "no pickle"
    text = (tmp_path / "run" / "checkpoint" / "README.md").read_text()
    assert "| nats per note of the objective, valid | sixteen | two |" in text


def test_too_few_pieces_are_said_to_be_too_few(tmp_path):
    with pytest.raises(ScoreError, match="valid split"):
        VAE.train([piece for piece in pieces() if piece.split == "train"], tmp_path, training.SIXTEEN)


def test_tunes_keep_the_chord_symbols_of_their_own_bars():
    silence = tuple(n for n in tune("4/4", 16).notes if not 384 <= n.onset < 672)  # four bars, a rest of three, nine
    score = replace(tune("4/4", 16), parts=(Part(silence),), chords=((0, "C"), (96, "G7"), (480, "F"), (768, "Am")))
    found = tunes([replace(pieces(1)[0], score=score)])["train"]
    assert [from_grid(t.grid).chords[:2] for t in found] == [((0, "C"), (96, "G7")), ((0, "F"), (96, "Am"))]


def test_metres_that_the_grid_lacks_are_passed_over():
    odd = [replace(piece, score=replace(piece.score, meters=((0, Meter(5, 4)),))) for piece in pieces(4)]
    found = tunes([*odd, *pieces(4)])
    assert {split: len(rows) for split, rows in found.items()} == {"train": 2, "valid": 1, "test": 1}
