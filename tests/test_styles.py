"""Styles: the table, and the rows that fine-tuned checkpoints bring."""

import json

import pytest

import zoo
from zoo import installed
from zoo.codecs.events import TEXTURES
from zoo.styles import Style

ROW = {
    "title": "Mine", "title_zh": "Mine", "about": "Learned from 50 tunes.", "tempos": {"4/4": 90, "other": 100},
    "keys": ["D minor"], "lead": 40, "accompaniment": [24, 32], "corpora": [], "writes": "2", "harmony": "folk",
    "texture": "pattern", "patterns": {"4/4": [{"bass": "1---", "chords": ".x.x"}]},
}


def bring(folder, name="mine", row=ROW):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"style_rows": {name: row}}))


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_table():
    table = zoo.styles()
    assert list(table) == ["folk", "classical", "chorale", "song", "jazz"]
    assert {name: style.writes for name, style in table.items()} == {
        "folk": "melody", "classical": "2", "chorale": "4", "song": "chords", "jazz": "2",
    }
    assert all(style.writes in TEXTURES for style in table.values())


def test_a_checkpoint_brings_its_style_while_the_program_runs(models):
    assert "mine" not in zoo.styles()
    bring(models / "mine")
    assert list(zoo.styles())[-1] == "mine"
    assert zoo.styles()["mine"] == Style.from_row("mine", ROW)
    bring(models / "mine", row={**ROW, "title": "Anew", "about": "Learned from 51 tunes."})
    assert zoo.styles()["mine"].title == "Anew"


def test_such_a_style_can_be_asked_for_and_played(models):
    bring(models / "mine")
    prompt = zoo.Prompt(notes="D4 F4 A4 D5 C5 A4 F4 D4", style="mine")
    played = zoo.arrange(prompt.score, "mine")
    assert [part.name for part in played.parts] == ["Melody", "Chords", "Bass"]
    assert [part.program for part in played.parts] == [40, 24, 32]
    with pytest.raises(zoo.PromptError, match="mine"):
        zoo.Prompt(style="yours")


def test_no_checkpoint_changes_the_table(models):
    folk = zoo.styles()["folk"]
    bring(models / "mine", name="folk")
    assert zoo.styles()["folk"] == folk


def test_a_checkpoint_from_elsewhere_is_known_once_it_is_met(tmp_path):
    config = json.loads((installed.CHECKPOINTS / "lstm" / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "style_rows": {"from-elsewhere": ROW}}))
    assert "from-elsewhere" not in zoo.styles()
    zoo.card(str(tmp_path))
    assert "from-elsewhere" in zoo.styles()
    (tmp_path / "config.json").unlink()
    assert "from-elsewhere" not in zoo.styles()


@pytest.mark.parametrize("name", ["Mine", "../mine", "a" * 31, ""])
def test_a_name_that_is_none_is_passed_over(models, name):
    bring(models / "mine", name)
    assert name not in zoo.styles()


@pytest.mark.parametrize("row", [{}, 3, {**ROW, "keys": ["H"]}, {**ROW, "extra": 1}, {**ROW, "patterns": []}])
def test_a_row_that_is_none_is_passed_over(models, row):
    bring(models / "mine", row=row)
    assert "mine" not in zoo.styles()
