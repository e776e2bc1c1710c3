"""From a folder of tunes to a style in the menu, with a network so small that it takes seconds."""

import json
from dataclasses import replace

import pytest
import torch
from tiny_gpt2 import STYLES, save_tiny, write_tunes

import zoo
from zoo import finetuning, installed
from zoo.cli import main
from zoo.codecs.sequences import sequences
from zoo.composer import Likelihood, Supports
from zoo.corpus import load
from zoo.models import _gpt2_training, _sequence_task
from zoo.models._gpt2_growth import GrowthTask, grow

QUICK = replace(
    finetuning.CONFIG, steps=30, batch=4, window=128, learning_rate=0.02, matrix_rate=2.5e-3, warmup=1,
    evaluate_every=10,
)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A model 'tiny' of the family gpt2, the only one beside the bundled, in a folder for models of one's own."""
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(installed, "_elsewhere", {})
    save_tiny(tmp_path / "models" / "tiny")
    return zoo.load("tiny")


def test_a_folder_becomes_a_style(tiny, tmp_path):
    pieces, _ = load([write_tunes(tmp_path / "tunes", 12)])
    said = []
    learned = finetuning.finetune(tiny, pieces, "mine", tmp_path / "models" / "mine", QUICK, said.append)
    assert learned["model"] == "tiny" and learned["base"] in STYLES and learned["pieces"] == 2
    assert learned["share"] > 0 and any(f"{learned['share']:.0%} is kept" in line for line in said)
    assert list(learned["after"]) == ["melodies"], "they are of one line"
    assert learned["after"]["melodies"] < learned["before"]["melodies"] - 0.5
    assert any("12 tunes are few" in line for line in said)
    assert f"{learned['after']['melodies']:.3f}" in finetuning.table(learned)

    assert zoo.list_models()[-2:] == ["mine", "tiny"] and zoo.list_models(style="mine") == ["mine"]
    style, card = zoo.styles()["mine"], zoo.card("mine")
    assert (style.title, style.lead, style.tempo(zoo.score.Meter(4, 4)), style.writes) == ("Mine", 40, 90, "melody")
    assert card.supports == Supports(("mine",), ("4/4",), ("minor",), polyphony=False)
    assert card.training["finetuned"]["before"]["melodies"] == learned["before"]["melodies"]
    assert card.training["test"]["styles"]["mine"]["nats_per_note"] == learned["after"]["melodies"]
    found = sorted(path.name for path in (tmp_path / "models" / "mine").iterdir())
    assert found == ["README.md", "config.json", "finetune", "loss.png", "model.safetensors"]

    prompt = zoo.Prompt(notes="D4 E4 F4", style="mine", bars=4, seed=1)
    played = zoo.arrange(zoo.load("mine").compose(prompt), "mine")
    assert [note.pitch for note in played.parts[0].notes[:3]] == [62, 64, 65]
    assert played.parts[0].program == 40
    with pytest.raises(zoo.PromptError, match="folk"):
        zoo.load("mine").compose(zoo.Prompt(style="folk"))


def test_scores_of_two_parts_are_measured_whole_too(tiny, tmp_path):
    pieces, _ = load([write_tunes(tmp_path / "tunes", 10, parts=2)])
    learned = finetuning.finetune(tiny, pieces, "duets", tmp_path / "models" / "duets", replace(QUICK, steps=2))
    assert list(learned["before"]) == list(learned["after"]) == ["melodies", "whole scores"]
    assert zoo.styles()["duets"].writes == "2" and zoo.card("duets").supports.polyphony


def test_the_nearest_style_is_the_likeliest(tiny, tmp_path, monkeypatch):
    pieces, _ = load([write_tunes(tmp_path / "tunes", 3)])
    nats = {"folk": 1.0, "jazz": 2.0}
    monkeypatch.setattr(tiny, "log_likelihood_batch", lambda scores, style: [Likelihood(nats[style], 9)] * len(scores))
    assert finetuning.nearest_style(tiny, pieces) == "folk"


def test_noise_is_not_kept_and_half_of_it_is_measured(tiny, tmp_path):
    pieces, _ = load([write_tunes(tmp_path / "tunes", 10)])
    network, codec = grow(tiny.network, tiny.codec, "mine", "folk")
    data, _ = sequences(codec, [replace(p, style="mine") for p in pieces], _gpt2_training.views)
    task = GrowthTask(network, codec, data)
    torch.manual_seed(0)
    output = "gpt2.lm_head.weight"
    noise = torch.randn_like(task.before[output])

    def put(share):
        network.load_state_dict({**task.before, output: task.before[output] + share * noise})

    put(0.5)
    half = _sequence_task.nats_per_note(network, data["valid"], codec.header_tokens, task.kind)
    put(1)
    assert task.validate() == pytest.approx(half)
    put(1)
    assert task.mix() == 0
    assert torch.equal(network.state_dict()[output], task.before[output])


