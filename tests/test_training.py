"""The training loop, on a corpus that the test makes."""

import json

import numpy as np
import pytest
import torch

import zoo
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.models import _sequence_task
from zoo.models._lstm_network import LSTMConfig
from zoo.models.lstm import LSTM
from zoo.score import Note, Part, Score
from zoo.theory import Key
from zoo.training import TrainConfig

SMALL = TrainConfig(steps=6, batch=2, window=40, warmup=2, evaluate_every=3, save_every=2)


def pieces(count: int = 12) -> list[Piece]:
    """Scales up and down: music enough to learn something from."""
    result = []
    for number in range(count):
        pitches = [60 + step for step in (0, 2, 4, 5, 7, 5, 4, 2)] * 8
        notes = tuple(Note(24 * i, 24, p + number % 3) for i, p in enumerate(pitches))
        score = Score(parts=(Part(notes),), keys=((0, Key("C").transpose(number % 3)),))
        split = ("train", "train", "valid", "test")[number % 4]
        result.append(Piece(f"x/{number}", "x", "", "", "made", "folk", "melody", split, str(number), score))
    return result


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch):
    from zoo.models import lstm

    monkeypatch.setattr(lstm, "LSTMConfig", lstm_config)


def lstm_config(vocabulary, context_sizes, **_):
    return LSTMConfig(vocabulary, context_sizes, embedding=48, hidden=48, layers=1, dropout=0.0)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path):
    whole = LSTM.train(pieces(), tmp_path / "whole", SMALL)
    loss, calls = _sequence_task.SequenceTask.loss, []

    def interrupted(self, *arguments):
        calls.append(1)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return loss(self, *arguments)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(_sequence_task.SequenceTask, "loss", interrupted)
        LSTM.train(pieces(), tmp_path / "broken", SMALL)
    assert json.loads((tmp_path / "broken" / "training" / "run.json").read_text())["step"] == 4
    resumed = LSTM.train(pieces(), tmp_path / "broken", SMALL)
    for a, b in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_checkpoint_of_a_run_loads_and_composes(tmp_path):
    LSTM.train(pieces(), tmp_path / "run", SMALL)
    composer = zoo.load(str(tmp_path / "run" / "checkpoint"))
    stage = composer.card.training["stages"]["training"]
    assert stage["step"] == 6 and stage["measure"] == "nats per note" and composer.card.supports.meters == ("4/4",)
    assert composer.compose(zoo.Prompt(bars=4, seed=1)).bars == 4
    assert not list((tmp_path / "run").rglob("*.pt")), "no pickle"
    assert list((tmp_path / "run" / "training" / "log").glob("events.*")), "a TensorBoard log"


def test_training_learns(tmp_path):
    config = TrainConfig(
        steps=200, batch=4, window=80, warmup=5, averaging=0.9, evaluate_every=100, learning_rate=0.02
    )
    composer = LSTM.train(pieces(), tmp_path / "run", config)
    first = composer.log_likelihood(pieces()[3].score, "folk").nats_per_note
    assert first < 2, "untrained, a note of the scale costs over ten nats; knowing only the notes, four"


def test_a_run_without_progress_stops_early(tmp_path, monkeypatch):
    values = iter([3.0, 2.0, *[2.5] * 50])
    monkeypatch.setattr(_sequence_task.SequenceTask, "validate", lambda self: {"folk": next(values)})
    config = TrainConfig(steps=60, batch=1, window=20, evaluate_every=2, patience=3)
    for _ in range(2):  # and the same command again does not go on
        LSTM.train(pieces(), tmp_path / "run", config)
        run = json.loads((tmp_path / "run" / "training" / "run.json").read_text())
        assert (run["step"], run["best_step"], run["best"]) == (10, 4, 2.0)


def test_without_a_valid_split_there_is_no_training(tmp_path):
    with pytest.raises(ScoreError, match="valid split"):
        LSTM.train([p for p in pieces() if p.split == "train"], tmp_path / "run", SMALL)


def test_windows_that_begin_later_do_not_learn_a_false_start():
    codec_pieces = pieces()
    from zoo.codecs.events import EventCodec
    from zoo.codecs.sequences import sequence

    codec = EventCodec(("folk",))
    data = [sequence(codec, codec_pieces[0].score, "folk")]
    task = _sequence_task.SequenceTask(None, codec, data, data)
    rng = np.random.default_rng(0)
    starts = set()
    for _ in range(50):
        tokens, context, targets = task.window(rng, 40)
        assert len(tokens) == len(context) == len(targets) <= 40
        body = targets[task.header:-1]
        assert (tokens[task.header + 1 :] == body).all(), "each target is the next token"
        from_start = (tokens == data[0].tokens[: len(tokens)]).all()
        starts.add(bool(from_start))
        if not (context == data[0].context[: len(context)]).all():
            assert (targets[:task.header] == -1).all()
    assert starts == {True, False}, "both kinds of window were drawn"
