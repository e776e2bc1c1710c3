"""The command line: the verbs, their files, and one line for every mistake."""

import json

import pytest

import zoo
from zoo.cli import main

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_list_json_is_json_and_nothing_else(capsys):
    assert main(["list", "--json"]) == 0
    assert "lstm" in [card["name"] for card in json.loads(capsys.readouterr().out)]


def test_generate_twice_gives_the_same_bytes(tmp_path):
    command = ["generate", "lstm", "--style", "folk", "--notes", "C4 E4 G4", "--seed", "7", "--bars", "4", "--out"]
    assert main([*command, "a.mid"]) == main([*command, "b.mid"]) == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    score = zoo.read("a.mid")
    assert [n.pitch for n in score.parts[0].notes[:3]] == [60, 64, 67] and len(score.parts) > 1
    assert len({n.velocity for n in score.notes}) > 5, "no typewriter"


def test_notes_longer_than_a_file_name():
    notes = " ".join(["C4 E4 G4 E4"] * 25)
    assert main(["generate", "lstm", "--notes", notes, "--seed", "7", "--bars", "64", "--out", "a.mid"]) == 0
    assert [n.pitch for n in zoo.read("a.mid").parts[0].notes[:100]] == [60, 64, 67, 64] * 25


def test_generate_without_accompaniment():
    assert main(["generate", "lstm", "--seed", "7", "--bars", "4", "--no-accompaniment", "--out", "a.mid"]) == 0
    assert len(zoo.read("a.mid").parts) == 1


def test_generate_goes_on_from_a_file():
    assert main(["generate", "lstm", "--seed", "7", "--bars", "4", "--no-accompaniment", "--out", "a.abc"]) == 0
    assert main(["generate", "lstm", "--notes", "a.abc", "--seed", "8", "--bars", "8", "--out", "b.mid"]) == 0
    first, second = zoo.read("a.abc"), zoo.read("b.mid")
    assert [n.pitch for n in second.parts[0].notes[: len(first.notes)]] == [n.pitch for n in first.notes]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["generate", "lstm", "--notes", "H9"], "H9"),
        (["generate", "lstm", "--notes", " ".join(["C4"] * 10_000)], "notes"),
        (["generate", "lstm", "--temperature", "-1"], "temperature"),
        (["generate", "lstm", "--temperature", "nan"], "temperature"),
        (["generate", "lstm", "--bars", "3.5"], "bars"),
        (["generate", "lstm", "--style", "polka"], "polka"),
        (["generate", "lstm", "--notes", "missing.mid"], "missing.mid"),
        (["generate", "lstm", "--notes", "png.mid"], "MIDI"),
        (["generate", "lstm", "--notes", "long.mid"], "long"),
        (["generate", "gpt9"], "gpt9"),
        (["generate"], "model"),
        (["train", "nothing", "--out", "x"], "nothing"),
        (["train", "lstm", "--corpus", "nowhere", "--out", "x"], "nowhere"),
        (["train", "lstm", "--out", "png.mid"], "is a file"),
        (["generate", "m" * 5000], "mmm"),
        (["train", "lstm", "--seed", "-1", "--out", "x"], "--seed"),
        (["train", "lstm", "--out", "no/such/folder/run"], "folder"),
        (["frobnicate"], "frobnicate"),
        ([], "VERB"),
    ],
)
def test_every_mistake_gets_one_line_and_status_2(tmp_path, capsys, arguments, word):
    (tmp_path / "png.mid").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    (tmp_path / "long.mid").write_bytes(
        b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x01MTrk\x00\x00\x00\x16"
        b"\x00\xff\x51\x03\xff\xff\xff"  # the slowest tempo: 17 s a quarter note
        b"\x00\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\x00\x00\xff\x2f\x00"  # one note of 2**28 - 1 quarter notes
    )
    assert (tmp_path / "long.mid").stat().st_size == 44
    out = ["--out", "a.mid"] if arguments[:1] == ["generate"] else []
    assert main([*arguments, *out]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and word in shown.err
    assert not (tmp_path / "a.mid").exists()


@pytest.mark.parametrize("path", ["a.xyz", "no/such/a.mid", "."])
def test_bad_outputs_are_refused_before_any_work(capsys, path):
    assert main(["generate", "lstm", "--out", path]) == 2
    assert capsys.readouterr().err.count("\n") == 1
