"""Checkpoints: weights, card, curves and logs of the runs they come from."""

import io
import json
from dataclasses import asdict, replace

import pytest
import torch
from huggingface_hub.utils import filter_repo_objects
from PIL import Image
from safetensors.torch import load_file

import zoo
from zoo import registry
from zoo.cards import training_record
from zoo.checkpoint import write_checkpoint
from zoo.curves import curves
from zoo.hub import CHECKPOINT
from zoo.training import TrainConfig

WEIGHTS = {"layer": torch.tensor([[1.0, 2.0], [3.0, 4.0]]).t()}


@pytest.fixture
def runs(tmp_path):
    """A run's folder for each of two stages, the second interrupted once."""
    folders = []
    for stage, steps, logs in (("pretrain", (200, 400), 1), ("finetune", (100, 200), 2)):
        folder = tmp_path / "run" / stage
        (folder / "log").mkdir(parents=True)
        history = [
            {"step": step, "train": 300 / (100 + step), "valid": {"folk melody": 3 - step / 300, "folk score": 3.5}}
            for step in steps
        ]
        run = {
            "step": steps[-1], "best": 2.0, "best_step": steps[-1], "seconds": 5400.0, "tokens": 4_096_000,
            "valid": history[-1]["valid"], "history": history, "hardware": "an abacus", "fingerprint": "f00d",
        }
        (folder / "run.json").write_text(json.dumps(run))
        config = asdict(TrainConfig(steps=steps[-1], optimizer="muon", decay=stage == "finetune"))
        (folder / "config.json").write_text(json.dumps({**config, "data": "f00d"}))
        for number in range(logs):
            (folder / "log" / f"events.out.tfevents.179525554{number}.mymachine.8419.0").write_bytes(bytes([number]))
        folders.append(folder)
    return folders


@pytest.fixture
def checkpoint(tmp_path, runs):
    card = replace(zoo.card("lstm"), training=training_record([], {"train": [], "valid": [], "test": []}, runs))
    write_checkpoint(tmp_path / "checkpoint", WEIGHTS, card, {"network": {}}, runs)
    return tmp_path / "checkpoint"


def test_weights_are_halved_and_the_config_holds_card_and_network(checkpoint):
    [(name, weights)] = load_file(checkpoint / "model.safetensors").items()
    assert name == "layer" and weights.dtype == torch.float16 and torch.equal(weights.float(), WEIGHTS["layer"])
    assert json.loads((checkpoint / "config.json").read_text())["network"] == {}
    assert registry.read_card(checkpoint).name == "lstm"


def test_the_card_shows_the_picture_that_lies_beside_it(checkpoint):
    picture = registry.read_card(checkpoint).training["curves"]
    assert f"]({picture})" in (checkpoint / "README.md").read_text()
    width, height = Image.open(checkpoint / picture).size
    assert width > 900 and height > 600
    assert (checkpoint / picture).stat().st_size < 200_000


def test_logs_are_there_by_stage_without_the_name_of_the_machine(checkpoint):
    logs = {str(path.relative_to(checkpoint)): path.read_bytes() for path in checkpoint.rglob("*tfevents*")}
    assert logs == {
        "pretrain/events.out.tfevents.0": b"\0",
        "finetune/events.out.tfevents.0": b"\0",
        "finetune/events.out.tfevents.1": b"\1",
    }


def test_all_of_it_travels_to_the_hub(checkpoint):
    files = [str(path.relative_to(checkpoint)) for path in checkpoint.rglob("*") if path.is_file()]
    assert sorted(filter_repo_objects(files, allow_patterns=CHECKPOINT)) == sorted(files) and len(files) == 7


def test_curves_of_one_stage_with_one_measurement(runs):
    run = json.loads((runs[0] / "run.json").read_text())
    run["history"] = [{"step": 5, "train": 3.0, "valid": {"folk": 2.0}}]
    (runs[0] / "run.json").write_text(json.dumps(run))
    assert Image.open(io.BytesIO(curves(runs[:1]))).format == "PNG"
