"""GPT-2's two stages on a corpus that the test makes: arrays, packing, a checkpoint that composes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import zoo
from zoo.codecs.events import EventCodec
from zoo.codecs.sequences import load, save, sequence
from zoo.corpus.piece import Piece
from zoo.errors import ScoreError
from zoo.models import _gpt2_training as training
from zoo.models import gpt2
from zoo.models._gpt2_network import GPT2NetworkConfig
from zoo.models._sequence_task import PackedTask
from zoo.score import Note, Part, Score
from zoo.theory import Key

SMALL = replace(training.PRETRAIN, steps=6, batch=2, window=64, warmup=2, evaluate_every=3, save_every=2)


def pieces(count: int = 12) -> list[Piece]:
    """Scales in two voices."""
    result = []
    for number in range(count):
        upper = tuple(Note(24 * i, 24, 72 + step + number % 3) for i, step in enumerate((0, 2, 4, 5, 7, 5, 4, 2) * 4))
        lower = tuple(Note(48 * i, 48, 48 + step + number % 3) for i, step in enumerate((0, 4, 7, 4) * 4))
        score = Score(parts=(Part(upper), Part(lower)), keys=((0, Key("C").transpose(number % 3)),))
        split = ("train", "train", "valid", "test")[number % 4]
        result.append(Piece(f"x/{number}", "x", "", "", "made", "chorale", "duet", split, str(number), score))
    return result


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(training, "PRETRAIN", SMALL)
    monkeypatch.setattr(training, "FINETUNE", replace(SMALL, decay=True, measure_first=True))
    tiny = {"width": 32, "layers": 1, "heads": 2}
    monkeypatch.setattr(gpt2, "GPT2NetworkConfig", lambda *sizes, **given: GPT2NetworkConfig(*sizes, **(given or tiny)))


def test_two_stages_leave_a_checkpoint_that_composes(tmp_path, small):
    gpt2.GPT2.train(pieces(), tmp_path / "run", SMALL)
    composer = zoo.load(str(tmp_path / "run" / "checkpoint"))
    assert list(composer.card.training["stages"]) == ["pretrain", "finetune"]
    assert composer.card.training["sequences"]["train"] == 12, "of each of six pieces the melody, and the whole"
    score = composer.compose(zoo.Prompt(style="chorale", bars=4, seed=1))
    assert score.bars == 4 and len(score.parts) == 4
    assert (tmp_path / "run" / "checkpoint" / "loss.png").exists()


def test_the_same_command_gives_the_same_run(tmp_path, small):
    runs = [gpt2.GPT2.train(pieces(), tmp_path / name, SMALL) for name in ("a", "b")]
    for a, b in zip(*(run.network.parameters() for run in runs), strict=True):
        assert torch.equal(a, b)


def test_a_run_is_not_resumed_on_other_music(tmp_path, small):
    gpt2.GPT2.train(pieces(), tmp_path / "run", SMALL)
    with pytest.raises(ScoreError, match="other music"):
        gpt2.GPT2.train(pieces(8), tmp_path / "run", SMALL)


def test_packed_rows_are_full_and_count_from_nought_in_each_window():
    codec = EventCodec(("chorale",), polyphonic=True)
    data = [sequence(codec, piece.score, "chorale") for piece in pieces()]
    task = PackedTask(None, codec, data, data, training.kind_of(codec))
    tokens, context, targets, positions = task._row(np.random.default_rng(0), 500)
    assert len(tokens) == len(context) == len(targets) == len(positions) == 500
    starts = np.flatnonzero(positions == 0)
    assert len(starts) > 2
    assert all(codec.kinds[tokens[start]] == "style" for start in starts), "each window begins with the header"
    steps = np.diff(positions)
    assert set(steps[steps != 1]) == {0 - positions[start - 1] for start in starts[1:]}


def test_arrays_come_back_from_their_file(tmp_path):
    codec = EventCodec(("chorale",), polyphonic=True)
    data = {"train": [sequence(codec, piece.score, "chorale") for piece in pieces(4)], "valid": [], "test": []}
    save(data, tmp_path / "data.safetensors")
    again = load(tmp_path / "data.safetensors")
    assert again["valid"] == [] and len(again["train"]) == 4
    for a, b in zip(data["train"], again["train"], strict=True):
        assert a.style == b.style and a.notes == b.notes
        assert np.array_equal(a.tokens, b.tokens) and np.array_equal(a.context, b.context)
