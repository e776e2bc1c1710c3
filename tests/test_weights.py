"""Weights of a checkpoint, in one file and in shards."""

import json
import shutil

import pytest
import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import load_file, save_file

import zoo
from zoo import registry
from zoo.weights import read_weights

LSTM = registry.CHECKPOINTS / "lstm"


def test_halves_are_read_as_fp32_and_counts_as_they_are(tmp_path):
    save_file({"a": torch.tensor([0.5, -2.0]).half(), "n": torch.tensor([3])}, tmp_path / "model.safetensors")
    weights = read_weights(tmp_path)
    assert weights["a"].dtype == torch.float32 and weights["a"].tolist() == [0.5, -2.0]
    assert weights["n"].dtype == torch.int64


def test_shards_compose_as_one_file_does(tmp_path):
    shutil.copy(LSTM / "config.json", tmp_path)
    save_torch_state_dict(load_file(LSTM / "model.safetensors"), tmp_path, max_shard_size="5MB")
    assert len(list(tmp_path.glob("model-*-of-*.safetensors"))) > 1
    prompt = zoo.Prompt(notes="C4 E4 G4", bars=4, seed=7)
    assert zoo.load(str(tmp_path)).compose(prompt) == zoo.load("lstm").compose(prompt)


@pytest.mark.parametrize("index", ["", "[]", '{"weight_map": {"a": "model-1.safetensors"}}', '{"weight_map": {}}'])
def test_a_bad_index_is_one_sentence(tmp_path, index):
    shutil.copy(LSTM / "config.json", tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(index)
    with pytest.raises(zoo.ModelNotFound, match="damaged"):
        zoo.load(str(tmp_path))


def test_an_index_leads_to_no_other_folder(tmp_path):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    save_file({"a": torch.ones(1)}, tmp_path / "other.safetensors")
    index = {"weight_map": {"a": "../other.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(FileNotFoundError):
        read_weights(folder)
