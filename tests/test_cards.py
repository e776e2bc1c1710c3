"""Model cards: what the Hub reads of them, and that they are what the code writes."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from huggingface_hub import ModelCard as HubCard

import zoo
from zoo import registry
from zoo.cards import card_text, record_test, training_record, write_card
from zoo.codecs.sequences import Sequence
from zoo.corpus.piece import Piece
from zoo.score import Score
from zoo.training import TrainConfig

# Of the identifiers that the Hub takes, those under which the zoo's weights may come.
LICENCES = ("mit", "apache-2.0", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0")


@pytest.mark.parametrize("name", zoo.list_models())
def test_the_hub_reads_the_bundled_cards(name):
    path = registry.CHECKPOINTS / name / "README.md"
    ours, data = zoo.card(name), HubCard.load(path).data
    assert data.license == ours.licence and data.license in LICENCES
    assert data.library_name == "composer-zoo"
    assert data.pipeline_tag == "other"
    assert "symbolic-music" in data.tags
    assert {(r.dataset_config, r.dataset_split, r.metric_type, r.metric_value) for r in data.eval_results or []} == {
        (f"{style} {name}", "test", "nats_per_note", round(row["nats_per_note"], 3))
        for what, name in (("styles", "melodies"), ("scores", "whole scores"))
        for style, row in ours.training.get("test", {}).get(what, {}).items()
    }


@pytest.mark.parametrize("name", zoo.list_models())
def test_the_bundled_cards_are_what_the_code_writes(name):
    """A card is written from the run's record: who changes its text changes zoo/cards.py and writes all anew."""
    assert (registry.CHECKPOINTS / name / "README.md").read_text(encoding="utf-8") == card_text(zoo.card(name))


def test_a_model_without_figures_has_a_card_too():
    data = HubCard(card_text(replace(zoo.card("lstm"), training={}))).data
    assert data.license == "mit"
    assert data.eval_results is None and data.model_name is None


@pytest.fixture
def two_stages(tmp_path):
    """The card of a model that was trained in two stages, on three pieces; the older record names no measure."""
    return trained_in_two_stages(tmp_path, {}, {"measure": "nats per note"})


def trained_in_two_stages(tmp_path, *more: dict):
    runs = []
    for stage, steps, nats, fields in zip(("pretrain", "finetune"), (1100, 300), (2.5, 2.25), more):
        folder = tmp_path / stage
        folder.mkdir()
        run = {
            "step": steps, "best": nats, "best_step": steps - 100, "seconds": 5400.0, "tokens": 11_264_000,
            "valid": {"folk melody": nats}, "history": [], "hardware": "an abacus, float32", "fingerprint": "f00d",
            **fields,
        }
        (folder / "run.json").write_text(json.dumps(run))
        config = asdict(TrainConfig(batch=40, window=256, optimizer="muon", decay=stage == "finetune"))
        (folder / "config.json").write_text(json.dumps({**config, "data": "f00d"}))
        runs.append(folder)
    pieces = [
        Piece("x", "bach-chorales", "", "", "CC0-1.0", "folk", "", split, "", Score(parts=()))
        for split in ("train", "train", "test")
    ]
    sequence = Sequence("folk", np.zeros(4, np.int16), np.zeros((4, 1), np.uint8), 700)
    data = {"train": [sequence] * 3, "valid": [], "test": [sequence]}
    return replace(zoo.card("lstm"), training=training_record(pieces, data, runs))


def test_a_card_tells_data_splits_and_every_stage(two_stages):
    text = card_text(two_stages)
    for line in (
        "| pretrain | 1,100 | 1,000 | 1.5 | 11.3 M | 40 × 256 | Muon, and AdamW | 0.01, and 0.002; no decay "
        "| an abacus, float32 |",
        "| finetune | 300 | 200 | 1.5 | 11.3 M | 40 × 256 | Muon, and AdamW | 0.01, and 0.002; cosine decay "
        "| an abacus, float32 |",
        "| nats per note, valid | pretrain | finetune |",
        "| folk melody | 2.500 | 2.250 |",
        "| train | 2 | 3 | 2,100 |",
        "| valid | 0 | 0 | 0 |",
        "| test | 1 | 1 | 700 |",
        "| bach-chorales | 2 |",
        "- CC0-1.0: 2 pieces",
    ):
        assert line in text.splitlines()
    assert "Trained for 3.0 hours" in text
    assert two_stages.training["stages"]["pretrain"].keys() == {
        "step", "best_step", "seconds", "tokens", "valid", "hardware", "fingerprint", "config",
    }


def test_stages_that_are_measured_otherwise_have_a_table_of_their_own(tmp_path):
    lines = card_text(trained_in_two_stages(tmp_path, {}, {"measure": "mean squared error"})).splitlines()
    first = lines.index("| nats per note, valid | pretrain |")
    second = lines.index("| mean squared error, valid | finetune |")
    assert lines[first + 2] == "| folk melody | 2.500 |" and lines[second + 2] == "| folk melody | 2.250 |"


def test_held_out_figures_are_added_to_a_card(tmp_path, two_stages):
    row = {"nats_per_note": 2.0, "notes": 1000, "pieces": 9, "unigram": 6.0, "markov3": 4.0}
    write_card(tmp_path, two_stages, {"codec": {}})
    result = {"model": "lstm", "split": "test", "styles": {"folk": row}, "scores": {"folk": {**row, "notes": 2000}}}
    record_test(tmp_path, two_stages, result)
    text = (tmp_path / "README.md").read_text()
    assert "| folk | 9 | 1,000 | 6.000 | 4.000 | 2.000 | 50% |" in text.splitlines()
    assert "| folk | 9 | 2,000 | 6.000 | 4.000 | 2.000 | 50% |" in text.splitlines()
    assert [r.dataset_config for r in HubCard(text).data.eval_results] == ["folk melodies", "folk whole scores"]
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["codec"] == {} and config["card"]["training"]["test"].keys() == {"styles", "scores"}
