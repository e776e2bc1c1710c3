"""The registry: what is found by name, and what is said where nothing is."""

import json
import shutil

import pytest

import zoo
from zoo import installed, registry
from zoo.composer import Composer


def test_a_second_family_of_the_same_name_is_an_error():
    registry.family("lstm")
    second = type("LSTM", (Composer,), {})
    with pytest.raises(TypeError, match="lstm"):
        registry.register(second)


def test_models_are_listed_by_pattern_and_style(monkeypatch, tmp_path):
    source = registry.CHECKPOINTS / "lstm" / "config.json"
    monkeypatch.setattr(installed, "CHECKPOINTS", tmp_path)
    for name, styles in (("lstm", ["folk", "jazz"]), ("lstm-small", ["folk"]), ("vae", ["jazz"])):
        config = json.loads(source.read_text())
        config["card"]["supports"]["styles"] = styles
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
    (tmp_path / "no-checkpoint").mkdir()
    assert zoo.list_models() == ["lstm", "lstm-small", "vae"]
    assert zoo.list_models("lstm*") == ["lstm", "lstm-small"]
    assert zoo.list_models(style="jazz") == ["lstm", "vae"]
    assert zoo.list_models("lstm*", style="jazz") == ["lstm"]
    assert zoo.list_models("gpt*") == []


def test_own_models_come_after_the_bundled_and_take_no_name_of_theirs(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path))
    bundled = zoo.list_models()
    for name in ("aaa", "lstm", "unfinished"):
        (tmp_path / name).mkdir()
        if name != "unfinished":
            shutil.copy(registry.CHECKPOINTS / "lstm" / "config.json", tmp_path / name)
    assert zoo.list_models() == [*bundled, "aaa"]
    assert registry.checkpoint_folder("aaa") == tmp_path / "aaa"
    assert registry.checkpoint_folder("lstm") == registry.CHECKPOINTS / "lstm"


def test_a_card_is_read_anew(tmp_path):
    """A checkpoint that was just trained or measured shows its own figures, not those of before."""
    shutil.copy(registry.CHECKPOINTS / "lstm" / "config.json", tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert zoo.card(str(tmp_path)).title == config["card"]["title"]
    config["card"]["title"] = "Other"
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert zoo.card(str(tmp_path)).title == "Other"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"card": {}}', '{"card": {"supports": {"styles": 3, "x": 1}}}'])
def test_what_is_no_card_is_one_sentence(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(zoo.ModelNotFound, match="no model card"):
        zoo.card(str(tmp_path))


@pytest.mark.parametrize("name", ["lstn", "LSTM", "", ".", "/", "../..", "a/b/c", "lstm/../lstm"])
def test_an_unknown_name_lists_the_nearest(name):
    with pytest.raises(zoo.ModelNotFound, match="lstm"):
        zoo.load(name)


@pytest.mark.parametrize("weights", [None, b"", b"\xff" * 100])
def test_damaged_weights_are_one_sentence(tmp_path, weights):
    shutil.copy(registry.CHECKPOINTS / "lstm" / "config.json", tmp_path)
    if weights is not None:
        (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(zoo.ModelNotFound, match="damaged"):
        zoo.load(str(tmp_path))