def test_an_interrupted_one_goes_on(tiny, tmp_path, monkeypatch):
    corpus, whole, broken = write_tunes(tmp_path / "tunes", 10), tmp_path / "whole", tmp_path / "broken"
    config = replace(QUICK, steps=4, save_every=2, evaluate_every=2)
    pieces, _ = load([corpus])
    finetuning.finetune(tiny, pieces, "mine", whole, config)
    loss, calls = _sequence_task.PackedTask.loss, []

    def interrupted(self, *arguments):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return loss(self, *arguments)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(_sequence_task.PackedTask, "loss", interrupted)
        finetuning.finetune(tiny, pieces, "mine", broken, config)
    assert not (broken / "config.json").exists(), "no half model in the menu"
    finetuning.finetune(tiny, pieces, "mine", broken, config)
    assert (broken / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_a_fine_tuned_model_is_fine_tuned_again(tiny, tmp_path):
    pieces, _ = load([write_tunes(tmp_path / "tunes", 6)])
    short = replace(QUICK, steps=1)
    finetuning.finetune(tiny, pieces, "mine", tmp_path / "models" / "mine", short)
    finetuning.finetune(zoo.load("mine"), pieces, "mine-too", tmp_path / "models" / "mine-too", short)
    config = json.loads((tmp_path / "models" / "mine-too" / "config.json").read_text())
    assert config["codec"]["styles"] == ["folk", "jazz", "mine", "mine-too"]
    assert list(config["known"]) == list(config["style_rows"]) == ["mine-too"]


def test_the_command_says_what_it_learned(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(finetuning, "CONFIG", QUICK)
    write_tunes(tmp_path / "tunes", 7)
    command = ["finetune", "tiny", "--corpus", str(tmp_path / "tunes"), "--steps", "2"]
    assert main([*command, "--style", "mine"]) == 0
    shown = capsys.readouterr().out
    assert "7 tunes are few" in shown and "nats per note on 1 held-out pieces" in shown and "generate mine" in shown
    assert main([*command, "--style", "yours", "--out", str(tmp_path / "elsewhere")]) == 0
    out = str(tmp_path / "a.mid")
    assert main(["generate", "mine", "--bars", "2", "--seed", "1", "--out", out]) == 0
    assert main(["generate", str(tmp_path / "elsewhere"), "--style", "yours", "--bars", "2", "--out", out]) == 0
    assert main(["evaluate", "mine", "--corpus", str(tmp_path / "tunes"), "--json"]) == 0
    measured = json.loads(capsys.readouterr().out.splitlines()[-1])["styles"]["mine"]
    assert measured["nats_per_note"] == zoo.card("mine").training["test"]["styles"]["mine"]["nats_per_note"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["lstm", "--style", "mine"], "gpt2"),
        (["gpt9", "--style", "mine"], "gpt9"),
        (["tiny", "--style", "Mine"], "'Mine'"),
        (["tiny", "--style", "m" * 31], "1 to 30"),
        (["tiny", "--style", "folk"], "'folk' already"),
        (["tiny", "--style", "tiny"], "'tiny' already"),
        (["tiny", "--style", "lstm"], "'lstm' already"),
        (["tiny", "--style", "mine"], "3 usable tunes"),
        (["tiny", "--style", "mine", "--steps", "0"], "--steps"),
        (["tiny", "--style", "mine", "--out", "no/such/folder"], "no/such"),
        (["tiny", "--style", "mine", "--out", "tunes/tune 0.mid"], "is a file"),
        (["tiny", "--style", "mine", "--out", "models/tiny"], "already"),
        (["tiny", "--style", "mine", "--corpus", "nowhere"], "nowhere"),
        (["tiny"], "--style"),
    ],
)
def test_mistakes_get_one_line_and_leave_nothing_behind(tiny, tmp_path, monkeypatch, capsys, arguments, word):
    monkeypatch.chdir(tmp_path)
    write_tunes(tmp_path / "tunes", 3)
    before = sorted(installed.own_models().rglob("*"))
    assert main(["finetune", "--corpus", "tunes", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1 and word in shown.err
    assert sorted(installed.own_models().rglob("*")) == before
